package dev.casemate.model.oci;

/**
 * The states of a container as the runtime-spec names them, plus {@code paused}, as runc has it.
 */
public enum ContainerStatus {
  /** It is being created. */
  CREATING("creating"),
  /** It was created, its program does not run yet. */
  CREATED("created"),
  /** Its program runs. */
  RUNNING("running"),
  /** Its processes are frozen. */
  PAUSED("paused"),
  /** Its program has ended. */
  STOPPED("stopped");

  private final String text;

  ContainerStatus(String text) {
    this.text = text;
  }

  /** As the runtime-spec writes it. */
  public String text() {
    return text;
  }
}
