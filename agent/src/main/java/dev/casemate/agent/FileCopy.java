package dev.casemate.agent;

import com.google.protobuf.ByteString;
import dev.casemate.linux.Descriptor;
import dev.casemate.linux.Errno;
import dev.casemate.linux.FileStatus;
import dev.casemate.linux.Filesystem;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.OpenAccess;
import dev.casemate.linux.OpenFlag;
import dev.casemate.linux.Resolve;
import dev.casemate.protocol.agent.CopyFileRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/**
 * CopyFile: writes a file, directory or symbolic link below {@code /run}. A file comes in pieces;
 * they gather under a name of their own, which replaces the target once the announced size is
 * reached, so that a container never sees half a file. Nothing on the way is followed through a
 * symbolic link, and a link that is made points into its own directory or below. Thread-safe for
 * different paths.
 */
final class FileCopy {
  private static final int TYPE_BITS = 0xf000;
  private static final int PERMISSION_BITS = 0xfff;

  // Directories on the way get no set-id and sticky bits, as in the reference.
  private static final int PLAIN_BITS = 0x1ff;
  private static final int DEFAULT_DIRECTORY_MODE = 0x1e8;
  private static final String PARTIAL = ".casemate-partial-";
  private static final int MAX_LINK = 4095;

  private final GuestTree tree;

  FileCopy(GuestTree tree) {
    this.tree = tree;
  }

  /** Does one request. */
  void copy(CopyFileRequest request) {
    String tried = "copy a file into the guest";
    List<String> names = GuestTree.names(request.getPath(), tried);
    if (request.getOffset() < 0
        || request.getFileSize() < 0
        || request.getOffset() > Long.MAX_VALUE - request.getData().size()) {
      throw RequestError.invalid(tried, "offset and size are out of range");
    }
    int mode = request.getDirMode() & PLAIN_BITS;
    List<String> parents = names.subList(0, names.size() - 1);
    String name = names.getLast();
    try (Descriptor parent = tree.directory(parents, mode == 0 ? DEFAULT_DIRECTORY_MODE : mode)) {
      switch (request.getFileMode() & TYPE_BITS) {
        case 0x4000 -> directory(parent, name, request);
        case 0xa000 -> link(parent, name, request);
        case 0, 0x8000 -> piece(parent, name, request);
        default -> throw RequestError.invalid(tried, "only files, directories and links are made");
      }
    } catch (LinuxException e) {
      throw RequestError.failed(tried, e);
    }
  }

  private void directory(Descriptor parent, String name, CopyFileRequest request) {
    try {
      Filesystem.makeDirectoryAt(parent, name, request.getFileMode() & PLAIN_BITS);
    } catch (LinuxException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
      if (!Filesystem.statusAt(parent, name).isDirectory()) {
        Filesystem.removeAt(parent, name, false);
        Filesystem.makeDirectoryAt(parent, name, request.getFileMode() & PLAIN_BITS);
      }
    }
    try (Descriptor made = open(parent, name, OpenAccess.READ, OpenFlag.DIRECTORY)) {
      made.setOwner(request.getUid(), request.getGid());
      made.setPermissions(request.getFileMode() & PERMISSION_BITS);
    }
  }

  private void link(Descriptor parent, String name, CopyFileRequest request) {
    String target = request.getData().toString(StandardCharsets.UTF_8);
    if (!staysBelow(target)) {
      throw RequestError.invalid(
          "make a symbolic link in the guest", "its target leaves the link's directory");
    }
    String partial = PARTIAL + name;
    removeIfThere(parent, partial);
    Filesystem.symbolicLinkAt(target, parent, partial);
    Filesystem.setOwnerAt(parent, partial, request.getUid(), request.getGid());
    replace(parent, partial, name);
  }

  /** Whether a link's target is relative and never climbs above the link's own directory. */
  static boolean staysBelow(String target) {
    if (target.isEmpty()
        || target.length() > MAX_LINK
        || target.charAt(0) == '/'
        || target.indexOf('\0') >= 0) {
      return false;
    }
    for (String name : target.split("/", -1)) {
      if (name.equals("..")) {
        return false;
      }
    }
    return true;
  }

  private void piece(Descriptor parent, String name, CopyFileRequest request) {
    String partial = PARTIAL + name;
    boolean first = request.getOffset() == 0;
    if (first) {
      removeIfThere(parent, partial);
    }
    try (Descriptor file =
        first
            ? open(parent, partial, OpenAccess.WRITE, OpenFlag.CREATE, OpenFlag.EXCLUSIVE)
            : open(parent, partial, OpenAccess.WRITE, OpenFlag.NON_BLOCKING)) {
      file.seek(request.getOffset());
      write(file, request.getData());
      if (file.status().size() != request.getFileSize()) {
        return;
      }
      file.setOwner(request.getUid(), request.getGid());
      file.setPermissions(request.getFileMode() & PERMISSION_BITS);
    }
    replace(parent, partial, name);
  }

  private static void write(Descriptor file, ByteString data) {
    file.writeAll(data.toByteArray());
  }

  private static void replace(Descriptor parent, String partial, String name) {
    try {
      FileStatus there = Filesystem.statusAt(parent, name);
      if (there.isDirectory()) {
        Filesystem.removeAt(parent, name, true);
      }
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
    }
    Filesystem.renameAt(parent, partial, name);
  }

  private static void removeIfThere(Descriptor parent, String name) {
    try {
      Filesystem.removeAt(parent, name, false);
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
    }
  }

  private static Descriptor open(
      Descriptor parent, String name, OpenAccess access, OpenFlag... flags) {
    return Filesystem.openIn(
        parent, name, Set.of(Resolve.BENEATH, Resolve.NO_SYMLINKS), access, 0x180, flags);
  }
}
