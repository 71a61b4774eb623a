package dev.casemate.hypervisor.qemu;

import dev.casemate.core.MachineSpec;
import dev.casemate.core.MachineSummary.Accelerator;
import dev.casemate.linux.Descriptor;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.OpenAccess;
import java.util.ArrayList;
import java.util.List;

/**
 * The host kernel's part in network cards: with a descriptor of {@code /dev/vhost-net} for each
 * queue it moves packets between tap and guest without QEMU, which must have them from us, since
 * only root may open the device. Without KVM there is no gain, and no interrupts to give.
 */
final class VhostNet {
  private static final String NODE = "/dev/vhost-net";

  private VhostNet() {}

  /** One descriptor for each queue; none where it is not wanted or not there. */
  static List<Descriptor> open(QemuSettings settings, Accelerator accelerator, MachineSpec spec) {
    if (!settings.vhostNet() || accelerator != Accelerator.KVM) {
      return List.of();
    }
    List<Descriptor> opened = new ArrayList<>();
    try {
      for (int i = 0; i < spec.networkQueues(); i++) {
        opened.add(Descriptor.open(NODE, OpenAccess.READ_WRITE));
      }
      return List.copyOf(opened);
    } catch (LinuxException missing) {
      // The module is not loaded, or this container has no such device: QEMU does it alone.
      opened.forEach(Descriptor::close);
      return List.of();
    }
  }
}
