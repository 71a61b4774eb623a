package dev.casemate.model.configuration;

/** What the guest may remember of a virtio-fs directory. */
public enum VirtioFsCache {
  /** Nothing: each look goes to the host. */
  NEVER("never"),
  /** Names and attributes for a second, content until a file is opened again. */
  AUTO("auto"),
  /** Everything for ever: only right where nobody else writes. */
  ALWAYS("always");

  private final String text;

  VirtioFsCache(String text) {
    this.text = text;
  }

  /** As the configuration writes it. */
  public String text() {
    return text;
  }
}
