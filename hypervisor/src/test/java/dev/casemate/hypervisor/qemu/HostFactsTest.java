package dev.casemate.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.core.MachineSummary.Accelerator;
import dev.casemate.core.VmmCredentials;
import dev.casemate.hypervisor.ScratchDirectory;
import dev.casemate.hypervisor.Supervisor;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Probe, cache, frequency, kernel command line, guest files and crash bundles. */
class HostFactsTest {
  private static final VmmCredentials ROOT = new VmmCredentials(0, 0);
  private static final KvmNode NO_KVM = KvmNode.look(Path.of("/nonexistent/kvm"));

  private final ScratchDirectory scratch = new ScratchDirectory();

  @AfterEach
  void clean() {
    scratch.close();
  }

  private QemuSettings settings(AcceleratorChoice choice) {
    return new QemuSettings(
        Optional.empty(),
        QemuMachine.MICROVM,
        choice,
        scratch.file("cache"),
        scratch.file("crash"),
        true,
        List.of());
  }

  @ParameterizedTest
  @EnumSource(QemuMachine.class)
  void theProbeKernelRunsWhereGuestsCanRun(QemuMachine machine) throws IOException {
    Path kernel = scratch.file("probe.elf");
    Files.write(kernel, ProbeKernel.elf());
    KernelImage.check(kernel);
    try (Supervisor supervisor = new Supervisor()) {
      // A loaded host may miss the probe's bound; that it cannot miss it every time is enough.
      Optional<String> failure = Optional.empty();
      for (int i = 0; i < 20; i++) {
        failure =
            new AcceleratorProbe(supervisor, NO_KVM)
                .run(
                    AcceleratorProbe.command(
                        machine,
                        Accelerator.TCG,
                        QemuBinary.find(Optional.empty()),
                        kernel,
                        NO_KVM,
                        ROOT),
                    scratch.file("probe.log"));
        if (failure.isEmpty()) {
          return;
        }
      }
      assertThat(failure).isEmpty();
    }
  }

  @Test
  void withoutKvmGuestsAreEmulatedAndTheAnswerIsKept() {
    try (Supervisor supervisor = new Supervisor()) {
      AcceleratorProbe probe = new AcceleratorProbe(supervisor, NO_KVM);
      Path qemu = QemuBinary.find(Optional.empty());
      ProbeResult first =
          probe.choose(settings(AcceleratorChoice.AUTO), qemu, ROOT, scratch.path());
      assertThat(first.accelerator()).isEqualTo(Accelerator.TCG);
      assertThat(first.reason()).contains("/nonexistent/kvm");
      assertThat(scratch.file("cache/probe-microvm.json")).exists();
      assertThat(probe.choose(settings(AcceleratorChoice.AUTO), qemu, ROOT, scratch.path()))
          .isEqualTo(first);
      assertThatThrownBy(
              () -> probe.choose(settings(AcceleratorChoice.KVM), qemu, ROOT, scratch.path()))
          .isInstanceOfSatisfying(
              CasemateException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.HOST_UNFIT));
    }
  }

  @Test
  void theCacheAnswersOnlyForItsCircumstances() throws IOException {
    ProbeCache cache = new ProbeCache(scratch.path(), QemuMachine.Q35);
    ProbeResult result = new ProbeResult(Accelerator.TCG, "why", OptionalLong.of(2_596_096));
    assertThat(cache.load("k")).isEmpty();
    cache.store("k", result);
    assertThat(cache.load("k")).contains(result);
    assertThat(cache.load("other")).isEmpty();
    for (String damage : List.of("", "{", "{\"format\":1,\"key\":\"k\",\"accelerator\":\"X\"}")) {
      Files.writeString(scratch.file("probe-q35.json"), damage);
      assertThat(cache.load("k")).isEmpty();
    }
    ProbeResult kvm = new ProbeResult(Accelerator.KVM, "ran", OptionalLong.empty());
    cache.store("k", kvm);
    assertThat(cache.load("k")).contains(kvm);
  }

  @Test
  void findsTheCountersFrequencyWhereverItIs() {
    String detected = "[    0.00] tsc: Detected 2596.096 MHz processor\n";
    assertThat(TscFrequency.inLog(detected)).hasValue(2_596_096);
    assertThat(TscFrequency.inLog(detected + "[1] tsc: Detected 2500.000 MHz TSC\n"))
        .hasValue(2_500_000);
    assertThat(
            TscFrequency.inLog(
                detected + "[1] tsc: Refined TSC clocksource calibration: 2595.124 MHz\n"))
        .hasValue(2_595_124);
    assertThat(TscFrequency.inLog("nothing")).isEmpty();
    assertThat(TscFrequency.inCpuInfo("cpu MHz\t\t: 2596.096\nflags\t\t: fpu hypervisor lm\n"))
        .hasValue(2_596_096);
    assertThat(
            TscFrequency.inCpuInfo(
                "model name\t: Intel(R) Xeon(R) CPU @ 2.60GHz\ncpu MHz\t\t: 800.1\nflags\t\t: fpu\n"))
        .hasValue(2_600_000);
    assertThat(TscFrequency.inCpuInfo("")).isEmpty();
    assertThat(TscFrequency.find()).isPresent();
  }

  @Test
  void theKernelIsToldWhatTheAcceleratorNeeds() {
    String tcg =
        KernelCommandLine.of(
            List.of("root=/dev/vda", "quiet"),
            Accelerator.TCG,
            OptionalLong.of(2_596_096),
            List.of("debug"));
    assertThat(tcg)
        .isEqualTo(
            "root=/dev/vda quiet console=ttyS0 8250.nr_uarts=1 oops=panic panic=-1 reboot=t"
                + " random.trust_cpu=on cryptomgr.notests mitigations=off no_timer_check"
                + " noreplace-smp tsc=reliable tsc_early_khz=2596096 debug");
    assertThat(
            KernelCommandLine.of(List.of(), Accelerator.KVM, OptionalLong.of(2_596_096), List.of()))
        .doesNotContain("tsc", "mitigations");
    for (String bad : List.of("", "a b", "a\nb", "\u00e9", "x".repeat(2100))) {
      assertThatThrownBy(() ->
              KernelCommandLine.of(List.of(bad), Accelerator.KVM, OptionalLong.empty(), List.of()))
          .isInstanceOfSatisfying(
              CasemateException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.GUEST_IMAGE));
    }
  }

  private Path written(byte[] content) {
    try {
      return Files.write(scratch.file("file"), content);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void assertDamaged(Runnable check) {
    assertThatThrownBy(check::run)
        .isInstanceOfSatisfying(
            CasemateException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.GUEST_IMAGE));
  }

  @Test
  void damagedKernelsAreRecognised() {
    byte[] elf = ProbeKernel.elf();
    KernelImage.check(written(elf));
    assertDamaged(() -> KernelImage.check(written(java.util.Arrays.copyOf(elf, elf.length - 1))));
    byte[] arm = elf.clone();
    arm[18] = (byte) 183;
    assertDamaged(() -> KernelImage.check(written(arm)));
    assertDamaged(() -> KernelImage.check(written(new byte[0])));
    assertDamaged(() -> KernelImage.check(written(new byte[100_000])));
    assertDamaged(() -> KernelImage.check(scratch.file("missing")));
  }

  @Test
  void damagedImagesAreRecognised() {
    RootImage.check(written(StockGuest.image()));
    byte[] erofs = new byte[8192];
    java.nio.ByteBuffer.wrap(erofs)
        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
        .putInt(1024, 0xE0F5E1E2)
        .put(1036, (byte) 12)
        .putInt(1060, 2);
    RootImage.check(written(erofs));
    assertDamaged(() -> RootImage.check(written(java.util.Arrays.copyOf(erofs, 8191))));
    byte[] odd = erofs.clone();
    odd[1036] = 60;
    assertDamaged(() -> RootImage.check(written(odd)));
    assertDamaged(() -> RootImage.check(written(new byte[8192])));
    assertDamaged(() -> RootImage.check(written(new byte[10])));
  }

  @Test
  void onlyTheNewestBundlesAreKept() throws IOException {
    CrashBundle bundle =
        new CrashBundle("a/b c", "VMM_DIED: x", List.of("qemu", "-m"), List.of("out"), List.of());
    Instant start = Instant.parse("2026-01-01T00:00:00Z");
    for (int i = 0; i < CrashBundle.KEPT + 5; i++) {
      assertThat(bundle.write(scratch.file("crash"), start.plusSeconds(i))).isPresent();
    }
    try (var files = Files.list(scratch.file("crash"))) {
      List<String> names = files.map(f -> f.getFileName().toString()).sorted().toList();
      assertThat(names).hasSize(CrashBundle.KEPT);
      assertThat(names.getFirst()).startsWith("20260101-000005-000-a_b_c-");
    }
    assertThat(bundle.text()).contains("machine: a/b c", "== VMM output ==\nout\n", "-m\n");
    assertThat(bundle.write(Path.of("/proc/nowhere"), start)).isEmpty();
  }
}
