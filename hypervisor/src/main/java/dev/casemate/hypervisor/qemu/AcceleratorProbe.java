package dev.casemate.hypervisor.qemu;

import dev.casemate.core.MachineSummary.Accelerator;
import dev.casemate.core.VmmCredentials;
import dev.casemate.hypervisor.ExitStatus;
import dev.casemate.hypervisor.HostCommand;
import dev.casemate.hypervisor.HostProcess;
import dev.casemate.hypervisor.Supervisor;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Finds out whether KVM really runs guests here: that /dev/kvm exists says nothing where the host
 * is itself a guest, so a probe machine must reach long mode and come back. Costs some 40 ms where
 * KVM works or is refused, and at most the bound where it hangs.
 */
final class AcceleratorProbe {
  /**
   * Working KVM needs some 40 ms; a loaded host may need many times that, a broken one for ever.
   */
  private static final Duration PROBE_BOUND = Duration.ofMillis(2500);

  /** SIGKILL takes effect at once unless the host is in trouble. */
  private static final Duration KILL_BOUND = Duration.ofSeconds(5);

  private static final int REASON_LINES = 1;

  private final Supervisor supervisor;
  private final KvmNode kvm;

  AcceleratorProbe(Supervisor supervisor, KvmNode kvm) {
    this.supervisor = supervisor;
    this.kvm = kvm;
  }

  /**
   * The accelerator to use, from the cache or by a probe.
   *
   * @param directory passable for the credentials' user; files of the probe come and go there
   * @throws CasemateException HOST_UNFIT when KVM is demanded and does not work
   */
  ProbeResult choose(
      QemuSettings settings, Path binary, VmmCredentials credentials, Path directory) {
    ProbeCache cache = new ProbeCache(settings.cacheDirectory(), settings.machine());
    String key = key(settings, binary, credentials);
    Optional<ProbeResult> kept = cache.load(key);
    ProbeResult result = kept.orElseGet(() -> probe(settings, binary, credentials, directory));
    if (settings.accelerator() == AcceleratorChoice.KVM
        && result.accelerator() != Accelerator.KVM) {
      throw new CasemateException(
          ErrorCode.HOST_UNFIT,
          "start a machine under KVM",
          result.reason(),
          "repair KVM, or let the configuration choose the accelerator");
    }
    if (kept.isEmpty()) {
      cache.store(key, result);
    }
    return result;
  }

  private ProbeResult probe(
      QemuSettings settings, Path binary, VmmCredentials credentials, Path directory) {
    Optional<String> obstacle =
        settings.accelerator() == AcceleratorChoice.TCG
            ? Optional.of("the configuration asks for emulation")
            : obstacle(settings.machine(), binary, credentials, directory);
    return obstacle
        .map(why -> new ProbeResult(Accelerator.TCG, why, TscFrequency.find()))
        .orElseGet(
            () -> new ProbeResult(Accelerator.KVM, "a probe machine ran", OptionalLong.empty()));
  }

  /** Everything that a result depends on. */
  private String key(QemuSettings settings, Path binary, VmmCredentials credentials) {
    return String.join(
        " ",
        settings.accelerator().name(),
        settings.machine().label(),
        bootId(),
        System.getProperty("os.version", ""),
        QemuBinary.identity(binary),
        kvm.toString(),
        credentials.uid() == 0 ? "root" : "unprivileged");
  }

  private static String bootId() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    } catch (IOException e) {
      return "";
    }
  }

  /** What keeps guests from running under KVM, or empty when a probe machine ran. */
  Optional<String> obstacle(
      QemuMachine machine, Path binary, VmmCredentials credentials, Path directory) {
    if (!kvm.usableBy(credentials)) {
      return Optional.of(kvm.describe());
    }
    Path kernel = directory.resolve("probe.elf");
    Path log = directory.resolve("probe.log");
    try {
      Files.write(kernel, ProbeKernel.elf());
      Files.setPosixFilePermissions(kernel, PosixFilePermissions.fromString("rw-r--r--"));
      return run(command(machine, Accelerator.KVM, binary, kernel, kvm, credentials), log);
    } catch (IOException e) {
      return Optional.of("the probe could not be written: " + e.getMessage());
    } finally {
      remove(kernel);
      remove(log);
    }
  }

  static HostCommand command(
      QemuMachine machine,
      Accelerator accelerator,
      Path binary,
      Path kernel,
      KvmNode kvm,
      VmmCredentials credentials) {
    List<String> cpu =
        switch (accelerator) {
          case KVM -> List.of("-accel", "kvm", "-cpu", "host");
          case TCG -> List.of("-accel", "tcg", "-cpu", "max");
        };
    List<String> argv = new java.util.ArrayList<>();
    argv.addAll(List.of(binary.toString(), "-M", machine.option()));
    argv.addAll(cpu);
    argv.addAll(List.of("-m", "32", "-nodefaults", "-no-user-config", "-display", "none"));
    argv.addAll(List.of("-no-reboot", "-kernel", kernel.toString()));
    argv.addAll(
        List.of(
            "-device", "isa-debug-exit,iobase=0x%x,iosize=0x04".formatted(ProbeKernel.EXIT_PORT)));
    return new HostCommand("qemu-probe", argv, kvm.confine(credentials), Map.of());
  }

  /** Runs a probe machine; why it failed, or empty when it came back. */
  Optional<String> run(HostCommand command, Path log) {
    HostProcess process = supervisor.spawn(command, log);
    Optional<ExitStatus> status = process.awaitExit(PROBE_BOUND);
    if (status.isEmpty()) {
      process.kill(KILL_BOUND);
      return Optional.of(
          "a probe machine under KVM did not come back in " + PROBE_BOUND.toMillis() + " ms");
    }
    if (status.get() instanceof ExitStatus.Exited(int code) && code == ProbeKernel.SUCCESS_STATUS) {
      return Optional.empty();
    }
    process.awaitOutputEnd(KILL_BOUND);
    List<String> said = process.output().lastLines(REASON_LINES);
    return Optional.of(
        "a probe machine under KVM "
            + status.get().describe()
            + (said.isEmpty() ? "" : ": " + said.getFirst()));
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // It lies in the sandbox's directory and goes with it.
    }
  }
}
