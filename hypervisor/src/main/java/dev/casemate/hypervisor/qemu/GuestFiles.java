package dev.casemate.hypervisor.qemu;

import dev.casemate.core.GuestSoftware;
import dev.casemate.core.MachineDevice;
import dev.casemate.core.MachineSpec;
import dev.casemate.core.VmmCredentials;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the files that QEMU is about to open, with QEMU's eyes: an unreadable or damaged file is
 * named here, where afterwards there is only a silent guest.
 */
final class GuestFiles {
  private static final int READ = 4;
  private static final int WRITE = 2;
  private static final int SEARCH = 1;
  private static final int TYPE_MASK = 0xf000;
  private static final int TYPE_REGULAR = 0x8000;
  private static final int TYPE_BLOCK = 0x6000;
  private static final int TYPE_DIRECTORY = 0x4000;
  private static final String ADVICE = "build or install the guest again";

  private GuestFiles() {}

  /** What a path names, symbolic links followed. */
  enum Kind {
    REGULAR,
    BLOCK_DEVICE,
    DIRECTORY,
    OTHER,
    MISSING
  }

  /** Looks at a path. */
  static Kind kind(Path path) {
    Attributes attributes = attributes(path);
    if (attributes == null) {
      return Kind.MISSING;
    }
    return switch (attributes.mode & TYPE_MASK) {
      case TYPE_REGULAR -> Kind.REGULAR;
      case TYPE_BLOCK -> Kind.BLOCK_DEVICE;
      case TYPE_DIRECTORY -> Kind.DIRECTORY;
      default -> Kind.OTHER;
    };
  }

  /**
   * Checks everything that the spec names.
   *
   * @throws CasemateException GUEST_IMAGE for the guest's own files, NOT_FOUND or HOST_UNFIT for a
   *     device's
   */
  static void check(MachineSpec spec) {
    VmmCredentials who = spec.credentials();
    GuestSoftware guest = spec.guest();
    guestFile("guest kernel", guest.kernel(), who);
    guest.initrd().ifPresent(initrd -> guestFile("guest initrd", initrd, who));
    guestFile("guest root image", guest.rootImage(), who);
    KernelImage.check(guest.kernel());
    RootImage.check(guest.rootImage());
    for (MachineDevice device : spec.devices()) {
      switch (device) {
        case MachineDevice.Block b -> blockFile(b, who);
        case MachineDevice.NineP p -> sharedDirectory(p, who);
        case MachineDevice.VirtioFs f -> {}
        case MachineDevice.NetworkCard n -> {}
      }
    }
  }

  private static void guestFile(String what, Path path, VmmCredentials who) {
    switch (kind(path)) {
      case REGULAR -> {}
      case MISSING -> throw broken(what, path, "it does not exist", null);
      case BLOCK_DEVICE, DIRECTORY, OTHER ->
          throw broken(what, path, "it is not a regular file", null);
    }
    String obstacle = obstacle(path, READ, who);
    if (obstacle != null) {
      throw broken(what, path, obstacle, null);
    }
  }

  private static void blockFile(MachineDevice.Block block, VmmCredentials who) {
    String tried = "attach " + block.file() + " as a block device";
    switch (kind(block.file())) {
      case REGULAR, BLOCK_DEVICE -> {}
      case MISSING ->
          throw new CasemateException(ErrorCode.NOT_FOUND, tried, "it does not exist", "");
      case DIRECTORY, OTHER ->
          throw new CasemateException(
              ErrorCode.INVALID_ARGUMENT, tried, "it is neither a file nor a block device", "");
    }
    String obstacle = obstacle(block.file(), block.readOnly() ? READ : READ | WRITE, who);
    if (obstacle != null) {
      throw new CasemateException(ErrorCode.HOST_UNFIT, tried, obstacle, "");
    }
  }

  private static void sharedDirectory(MachineDevice.NineP share, VmmCredentials who) {
    String tried = "share " + share.directory() + " through 9p";
    if (kind(share.directory()) != Kind.DIRECTORY) {
      throw new CasemateException(ErrorCode.NOT_FOUND, tried, "it is no directory", "");
    }
    String obstacle = obstacle(share.directory(), READ | SEARCH, who);
    if (obstacle != null) {
      throw new CasemateException(ErrorCode.HOST_UNFIT, tried, obstacle, "");
    }
  }

  /** Owner, group and mode of a file. */
  private record Attributes(int mode, int uid, int gid) {
    boolean grants(int wanted, VmmCredentials who) {
      int granted = uid == who.uid() ? mode >> 6 : gid == who.gid() ? mode >> 3 : mode;
      return who.uid() == 0 || (granted & wanted) == wanted;
    }
  }

  private static @Nullable Attributes attributes(Path path) {
    try {
      Map<String, Object> values = Files.readAttributes(path, "unix:mode,uid,gid");
      return new Attributes(value(values, "mode"), value(values, "uid"), value(values, "gid"));
    } catch (IOException e) {
      return null;
    }
  }

  private static int value(Map<String, Object> values, String name) {
    return values.get(name) instanceof Integer i ? i : 0;
  }

  /**
   * What keeps that identity from the file, by permission bits alone: access control lists and
   * security modules may still say no.
   */
  static @Nullable String obstacle(Path path, int wanted, VmmCredentials who) {
    Path real;
    try {
      real = path.toRealPath();
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
    for (Path up = real.getParent(); up != null; up = up.getParent()) {
      Attributes directory = attributes(up);
      if (directory == null || !directory.grants(SEARCH, who)) {
        return "the VMM's user " + who.uid() + " may not enter " + up;
      }
    }
    Attributes file = attributes(real);
    return file != null && file.grants(wanted, who)
        ? null
        : "the VMM's user " + who.uid() + " may not open " + real;
  }

  /** The first bytes of a file, fewer when it is shorter, little-endian. */
  static ByteBuffer head(Path path, int size, String what) {
    ByteBuffer head = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      while (head.hasRemaining() && file.read(head) >= 0) {
        // until the buffer is full or the file has ended
      }
      return head.flip();
    } catch (IOException e) {
      throw broken(what, path, String.valueOf(e.getMessage()), e);
    }
  }

  /** The file's size in bytes. */
  static long size(Path path, String what) {
    try {
      return Files.size(path);
    } catch (NoSuchFileException e) {
      throw broken(what, path, "it does not exist", e);
    } catch (IOException e) {
      throw broken(what, path, String.valueOf(e.getMessage()), e);
    }
  }

  static CasemateException broken(String what, Path path, String why, @Nullable Throwable cause) {
    return new CasemateException(
        ErrorCode.GUEST_IMAGE, "use the " + what + " " + path, why, ADVICE, cause);
  }
}
