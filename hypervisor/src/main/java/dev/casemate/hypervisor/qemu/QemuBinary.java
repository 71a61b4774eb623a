package dev.casemate.hypervisor.qemu;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds QEMU on the host and tells one build of it from another. */
final class QemuBinary {
  private static final List<Path> USUAL_PLACES =
      List.of(
          Path.of("/usr/bin/qemu-system-x86_64"),
          Path.of("/usr/local/bin/qemu-system-x86_64"),
          Path.of("/usr/libexec/qemu-kvm"),
          Path.of("/usr/bin/qemu-kvm"));

  private QemuBinary() {}

  /**
   * The program to run.
   *
   * @throws CasemateException HOST_UNFIT, with what was looked for
   */
  static Path find(Optional<Path> configured) {
    List<Path> candidates = configured.map(List::of).orElse(USUAL_PLACES);
    return candidates.stream()
        .filter(Files::isExecutable)
        .filter(Files::isRegularFile)
        .findFirst()
        .orElseThrow(() -> missing(candidates));
  }

  private static CasemateException missing(List<Path> candidates) {
    return new CasemateException(
        ErrorCode.HOST_UNFIT,
        "find QEMU",
        "no executable at "
            + candidates.stream().map(Path::toString).collect(Collectors.joining(", ")),
        "install it (Debian: apt-get install qemu-system-x86) or name it in the configuration");
  }

  /** Changes whenever the file is replaced. */
  static String identity(Path binary) {
    try {
      Path real = binary.toRealPath();
      BasicFileAttributes file = Files.readAttributes(real, BasicFileAttributes.class);
      return real
          + ":"
          + file.size()
          + ":"
          + file.lastModifiedTime().toMillis()
          + ":"
          + file.fileKey();
    } catch (IOException e) {
      throw new CasemateException(
          ErrorCode.HOST_UNFIT, "look at " + binary, String.valueOf(e.getMessage()), "", e);
    }
  }
}
