package dev.casemate.host.storage;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.configuration.VirtioFsCache;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * An installed virtiofsd.
 *
 * @param program its path
 * @param dialect which options it takes
 */
record VirtioFsProgram(Path program, Dialect dialect) {
  /** The two implementations. */
  enum Dialect {
    /** QEMU's own, in C, up to QEMU 7.2 (Debian 12). */
    C,
    /** The one of the virtio-fs project, in Rust (Debian 13). */
    RUST
  }

  private static final Path RUST_PROGRAM = Path.of("/usr/libexec/virtiofsd");
  private static final Path C_PROGRAM = Path.of("/usr/lib/qemu/virtiofsd");

  /** Printing a help text takes milliseconds; a loaded host may take a thousand times longer. */
  private static final long HELP_BOUND_SECONDS = 30;

  /**
   * The program to use.
   *
   * @param configured the one to take, or empty to look at the usual places
   * @return empty when none is installed
   * @throws CasemateException HOST_UNFIT when the configured one does not exist
   */
  static Optional<VirtioFsProgram> find(Optional<Path> configured) {
    if (configured.isPresent()) {
      Path program = configured.get();
      if (!Files.isExecutable(program)) {
        throw new CasemateException(
            ErrorCode.HOST_UNFIT,
            "use the file daemon " + program,
            "there is no such program",
            "correct hypervisor.qemu.virtio_fs_daemon");
      }
      return Optional.of(new VirtioFsProgram(program, dialect(program)));
    }
    if (Files.isExecutable(RUST_PROGRAM)) {
      return Optional.of(new VirtioFsProgram(RUST_PROGRAM, Dialect.RUST));
    }
    return Files.isExecutable(C_PROGRAM)
        ? Optional.of(new VirtioFsProgram(C_PROGRAM, Dialect.C))
        : Optional.empty();
  }

  /** Told apart by the one option that only the newer one has and needs. */
  private static Dialect dialect(Path program) {
    if (program.equals(RUST_PROGRAM)) {
      return Dialect.RUST;
    }
    if (program.equals(C_PROGRAM)) {
      return Dialect.C;
    }
    try {
      Process help =
          new ProcessBuilder(program.toString(), "--help")
              .redirectInput(new File("/dev/null"))
              .redirectErrorStream(true)
              .start();
      String text = new String(help.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!help.waitFor(HELP_BOUND_SECONDS, TimeUnit.SECONDS)) {
        help.destroyForcibly();
      }
      return text.contains("--shared-dir") ? Dialect.RUST : Dialect.C;
    } catch (IOException failure) {
      throw new CasemateException(
          ErrorCode.HOST_UNFIT,
          "ask the file daemon " + program + " for its options",
          String.valueOf(failure.getMessage()),
          "",
          failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new CasemateException(
          ErrorCode.CANCELLED, "ask the file daemon", "the caller gave up", "", interrupted);
    }
  }

  /**
   * The whole command line. The daemon locks itself into the directory (mount, pid and network
   * namespaces, pivot_root), filters its system calls and keeps only the capabilities that it needs
   * to act for the users of the guest. Neither of them takes a string of a bundle or a guest.
   */
  List<String> arguments(Path socket, Path directory, VirtioFsCache cache) {
    return switch (dialect) {
      case C ->
          List.of(
              program.toString(),
              "-f",
              "--socket-path=" + socket,
              "-o",
              "source=" + optionText(directory),
              "-o",
              "cache=" + (cache == VirtioFsCache.NEVER ? "none" : cache.text()),
              "-o",
              "sandbox=namespace",
              "-o",
              "xattr",
              "-o",
              "announce_submounts",
              "-o",
              "log_level=warn");
      case RUST ->
          List.of(
              program.toString(),
              "--socket-path=" + socket,
              "--shared-dir=" + directory,
              "--cache=" + cache.text(),
              "--sandbox=namespace",
              "--seccomp=kill",
              "--xattr",
              "--announce-submounts",
              "--inode-file-handles=never",
              "--log-level=warn");
    };
  }

  /** FUSE's option parser ends a value at a comma. */
  private static String optionText(Path path) {
    return path.toString().replace("\\", "\\\\").replace(",", "\\,");
  }
}
