package dev.casemate.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.core.GuestChannel;
import dev.casemate.core.GuestSoftware;
import dev.casemate.core.MachineDevice;
import dev.casemate.core.MachineSpec;
import dev.casemate.core.MachineSummary;
import dev.casemate.core.VirtualMachine;
import dev.casemate.core.VmExit;
import dev.casemate.core.VmmCredentials;
import dev.casemate.hypervisor.ScratchDirectory;
import dev.casemate.hypervisor.Supervisor;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real machines under emulation, with Debian's stock kernel. */
class QemuMachineTest {
  private static final Duration BOUND = Duration.ofMinutes(2);
  private static final boolean ROOT = "root".equals(System.getProperty("user.name"));
  private static final VmmCredentials WHO =
      ROOT ? new VmmCredentials(1879049001, 1879049001) : new VmmCredentials(0, 0);

  /** Answers each line on the agent's port. */
  private static final String ECHO =
      """
      exec 3<>$(port)
      while read -r line <&3; do echo "echo $line" >&3; done
      """;

  private final ScratchDirectory scratch = new ScratchDirectory();
  private final Supervisor supervisor = new Supervisor();
  private final AtomicLong oomKills = new AtomicLong();

  @AfterEach
  void nothingIsLeft() throws IOException {
    supervisor.close();
    Path run = scratch.file("run");
    if (Files.exists(run)) {
      assertThat(run.resolve("vmm")).doesNotExist();
    }
    scratch.close();
  }

  private QemuSettings settings(QemuMachine machine) {
    return new QemuSettings(
        Optional.empty(),
        machine,
        AcceleratorChoice.TCG,
        scratch.file("cache"),
        scratch.file("crash"),
        true,
        List.of());
  }

  private QemuHypervisor hypervisor(QemuMachine machine) {
    return new QemuHypervisor(settings(machine), supervisor, oomKills::get);
  }

  private MachineSpec spec(GuestSoftware guest, MachineDevice... devices) {
    try {
      Path run = scratch.file("run");
      Files.createDirectories(
          run, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      return new MachineSpec("test", run, 1, 256 << 20, guest, List.of(devices), WHO);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private GuestSoftware echoing() {
    return StockGuest.booting(scratch.path(), ECHO);
  }

  /** Starts a machine, which is gone afterwards whatever the test does to it. */
  private void with(QemuMachine type, MachineSpec spec, Consumer<VirtualMachine> test) {
    VirtualMachine machine = hypervisor(type).launch(spec);
    try {
      test.accept(machine);
    } finally {
      machine.stop(Duration.ofSeconds(20));
      assertThat(ProcessHandle.of(machine.pid()).filter(ProcessHandle::isAlive)).isEmpty();
    }
  }

  private static VmExit exit(VirtualMachine machine) {
    return machine.exit().orTimeout(BOUND.toSeconds(), TimeUnit.SECONDS).join();
  }

  private static void assertFails(
      ErrorCode code, ThrowingCallable call, Consumer<CasemateException> more) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            CasemateException.class,
            e -> {
              assertThat(e.code()).as(e.getMessage()).isEqualTo(code);
              more.accept(e);
            });
  }

  private static String ask(BufferedReader in, GuestChannel channel, String line) {
    try {
      channel.output().write((line + "\n").getBytes(StandardCharsets.UTF_8));
      return in.readLine();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static BufferedReader reader(GuestChannel channel) {
    return new BufferedReader(new InputStreamReader(channel.input(), StandardCharsets.UTF_8));
  }

  private static long signal(long pid, String name) {
    try {
      return new ProcessBuilder("/bin/kill", "-" + name, Long.toString(pid)).start().waitFor();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private String onlyBundle() {
    try (var files = Files.list(scratch.file("crash"))) {
      return Files.readString(files.reduce((a, b) -> Path.of("two")).orElseThrow());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @EnumSource(QemuMachine.class)
  void reachesItsAgentAndStopsOnRequest(QemuMachine type) {
    with(
        type,
        spec(echoing()),
        machine -> {
          assertThat(machine.summary().machine()).isEqualTo(type.label());
          assertThat(machine.summary().vmm()).matches("qemu \\d+\\.\\d+\\.\\d+");
          assertThat(machine.summary().accelerator()).isEqualTo(MachineSummary.Accelerator.TCG);
          try (GuestChannel channel = machine.openAgentChannel(BOUND)) {
            BufferedReader in = reader(channel);
            assertThat(ask(in, channel, "hello")).isEqualTo("echo hello");
            assertThat(ask(in, channel, "again")).isEqualTo("echo again");
            assertFails(ErrorCode.WRONG_STATE, () -> machine.openAgentChannel(BOUND), e -> {});
          }
          assertThat(machine.exit()).isNotDone();
          machine.stop(Duration.ofSeconds(60));
          machine.stop(Duration.ofSeconds(60));
          assertThat(exit(machine)).isEqualTo(new VmExit.Requested());
        });
    assertThat(scratch.file("crash")).doesNotExist();
  }

  @Test
  void theVmmRunsAsItsOwnUserWithoutRights() {
    org.junit.jupiter.api.Assumptions.assumeTrue(ROOT);
    with(
        QemuMachine.MICROVM,
        spec(echoing()),
        machine -> {
          try {
            String status = Files.readString(Path.of("/proc/" + machine.pid() + "/status"));
            assertThat(status)
                .contains("Uid:\t1879049001\t1879049001\t1879049001")
                .contains("CapEff:\t0000000000000000")
                .contains("Groups:\t \n")
                .contains("NoNewPrivs:\t1")
                .contains("Seccomp:\t2");
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
  }

  @Test
  void disksAppearInOrderTheRootImageFirst() throws IOException {
    Path second = scratch.file("second,with comma.img");
    Files.write(second, "SECOND".getBytes(StandardCharsets.UTF_8));
    Files.write(second, new byte[4096], java.nio.file.StandardOpenOption.APPEND);
    String script =
        """
        exec 3<>$(port)
        read -r line <&3
        echo $($b cat /sys/block/vda/serial /sys/block/vdb/serial /sys/block/vd?/ro) \
            $($b head -c 6 /dev/vdb) >&3
        read -r line <&3
        """;
    for (QemuMachine type : QemuMachine.values()) {
      with(
          type,
          spec(
              StockGuest.booting(scratch.path(), script),
              new MachineDevice.Block(second, true, "data1")),
          machine -> {
            try (GuestChannel channel = machine.openAgentChannel(BOUND)) {
              assertThat(ask(reader(channel), channel, "go")).isEqualTo("rootdata11 1 SECOND");
            }
          });
    }
  }

  @Test
  void aPanicIsNamedWithItsLineAndKept() {
    with(
        QemuMachine.MICROVM,
        spec(StockGuest.withoutInit(scratch.path())),
        machine -> {
          assertThat(exit(machine))
              .isInstanceOfSatisfying(
                  VmExit.GuestPanic.class,
                  p -> assertThat(p.consoleLine()).contains("Unable to mount root fs"));
          assertFails(
              ErrorCode.GUEST_PANIC,
              () -> machine.openAgentChannel(BOUND),
              e -> {
                assertThat(e.why()).contains("Unable to mount root fs");
                assertThat(e.advice()).contains(scratch.file("crash").toString());
                assertThat(machine.explain(e)).isSameAs(e);
              });
        });
    assertThat(onlyBundle()).contains("GUEST_PANIC", "Unable to mount root fs", "-kernel");
    assertThat(scratch.file("run/console.log")).content().contains("Kernel panic");
  }

  @Test
  void aGuestThatTurnsItselfOffIsNoPanic() {
    with(
        QemuMachine.MICROVM,
        spec(StockGuest.booting(scratch.path(), "echo leaving >/dev/console")),
        machine -> {
          assertThat(exit(machine)).isEqualTo(new VmExit.GuestShutdown());
          assertFails(
              ErrorCode.VMM_DIED,
              () -> machine.openAgentChannel(BOUND),
              e -> assertThat(e.why()).contains("leaving"));
        });
  }

  @Test
  void aKilledVmmIsTold() {
    with(
        QemuMachine.MICROVM,
        spec(echoing()),
        machine -> {
          try (GuestChannel channel = machine.openAgentChannel(BOUND)) {
            BufferedReader in = reader(channel);
            assertThat(ask(in, channel, "hello")).isEqualTo("echo hello");
            signal(machine.pid(), "KILL");
            assertThat(exit(machine)).isEqualTo(new VmExit.Signalled(9));
            CasemateException lost =
                new CasemateException(
                    ErrorCode.PROTOCOL, "start container c1", "end of stream", "");
            assertThat(machine.explain(lost).code()).isEqualTo(ErrorCode.VMM_DIED);
            assertThat(machine.explain(lost))
                .hasMessageContaining("cannot start container c1")
                .hasMessageContaining("killed by signal 9");
            assertThat(in.readLine()).isNull();
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
  }

  @Test
  void aVmmKilledForMemoryIsTold() {
    with(
        QemuMachine.MICROVM,
        spec(echoing()),
        machine -> {
          oomKills.incrementAndGet();
          signal(machine.pid(), "KILL");
          assertThat(exit(machine)).isEqualTo(new VmExit.OutOfMemory());
        });
  }

  @Test
  void aStuckVmmIsKilled() {
    with(
        QemuMachine.MICROVM,
        spec(echoing()),
        machine -> {
          signal(machine.pid(), "STOP");
          machine.stop(Duration.ofMillis(200));
          assertThat(exit(machine)).isEqualTo(new VmExit.Requested());
        });
  }

  @Test
  void aGuestWithoutAgentIsNamedWithWhatItSaidLast() {
    with(
        QemuMachine.MICROVM,
        spec(StockGuest.booting(scratch.path(), "echo no agent here >/dev/console; $b sleep 9999")),
        machine -> {
          Path log = scratch.file("run/console.log");
          long deadline = System.nanoTime() + BOUND.toNanos();
          while (!read(log).contains("no agent here")) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            pause();
          }
          assertFails(
              ErrorCode.AGENT_SILENT,
              () -> machine.openAgentChannel(Duration.ofMillis(100)),
              e -> assertThat(e.why()).contains("no agent here"));
          assertThat(machine.exit()).isNotDone();
        });
    assertThat(onlyBundle()).contains("AGENT_SILENT", "no agent here");
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  private static void pause() {
    try {
      Thread.sleep(10);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aVmmThatRefusesItsArgumentsFailsTheLaunchInItsOwnWords() {
    MachineSpec spec = spec(echoing());
    MachineSpec unmapped =
        new MachineSpec(
            spec.name(),
            spec.runDirectory(),
            1,
            1L << 50,
            spec.guest(),
            List.of(),
            spec.credentials());
    assertFails(
        ErrorCode.VMM_DIED,
        () -> hypervisor(QemuMachine.MICROVM).launch(unmapped),
        e -> assertThat(e.why()).contains("exited with status 1: ").contains("qemu"));
    assertThat(onlyBundle()).contains("VMM_DIED", "-m");
  }

  @Test
  void withoutQemuTheHostIsUnfit() {
    QemuSettings none =
        new QemuSettings(
            Optional.of(Path.of("/nonexistent/qemu")),
            QemuMachine.MICROVM,
            AcceleratorChoice.AUTO,
            scratch.file("cache"),
            scratch.file("crash"),
            true,
            List.of());
    assertFails(
        ErrorCode.HOST_UNFIT,
        () -> new QemuHypervisor(none, supervisor, () -> 0).launch(spec(echoing())),
        e -> {
          assertThat(e.why()).contains("/nonexistent/qemu");
          assertThat(e.advice()).contains("apt-get install qemu-system-x86");
        });
  }

  @Test
  void aDamagedKernelIsNamedBeforeAnythingStarts() throws IOException {
    GuestSoftware guest = echoing();
    byte[] kernel = Files.readAllBytes(guest.kernel());
    Files.write(guest.kernel(), java.util.Arrays.copyOf(kernel, kernel.length / 2));
    assertFails(
        ErrorCode.GUEST_IMAGE,
        () -> hypervisor(QemuMachine.MICROVM).launch(spec(guest)),
        e -> assertThat(e.why()).contains("cut short"));
    assertThat(scratch.file("run/vmm.log")).doesNotExist();
  }

  @Test
  void aGuestFileThatTheVmmMayNotReadIsNamed() throws IOException {
    org.junit.jupiter.api.Assumptions.assumeTrue(ROOT);
    GuestSoftware guest = echoing();
    Files.setPosixFilePermissions(guest.rootImage(), PosixFilePermissions.fromString("rw-------"));
    assertFails(
        ErrorCode.GUEST_IMAGE,
        () -> hypervisor(QemuMachine.MICROVM).launch(spec(guest)),
        e -> assertThat(e.why()).contains("may not open"));
  }

  @Test
  void tooManyDevicesAreRefusedBeforeAnythingIsTouched() throws IOException {
    Path disk = scratch.file("disk.img");
    Files.write(disk, new byte[4096]);
    MachineDevice[] disks = new MachineDevice[30];
    java.util.Arrays.setAll(disks, i -> new MachineDevice.Block(disk, true, "d" + i));
    MachineSpec spec = spec(echoing(), disks);
    assertFails(
        ErrorCode.UNSUPPORTED,
        () -> hypervisor(QemuMachine.MICROVM).launch(spec),
        e -> assertThat(e.why()).contains("30 devices"));
    assertThat(spec.runDirectory()).isEmptyDirectory();
  }
}
