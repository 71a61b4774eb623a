package dev.casemate.cli;

import dev.casemate.core.GuestSoftware;
import dev.casemate.host.AcceleratorCheck;
import dev.casemate.host.HostRuntime;
import dev.casemate.host.configuration.ConfigurationFile;
import dev.casemate.model.CasemateException;
import dev.casemate.model.configuration.Configuration;
import dev.casemate.model.configuration.QemuConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks at this host, one need after the other; nothing is changed, and nothing stays. */
final class HostCheck {
  private static final List<String> DIRECTORIES =
      List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");
  private static final List<Path> QEMU = List.of(Path.of("/usr/bin/qemu-system-x86_64"));
  private static final List<Path> FILE_DAEMON =
      List.of(Path.of("/usr/libexec/virtiofsd"), Path.of("/usr/lib/qemu/virtiofsd"));

  /** State, sockets and logs; what containers of images write, crash bundles, a probe's verdict. */
  private static final List<Path> WRITTEN =
      List.of(Path.of("/run/casemate"), Path.of("/var/lib/casemate"));

  private static final long MEBIBYTE = 1 << 20;

  /** A sandbox leaves some 100 KiB there while it lives, and a crash bundle as much for good. */
  private static final long LEAST_FREE_BYTES = 16 * MEBIBYTE;

  List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    findings.add(user());
    findings.add(programs());
    Configuration configuration;
    try {
      configuration = ConfigurationFile.read(ConfigurationFile.INSTALLED).configuration();
      String origin =
          Files.exists(ConfigurationFile.INSTALLED) ? " and defaults" : " is not there: defaults";
      findings.add(Finding.good("configuration", ConfigurationFile.INSTALLED + origin));
    } catch (CasemateException malformed) {
      findings.add(Finding.missing("configuration", malformed.why(), malformed.advice()));
      configuration = Configuration.defaults();
    }
    QemuConfiguration qemu =
        switch (configuration.hypervisor()) {
          case QemuConfiguration chosen -> chosen;
        };
    findings.add(file("qemu", qemu.path(), QEMU, "apt install qemu-system-x86"));
    findings.add(
        file(
            "virtiofsd",
            qemu.virtioFsDaemon(),
            FILE_DAEMON,
            "apt install virtiofsd (Debian 13) or qemu-system-common (Debian 12)"));
    findings.add(guest(configuration));
    findings.add(accelerator(qemu));
    findings.add(controlGroups());
    findings.add(space());
    return findings;
  }

  private static Finding user() {
    try {
      Object uid = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
      return uid.equals(0)
          ? Finding.good("user", "root")
          : Finding.missing("user", "uid " + uid, "run casemate as root");
    } catch (IOException | UnsupportedOperationException failure) {
      return Finding.missing("user", "unknown: " + failure.getMessage(), "mount /proc");
    }
  }

  private static Finding programs() {
    StringBuilder absent = new StringBuilder();
    for (String program : List.of("setsid", "unshare", "nsenter", "setpriv", "stty")) {
      boolean found = false;
      for (String directory : DIRECTORIES) {
        found |= Files.isExecutable(Path.of(directory, program));
      }
      if (!found) {
        absent.append(absent.isEmpty() ? "" : ", ").append(program);
      }
    }
    return absent.isEmpty()
        ? Finding.good("programs", "setsid, unshare, nsenter, setpriv, stty")
        : Finding.missing("programs", "without " + absent, "apt install util-linux coreutils");
  }

  private static Finding file(
      String subject, Optional<Path> configured, List<Path> usual, String advice) {
    List<Path> candidates = configured.isPresent() ? List.of(configured.get()) : usual;
    for (Path candidate : candidates) {
      if (Files.isExecutable(candidate)) {
        return Finding.good(subject, candidate.toString());
      }
    }
    return Finding.missing(subject, "not at " + candidates, advice);
  }

  private static Finding guest(Configuration configuration) {
    try {
      GuestSoftware guest = new HostRuntime(Installation.home(), configuration).guest();
      return Finding.good("guest", guest.kernelRelease() + ", " + guest.rootImage());
    } catch (CasemateException missing) {
      return Finding.missing("guest", missing.why(), missing.advice());
    }
  }

  private static Finding accelerator(QemuConfiguration qemu) {
    Path scratch;
    try {
      scratch = Files.createTempDirectory("casemate-check-");
    } catch (IOException failure) {
      return Finding.missing(
          "accelerator", String.valueOf(failure.getMessage()), "free some space");
    }
    try {
      AcceleratorCheck check = AcceleratorCheck.run(qemu, scratch);
      return check.kvm()
          ? Finding.good("accelerator", "kvm: " + check.reason())
          : new Finding(
              Finding.Verdict.SLOW,
              "accelerator",
              "tcg: " + check.reason(),
              "use a host with working KVM, bare metal or with nested virtualization");
    } catch (CasemateException failure) {
      return Finding.missing("accelerator", failure.why(), failure.advice());
    } finally {
      removeScratch(scratch);
    }
  }

  private static void removeScratch(Path scratch) {
    try {
      TemporaryBundle.remove(scratch);
    } catch (IOException _) {
      // A few empty files in the directory for temporary files.
    }
  }

  private static Finding controlGroups() {
    Path root = Path.of("/sys/fs/cgroup");
    if (Files.exists(root.resolve("cgroup.controllers"))) {
      return Finding.good("control groups", "version 2");
    }
    return Files.isDirectory(root.resolve("memory"))
        ? Finding.good("control groups", "version 1")
        : Finding.missing("control groups", "none at " + root, "mount cgroup2 there");
  }

  private static Finding space() {
    StringBuilder found = new StringBuilder();
    boolean enough = true;
    for (Path directory : WRITTEN) {
      long free = free(directory);
      enough &= free >= LEAST_FREE_BYTES;
      found.append(found.isEmpty() ? "" : ", ").append(free / MEBIBYTE).append(" MiB below ");
      found.append(directory);
    }
    return enough
        ? Finding.good("free space", found.toString())
        : Finding.missing(
            "free space",
            found.toString(),
            "free " + LEAST_FREE_BYTES / MEBIBYTE + " MiB in each, and let root write there");
  }

  /** Bytes that can be written below a directory that may not exist yet. */
  private static long free(Path directory) {
    Path existing = directory;
    while (existing.getParent() != null && !Files.isDirectory(existing)) {
      existing = existing.getParent();
    }
    try {
      return Files.isWritable(existing) ? Files.getFileStore(existing).getUsableSpace() : 0;
    } catch (IOException unknown) {
      return 0;
    }
  }
}
