package dev.casemate.model.configuration;

/** How the guest's instructions are run. */
public enum Accelerator {
  /** KVM where a probe machine reached its kernel with it, else TCG. */
  AUTO("auto"),
  /** The processor's virtualization; an error where it does not work. */
  KVM("kvm"),
  /** QEMU's translator, which works everywhere and is several times slower. */
  TCG("tcg");

  private final String text;

  Accelerator(String text) {
    this.text = text;
  }

  /** As the configuration writes it. */
  public String text() {
    return text;
  }
}
