package dev.casemate.hypervisor.qemu;

import dev.casemate.core.MachineCapabilities;
import dev.casemate.core.MachineCapability;
import java.util.EnumSet;

/** The machine types that we start, and what can be done with each: a table, not code. */
public enum QemuMachine {
  /** No PCI, no firmware tables beyond what Linux needs: boots fastest. */
  MICROVM("microvm", "microvm,pic=off", "device", 24),
  /** A PC with PCI Express. */
  Q35("q35", "q35,smm=off,vmport=off,sata=off,usb=off", "pci", 24);

  private final String label;
  private final String option;
  private final String busSuffix;
  private final int slots;

  QemuMachine(String label, String option, String busSuffix, int slots) {
    this.label = label;
    this.option = option;
    this.busSuffix = busSuffix;
    this.slots = slots;
  }

  /** Its name in configuration and to people. */
  public String label() {
    return label;
  }

  /**
   * What follows {@code -M}. On microvm the legacy interrupt controller is off: firmware may leave
   * it live, and its stray vectors then crash kernels that do not expect it.
   */
  String option() {
    return option;
  }

  /** The device name of a virtio device on this machine's bus: {@code virtio-blk-device}. */
  String device(String virtio) {
    return virtio + "-" + busSuffix;
  }

  /**
   * What a network card takes beside its backend. On PCI each queue has an interrupt for either
   * direction, beside one for changes of the configuration and one for the control queue.
   */
  String cardOptions(int queues) {
    String several = queues == 1 ? "" : ",mq=on";
    return switch (this) {
      case MICROVM -> several;
      case Q35 -> several + ",romfile=" + (queues == 1 ? "" : ",vectors=" + (2 * queues + 2));
    };
  }

  /** How many virtio devices it takes. */
  int slots() {
    return slots;
  }

  /** What the driver can do with it. Everything is plugged before the start. */
  public MachineCapabilities capabilities() {
    return new MachineCapabilities(
        "qemu " + label,
        EnumSet.of(
            MachineCapability.VIRTIO_FS,
            MachineCapability.NINE_P,
            MachineCapability.BLOCK_COLD_PLUG,
            MachineCapability.NETWORK_COLD_PLUG));
  }
}
