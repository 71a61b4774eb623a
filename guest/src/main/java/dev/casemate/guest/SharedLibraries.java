package dev.casemate.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Copies the dynamic loader and the shared libraries that programs need from a Debian tree into a
 * root image. Reads ELF files, runs none (ldd runs what it looks at). Stateless.
 */
final class SharedLibraries {
  private static final String LIBRARY_DIRECTORY = "usr/lib/x86_64-linux-gnu";
  private static final List<String> SEARCHED =
      List.of("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib64", "lib64", "usr/lib");

  private SharedLibraries() {}

  /**
   * Copies what is missing.
   *
   * @param source a Debian tree: {@code /} or where packages were unpacked
   * @param root the root image's tree; libraries that lie in it anywhere are not copied
   */
  static void complete(Path source, Path root) throws IOException {
    Set<String> present = new LinkedHashSet<>();
    Deque<Path> unread = new ArrayDeque<>();
    for (Path file : Trees.sorted(root)) {
      if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        present.add(String.valueOf(file.getFileName()));
        unread.add(file);
      }
    }
    while (!unread.isEmpty()) {
      Path file = unread.removeFirst();
      Optional<ElfFile> elf = ElfFile.read(file);
      if (elf.isEmpty()) {
        continue;
      }
      if (elf.get().interpreter().isPresent()) {
        copyLoader(source, root, elf.get().interpreter().get());
      }
      for (String library : elf.get().needed()) {
        if (present.add(library)) {
          unread.add(copy(source, root, library, file));
        }
      }
    }
  }

  private static void copyLoader(Path source, Path root, String interpreter) throws IOException {
    Path target = root.resolve(interpreter.substring(1));
    if (!Files.exists(target)) {
      Path found = source.resolve(interpreter.substring(1));
      Path usable = Files.exists(found) ? found : find(source, baseName(interpreter), root);
      Trees.install(usable, target, "rwxr-xr-x");
    }
  }

  private static String baseName(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static Path copy(Path source, Path root, String library, Path neededBy)
      throws IOException {
    Path target = root.resolve(LIBRARY_DIRECTORY).resolve(library);
    Trees.install(find(source, library, neededBy), target, "rw-r--r--");
    return target;
  }

  private static Path find(Path source, String library, Path neededBy) {
    for (String directory : SEARCHED) {
      Path candidate = source.resolve(directory).resolve(library);
      if (Files.isRegularFile(candidate)) {
        return candidate;
      }
    }
    throw Failures.image(
        "make the root image",
        "the library " + library + " that " + neededBy.getFileName() + " needs is nowhere",
        "");
  }
}
