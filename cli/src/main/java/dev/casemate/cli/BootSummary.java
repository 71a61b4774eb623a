package dev.casemate.cli;

import dev.casemate.core.MachineSummary;
import dev.casemate.core.Phases;
import java.util.List;

/** What people are told about a machine that was booted for them. */
final class BootSummary {
  private static final long MEBIBYTE = 1 << 20;

  private BootSummary() {}

  /**
   * One line, such as {@code booted 6.1.0-44-cloud-amd64 · qemu 7.2.22 microvm · tcg · 1 vCPU ·
   * 2048 MiB · 1.9 s}.
   */
  static String line(MachineSummary machine, List<Phases.Phase> phases) {
    String accelerator =
        switch (machine.accelerator()) {
          case KVM -> "kvm";
          case TCG -> "tcg";
        };
    return "booted "
        + machine.kernelRelease()
        + " · "
        + machine.vmm()
        + " "
        + machine.machine()
        + " · "
        + accelerator
        + " · "
        + machine.vcpus()
        + (machine.vcpus() == 1 ? " vCPU · " : " vCPUs · ")
        + machine.memoryBytes() / MEBIBYTE
        + " MiB · "
        + seconds(total(phases))
        + " s";
  }

  /** Loudly, once for a run: why everything is slow. */
  static String emulationWarning() {
    return "no usable KVM on this host: the machine is emulated, expect it to be slow";
  }

  private static long total(List<Phases.Phase> phases) {
    return phases.isEmpty() ? 0 : phases.get(phases.size() - 1).end().toMillis();
  }

  /** With one digit behind the point. */
  private static String seconds(long millis) {
    long tenths = (millis + 50) / 100;
    return tenths / 10 + "." + tenths % 10;
  }
}
