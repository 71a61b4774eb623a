package dev.casemate.hypervisor.qemu;

import dev.casemate.core.MachineDevice;
import dev.casemate.core.MachineSpec;
import dev.casemate.core.MachineSummary.Accelerator;
import dev.casemate.hypervisor.HostCommand;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * QEMU's argument vector. A pure function of typed values: every path is escaped the way QEMU's
 * option parser wants, and no other text comes from outside.
 *
 * @param directory where the driver listens for QEMU, see the {@code *_SOCKET} names
 * @param kernelCommandLine as {@link KernelCommandLine} gives it
 * @param vhost the numbers of open descriptors of {@code /dev/vhost-net}, one for each queue of
 *     each network card, in order; empty when QEMU moves packets itself
 */
record QemuCommandLine(
    Path binary,
    QemuMachine machine,
    Accelerator accelerator,
    Path directory,
    MachineSpec spec,
    String kernelCommandLine,
    List<Integer> vhost) {
  static final String MONITOR_SOCKET = "qmp.sock";
  static final String CONSOLE_SOCKET = "con.sock";
  static final String AGENT_SOCKET = "agent.sock";

  /** The name of the port that the guest's agent looks for, and the device's id in events. */
  static final String AGENT_PORT = "agent";

  /** Devices besides the spec's: root image, serial, entropy. */
  static final int OWN_DEVICES = 3;

  private static final long MEBIBYTE = 1L << 20;

  // All that QEMU can emulate, but not said to be fast at copying byte by byte: a guest kernel
  // that believes it clears and copies pages so, and each byte is a turn of an emulated loop.
  private static final String EMULATED_CPU = "max,-erms,-fsrm";

  private static final String SANDBOX =
      "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny";

  /** The program and its arguments. */
  List<String> argv() {
    List<String> argv = new ArrayList<>();
    argv.add(binary.toString());
    host(argv);
    board(argv);
    channels(argv);
    boot(argv);
    disk(argv, "root", spec.guest().rootImage(), true, "root");
    argv.addAll(List.of("-device", machine.device("virtio-rng")));
    devices(argv);
    return List.copyOf(argv);
  }

  /** What QEMU may do on the host, and that it waits for the monitor before it runs the guest. */
  private void host(List<String> argv) {
    argv.addAll(List.of("-name", "casemate-" + safeName(spec.name())));
    argv.addAll(List.of("-nodefaults", "-no-user-config", "-display", "none"));
    argv.addAll(List.of("-sandbox", SANDBOX));
    argv.addAll(List.of("-no-reboot", "-S"));
  }

  private void board(List<String> argv) {
    String memory = spec.memoryBytes() / MEBIBYTE + "M";
    if (spec.needsSharedMemory()) {
      argv.addAll(List.of("-M", machine.option() + ",memory-backend=mem"));
      argv.addAll(List.of("-object", "memory-backend-memfd,id=mem,share=on,size=" + memory));
    } else {
      argv.addAll(List.of("-M", machine.option()));
    }
    argv.addAll(List.of("-m", memory, "-smp", Integer.toString(spec.vcpus())));
    argv.addAll(
        switch (accelerator) {
          case KVM -> List.of("-accel", "kvm", "-cpu", "host");
          case TCG -> List.of("-accel", "tcg", "-cpu", EMULATED_CPU);
        });
    // Modern virtio only: file daemons refuse the legacy layout that virtio-mmio starts with.
    argv.addAll(List.of("-global", "virtio-mmio.force-legacy=false"));
  }

  /** The monitor comes last: when it is connected, so are the others. */
  private void channels(List<String> argv) {
    argv.addAll(List.of("-chardev", socket("console", directory.resolve(CONSOLE_SOCKET))));
    argv.addAll(List.of("-serial", "chardev:console"));
    argv.addAll(List.of("-chardev", socket(AGENT_PORT, directory.resolve(AGENT_SOCKET))));
    argv.addAll(List.of("-device", machine.device("virtio-serial") + ",max_ports=2"));
    argv.addAll(
        List.of(
            "-device", "virtserialport,nr=1,chardev=%1$s,name=%1$s,id=%1$s".formatted(AGENT_PORT)));
    argv.addAll(List.of("-chardev", socket("monitor", directory.resolve(MONITOR_SOCKET))));
    argv.addAll(List.of("-mon", "chardev=monitor,mode=control"));
  }

  private void boot(List<String> argv) {
    argv.addAll(List.of("-kernel", spec.guest().kernel().toString()));
    spec.guest().initrd().ifPresent(i -> argv.addAll(List.of("-initrd", i.toString())));
    argv.addAll(List.of("-append", kernelCommandLine));
  }

  /**
   * The numbers of this process's descriptors that QEMU finds open, in order, from {@link
   * HostCommand#FIRST_DESCRIPTOR} on.
   */
  List<Integer> descriptors() {
    List<Integer> numbers = new ArrayList<>();
    for (MachineDevice device : spec.devices()) {
      if (device instanceof MachineDevice.NetworkCard card) {
        numbers.addAll(card.queues());
      }
    }
    numbers.addAll(vhost);
    return List.copyOf(numbers);
  }

  private void devices(List<String> argv) {
    int index = 0;
    int descriptor = HostCommand.FIRST_DESCRIPTOR;
    for (MachineDevice device : spec.devices()) {
      String id = "dev" + index++;
      switch (device) {
        case MachineDevice.Block b -> disk(argv, id, b.file(), b.readOnly(), b.serial());
        case MachineDevice.VirtioFs f -> {
          argv.addAll(List.of("-chardev", socket(id, f.socket())));
          argv.addAll(
              List.of(
                  "-device",
                  machine.device("vhost-user-fs") + ",chardev=" + id + ",tag=" + escape(f.tag())));
        }
        case MachineDevice.NineP p -> {
          argv.addAll(
              List.of(
                  "-fsdev",
                  "local,id="
                      + id
                      + ",security_model=none,multidevs=remap,path="
                      + escape(p.directory().toString())));
          argv.addAll(
              List.of(
                  "-device",
                  machine.device("virtio-9p") + ",fsdev=" + id + ",mount_tag=" + escape(p.tag())));
        }
        case MachineDevice.NetworkCard n -> {
          card(argv, id, n, descriptor);
          descriptor += n.queues().size();
        }
      }
    }
  }

  /** A card on a tap that is open already; without an option ROM, since nothing boots from it. */
  private void card(List<String> argv, String id, MachineDevice.NetworkCard card, int first) {
    int queues = card.queues().size();
    String backend = "tap,id=" + id + (queues == 1 ? ",fd=" : ",fds=") + numbers(first, queues);
    if (!vhost.isEmpty()) {
      int firstVhost = first + spec.networkQueues();
      backend +=
          ",vhost=on" + (queues == 1 ? ",vhostfd=" : ",vhostfds=") + numbers(firstVhost, queues);
    }
    argv.addAll(List.of("-netdev", backend));
    argv.addAll(
        List.of(
            "-device",
            machine.device("virtio-net")
                + ",netdev="
                + id
                + ",mac="
                + escape(card.hardwareAddress())
                + machine.cardOptions(queues)));
  }

  private static String numbers(int first, int count) {
    return IntStream.range(first, first + count)
        .mapToObj(String::valueOf)
        .collect(Collectors.joining(":"));
  }

  private void disk(List<String> argv, String id, Path file, boolean readOnly, String serial) {
    argv.addAll(
        List.of(
            "-blockdev",
            "driver=raw,node-name="
                + id
                + ",read-only="
                + (readOnly ? "on" : "off")
                + ",discard=unmap,file.driver="
                + (isBlockDevice(file) ? "host_device" : "file")
                + ",file.filename="
                + escape(file.toString())));
    argv.addAll(
        List.of(
            "-device",
            machine.device("virtio-blk") + ",drive=" + id + ",serial=" + escape(serial)));
  }

  private static boolean isBlockDevice(Path file) {
    return GuestFiles.kind(file) == GuestFiles.Kind.BLOCK_DEVICE;
  }

  private static String socket(String id, Path path) {
    return "socket,id=" + id + ",path=" + escape(path.toString());
  }

  /** A value in QEMU's key=value syntax: a comma is written twice. */
  static String escape(String value) {
    return value.replace(",", ",,");
  }

  /** Ids are checked long before; here only what can never be misread gets through. */
  private static String safeName(String name) {
    return name.replaceAll("[^A-Za-z0-9_.-]", "_");
  }
}
