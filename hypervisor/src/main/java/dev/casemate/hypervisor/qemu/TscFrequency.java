package dev.casemate.hypervisor.qemu;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The frequency of the host's time stamp counter, which an emulated guest counts with. There is no
 * file that holds it: the kernel logs it at boot, and /proc/cpuinfo shows it (or the CPU's nominal
 * frequency, which it equals on every CPU with an invariant counter, give or take rounding).
 */
final class TscFrequency {
  private static final List<Pattern> LOGGED =
      List.of(
          Pattern.compile("tsc: Refined TSC clocksource calibration: (\\d+)\\.(\\d{3}) MHz"),
          Pattern.compile("tsc: Detected (\\d+)\\.(\\d{3}) MHz TSC"),
          Pattern.compile("tsc: Detected (\\d+)\\.(\\d{3}) MHz processor"));

  private static final Pattern CPU_MHZ = Pattern.compile("(?m)^cpu MHz\\s*: (\\d+)\\.(\\d{3})");
  private static final Pattern NOMINAL = Pattern.compile("@ (\\d+)\\.(\\d{2})GHz");
  private static final Pattern GUEST = Pattern.compile("(?m)^flags\\s*:.*\\bhypervisor\\b");

  /** A kernel's log buffer holds up to a few MiB; the line that we want is near its start. */
  private static final int LOG_BYTES = 4 << 20;

  private static final int CPUINFO_BYTES = 64 * 1024;

  /** dmesg prints from memory; longer means a stuck host. */
  private static final long DMESG_BOUND_SECONDS = 5;

  private static final long KHZ_PER_MHZ = 1000;
  private static final long KHZ_PER_GHZ = 1_000_000;
  private static final long KHZ_PER_HUNDREDTH_GHZ = 10_000;

  private TscFrequency() {}

  /** The frequency in kHz, or empty when the host does not tell. */
  static OptionalLong find() {
    OptionalLong logged = inLog(run("dmesg"));
    return logged.isPresent() ? logged : inCpuInfo(head(Path.of("/proc/cpuinfo"), CPUINFO_BYTES));
  }

  /** From the kernel's log: the calibrated value where there is one, else the detected one. */
  static OptionalLong inLog(String log) {
    for (Pattern pattern : LOGGED) {
      Matcher matcher = pattern.matcher(log);
      if (matcher.find()) {
        return OptionalLong.of(
            Long.parseLong(matcher.group(1)) * KHZ_PER_MHZ + Long.parseLong(matcher.group(2)));
      }
    }
    return OptionalLong.empty();
  }

  /**
   * From /proc/cpuinfo. In a virtual machine "cpu MHz" is the counter's frequency; on bare metal it
   * is what the core happens to run at, so there the nominal frequency in the model's name is used.
   */
  static OptionalLong inCpuInfo(String cpuInfo) {
    Matcher megahertz = CPU_MHZ.matcher(cpuInfo);
    if (GUEST.matcher(cpuInfo).find() && megahertz.find()) {
      return OptionalLong.of(
          Long.parseLong(megahertz.group(1)) * KHZ_PER_MHZ + Long.parseLong(megahertz.group(2)));
    }
    Matcher nominal = NOMINAL.matcher(cpuInfo);
    return nominal.find()
        ? OptionalLong.of(
            Long.parseLong(nominal.group(1)) * KHZ_PER_GHZ
                + Long.parseLong(nominal.group(2)) * KHZ_PER_HUNDREDTH_GHZ)
        : OptionalLong.empty();
  }

  private static String head(Path file, int most) {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(most), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  /** What a program prints, cut at {@link #LOG_BYTES}; empty when it cannot be run. */
  private static String run(String program) {
    Process process;
    try {
      process =
          new ProcessBuilder(program)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .redirectInput(new java.io.File("/dev/null"))
              .start();
    } catch (IOException e) {
      return "";
    }
    // The watchdog ends a stuck program, and with it the read below.
    Thread watchdog = Thread.ofVirtual().name("dmesg-watchdog").start(() -> endAfterBound(process));
    try (InputStream in = process.getInputStream()) {
      return new String(in.readNBytes(LOG_BYTES), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    } finally {
      process.destroyForcibly();
      watchdog.interrupt();
    }
  }

  private static void endAfterBound(Process process) {
    try {
      if (!process.waitFor(DMESG_BOUND_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
