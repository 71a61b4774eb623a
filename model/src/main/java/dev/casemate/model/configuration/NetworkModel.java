package dev.casemate.model.configuration;

/** How the interfaces of the container's namespace reach the guest. */
public enum NetworkModel {
  /** All that comes in is given to the guest before the host's stack sees it. */
  MIRRORED("tcfilter"),
  /** Not at all. */
  NONE("none");

  private final String text;

  NetworkModel(String text) {
    this.text = text;
  }

  /** As the configuration writes it, in the reference's words. */
  public String text() {
    return text;
  }
}
