package dev.casemate.cli.image;

import dev.casemate.linux.Errno;
import dev.casemate.linux.Filesystem;
import dev.casemate.linux.LinuxException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Unpacks the layers of one image, lowest first, into one directory, with the whiteouts of the OCI
 * image specification ("Image Layer Filesystem Changeset"). Owned by one thread.
 */
final class LayerUnpacker {
  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";
  private static final int COPY_BYTES = 1 << 17;
  private static final LinkOption NO_FOLLOW = LinkOption.NOFOLLOW_LINKS;

  private final RootDirectory root;
  private final ImageLimits limits;
  private final byte[] buffer = new byte[COPY_BYTES];
  private long bytes;
  private long entries;

  LayerUnpacker(Path root, ImageLimits limits) {
    this.root = new RootDirectory(root);
    this.limits = limits;
  }

  /** Unpacks one layer, an uncompressed tar. */
  void unpack(InputStream layer) throws IOException {
    TarReader tar = new TarReader(layer);
    Set<Path> made = new HashSet<>();
    List<DirectoryTime> times = new ArrayList<>();
    for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
      entries++;
      if (entries > limits.entries()) {
        throw ImageProblem.tooLarge("it has more than " + limits.entries() + " files");
      }
      apply(entry, tar, made, times);
    }
    for (int i = times.size() - 1; i >= 0; i--) {
      DirectoryTime time = times.get(i);
      if (Files.isDirectory(time.path, NO_FOLLOW)) {
        Files.setLastModifiedTime(time.path, FileTime.from(time.seconds, TimeUnit.SECONDS));
      }
    }
  }

  /** A directory's time is set last: making files in it changes it. */
  private record DirectoryTime(Path path, long seconds) {}

  private void apply(TarEntry entry, TarReader tar, Set<Path> made, List<DirectoryTime> times)
      throws IOException {
    Path path = root.place(entry.name());
    Path file = path.getFileName();
    String base = file == null ? "" : file.toString();
    if (base.equals(OPAQUE)) {
      clear(path, made);
      return;
    }
    if (base.startsWith(WHITEOUT) && !path.equals(root.path())) {
      whiteOut(path, base, made);
      return;
    }
    if (path.equals(root.path()) && entry.kind() != TarEntry.Kind.DIRECTORY) {
      throw ImageProblem.malformed("'" + entry.name() + "' would replace the root directory");
    }
    make(entry, tar, path);
    for (Path at = path; at != null && at.startsWith(root.path()); at = at.getParent()) {
      if (!made.add(at)) {
        break;
      }
    }
    if (entry.kind() == TarEntry.Kind.DIRECTORY) {
      times.add(new DirectoryTime(path, entry.seconds()));
    }
  }

  /** Removes what lower layers put beside an opaque marker, not what this one did. */
  private static void clear(Path marker, Set<Path> made) throws IOException {
    Path directory = marker.getParent();
    if (directory == null || !Files.isDirectory(directory, NO_FOLLOW)) {
      return;
    }
    List<Path> children = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      for (Path child : stream) {
        children.add(child);
      }
    }
    for (Path child : children) {
      if (!made.contains(child)) {
        RootDirectory.remove(child);
      }
    }
  }

  private static void whiteOut(Path marker, String base, Set<Path> made) throws IOException {
    String hidden = base.substring(WHITEOUT.length());
    if (hidden.isEmpty() || hidden.equals(".") || hidden.equals("..")) {
      throw ImageProblem.malformed("it has the meaningless whiteout '" + base + "'");
    }
    Path target = marker.resolveSibling(hidden);
    if (!made.contains(target)) {
      RootDirectory.remove(target);
    }
  }

  private void make(TarEntry entry, TarReader tar, Path path) throws IOException {
    boolean keep = entry.kind() == TarEntry.Kind.DIRECTORY && Files.isDirectory(path, NO_FOLLOW);
    if (!keep) {
      RootDirectory.remove(path);
    }
    switch (entry.kind()) {
      case DIRECTORY -> {
        if (!keep) {
          Files.createDirectory(path);
        }
      }
      case FILE -> write(entry, tar, path);
      case SYMBOLIC_LINK -> link(entry, path);
      case HARD_LINK -> {
        Path target = root.find(entry.link());
        if (!Files.isRegularFile(target, NO_FOLLOW) && !Files.isSymbolicLink(target)) {
          throw ImageProblem.malformed(
              "'" + entry.name() + "' is a hard link to '" + entry.link() + "', which is no file");
        }
        Files.createLink(path, target);
        // Owner and mode are those of the file that it names.
        return;
      }
      case FIFO -> Filesystem.makeFifo(path.toString(), entry.mode());
      case DEVICE -> {
        return;
      }
    }
    setAttributes(entry, path);
  }

  private static void link(TarEntry entry, Path path) throws IOException {
    if (entry.link().isEmpty()) {
      throw ImageProblem.malformed("'" + entry.name() + "' is a symbolic link to nothing");
    }
    Files.createSymbolicLink(path, Path.of(entry.link()));
  }

  private void write(TarEntry entry, TarReader tar, Path path) throws IOException {
    bytes += entry.size();
    if (bytes > limits.bytes() || bytes < 0) {
      throw ImageProblem.tooLarge("its files are larger than " + limits.bytes() + " bytes");
    }
    try (OutputStream out =
            Files.newOutputStream(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        InputStream content = tar.content()) {
      for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
        out.write(buffer, 0, n);
      }
    }
  }

  private static void setAttributes(TarEntry entry, Path path) throws IOException {
    Files.setAttribute(path, "unix:uid", (int) entry.uid(), NO_FOLLOW);
    Files.setAttribute(path, "unix:gid", (int) entry.gid(), NO_FOLLOW);
    for (Map.Entry<String, byte[]> attribute : entry.attributes().entrySet()) {
      setAttribute(path, attribute.getKey(), attribute.getValue());
    }
    if (entry.kind() == TarEntry.Kind.SYMBOLIC_LINK) {
      return;
    }
    // After the owner: changing that clears the set-user-id bit.
    Files.setAttribute(path, "unix:mode", entry.mode(), NO_FOLLOW);
    if (entry.kind() == TarEntry.Kind.FILE) {
      Files.setLastModifiedTime(path, FileTime.from(entry.seconds(), TimeUnit.SECONDS));
    }
  }

  /**
   * Only the classes that change what a file may do in a container; others ({@code trusted.overlay}
   * above all) mean something to the host.
   */
  private static void setAttribute(Path path, String name, byte[] value) throws IOException {
    if (!name.equals("security.capability") && !name.startsWith("user.")) {
      return;
    }
    try {
      Filesystem.setExtendedAttribute(path.toString(), name, value);
    } catch (LinuxException refused) {
      if (refused.errno() != Errno.EOPNOTSUPP) {
        throw refused.toIoException();
      }
      // tmpfs before Linux 6.6 knows no user attributes; programs do without.
    }
  }
}
