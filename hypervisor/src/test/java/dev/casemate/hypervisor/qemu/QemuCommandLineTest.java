package dev.casemate.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.core.GuestSoftware;
import dev.casemate.core.MachineDevice;
import dev.casemate.core.MachineSpec;
import dev.casemate.core.MachineSummary.Accelerator;
import dev.casemate.core.VmmCredentials;
import dev.casemate.hypervisor.Confinement;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Every combination of options against the text that is kept in command-lines.txt. */
class QemuCommandLineTest {
  private static final VmmCredentials WHO = new VmmCredentials(1879050000, 1879050000);

  private static final List<List<MachineDevice>> DEVICES =
      List.of(
          List.of(),
          List.of(new MachineDevice.VirtioFs("kataShared", Path.of("/run/c/fs,1.sock"))),
          List.of(
              new MachineDevice.Block(Path.of("/data/a,b.img"), false, "data1"),
              new MachineDevice.NineP("nine,p", Path.of("/share/x,y")),
              new MachineDevice.Block(Path.of("/dev/null-disk"), true, "data2")),
          List.of(
              new MachineDevice.NetworkCard("02:00:00:00:00:01", List.of(71)),
              new MachineDevice.VirtioFs("kataShared", Path.of("/run/c/fs.sock")),
              new MachineDevice.NetworkCard("02:00:00:00:00:02", List.of(90, 75)),
              new MachineDevice.NetworkCard("02:00:00:00:00:03", List.of(72))));

  private static MachineSpec spec(boolean initrd, List<MachineDevice> devices) {
    GuestSoftware guest =
        new GuestSoftware(
            Path.of("/g/vmlinuz"),
            initrd ? Optional.of(Path.of("/g/initrd,1.img")) : Optional.empty(),
            Path.of("/g/root,1.erofs"),
            List.of("root=/dev/vda"),
            "6.1");
    return new MachineSpec("box one,x=y", Path.of("/run/c"), 2, 512 << 20, guest, devices, WHO);
  }

  private static List<Integer> vhost(Accelerator accelerator, List<MachineDevice> devices) {
    int queues = spec(false, devices).networkQueues();
    return switch (accelerator) {
      case KVM -> IntStream.range(31, 31 + queues).boxed().toList();
      case TCG -> List.of();
    };
  }

  private static String all() {
    StringBuilder text = new StringBuilder();
    for (QemuMachine machine : QemuMachine.values()) {
      for (Accelerator accelerator : Accelerator.values()) {
        for (boolean initrd : List.of(false, true)) {
          for (List<MachineDevice> devices : DEVICES) {
            List<String> argv =
                new QemuCommandLine(
                        Path.of("/usr/bin/qemu-system-x86_64"),
                        machine,
                        accelerator,
                        Path.of("/run/c/vmm"),
                        spec(initrd, devices),
                        "root=/dev/vda quiet",
                        vhost(accelerator, devices))
                    .argv();
            text.append("# ").append(machine).append(' ').append(accelerator);
            text.append(initrd ? " initrd " : " ").append(devices.size()).append(" devices\n");
            text.append(String.join("\n", argv)).append("\n\n");
          }
        }
      }
    }
    return text.toString();
  }

  @Test
  void everyCombinationIsAsItWasReviewed() throws IOException {
    try (InputStream golden = getClass().getResourceAsStream("command-lines.txt")) {
      assertThat(all()).isEqualTo(new String(golden.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  @Test
  void descriptorsAreInTheOrderOfTheirNumbers() {
    QemuCommandLine line =
        new QemuCommandLine(
            Path.of("/q"),
            QemuMachine.Q35,
            Accelerator.TCG,
            Path.of("/run/c/vmm"),
            spec(false, DEVICES.getLast()),
            "quiet",
            List.of(31, 32, 33, 34));
    assertThat(line.descriptors()).containsExactly(71, 90, 75, 72, 31, 32, 33, 34);
    assertThat(line.argv())
        .containsSubsequence(
            "tap,id=dev0,fd=3,vhost=on,vhostfd=7",
            "tap,id=dev2,fds=4:5,vhost=on,vhostfds=8:9",
            "tap,id=dev3,fd=6,vhost=on,vhostfd=10");
  }

  @Test
  void aNameCannotBecomeAnOption() {
    List<String> argv =
        new QemuCommandLine(
                Path.of("/q"),
                QemuMachine.MICROVM,
                Accelerator.TCG,
                Path.of("/run/c/vmm"),
                spec(false, List.of()),
                "quiet",
                List.of())
            .argv();
    assertThat(argv.get(argv.indexOf("-name") + 1)).isEqualTo("casemate-box_one_x_y");
  }

  @Test
  void theConfinementIsAsItWasReviewed() {
    assertThat(new Confinement.Privileged().prefix())
        .containsExactly("setpriv", "--no-new-privs", "--pdeathsig=KILL");
    List<String> expected =
        new ArrayList<>(
            List.of(
                "setpriv",
                "--reuid=1879050000",
                "--regid=1879050000",
                "--clear-groups",
                "--inh-caps=-all",
                "--bounding-set=-all",
                "--no-new-privs",
                "--pdeathsig=KILL"));
    assertThat(new Confinement.Unprivileged(WHO, List.of()).prefix()).isEqualTo(expected);
    expected.set(3, "--groups=106");
    assertThat(new KvmNode(KvmNode.USUAL, true, 020660, 0, 106).confine(WHO).prefix())
        .isEqualTo(expected);
  }

  @Test
  void kvmIsUsableOnlyWhereTheNodeSaysSo() {
    VmmCredentials root = new VmmCredentials(0, 0);
    assertThat(new KvmNode(KvmNode.USUAL, true, 020660, 0, 106).usableBy(WHO)).isTrue();
    assertThat(new KvmNode(KvmNode.USUAL, true, 020666, 0, 0).usableBy(WHO)).isTrue();
    assertThat(new KvmNode(KvmNode.USUAL, true, 020600, 0, 0).usableBy(WHO)).isFalse();
    assertThat(new KvmNode(KvmNode.USUAL, true, 020660, 0, 0).usableBy(WHO)).isFalse();
    assertThat(new KvmNode(KvmNode.USUAL, true, 020600, 0, 0).usableBy(root)).isTrue();
    assertThat(KvmNode.look(Path.of("/nonexistent")).usableBy(root)).isFalse();
  }
}
