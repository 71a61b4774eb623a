package dev.casemate.model.configuration;

/** The machines that QEMU is asked to be. */
public enum MachineType {
  /** The smallest: virtio-mmio, no PCI, no hotplug. */
  MICROVM("microvm"),
  /** PCI Express, hotplug. */
  Q35("q35");

  private final String text;

  MachineType(String text) {
    this.text = text;
  }

  /** As the configuration writes it. */
  public String text() {
    return text;
  }
}
