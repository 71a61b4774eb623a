package dev.casemate.model.configuration;

/** Which of the installed guests is booted. */
public enum GuestKind {
  /** Our own kernel where it was built, else the stock one. */
  AUTO("auto"),
  /** The distribution's kernel with a small initrd. */
  STOCK("stock"),
  /** The kernel that is built for this purpose. */
  OWN("own");

  private final String text;

  GuestKind(String text) {
    this.text = text;
  }

  /** As the configuration writes it. */
  public String text() {
    return text;
  }
}
