package dev.casemate.host.state;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;

/**
 * What is found under a container's name. It answers for itself and is not switched over: linking a
 * switch over patterns costs the interpreted JVM of a command more than reading the file.
 */
public sealed interface StoredState {
  /**
   * The container.
   *
   * @param id the name that this was found under
   * @param verb names what is tried in errors: {@code "start"}
   * @throws CasemateException NOT_FOUND when there is none; WRONG_STATE when its record is damaged
   */
  ContainerRecord require(ContainerId id, String verb);

  /** Nothing: the name is free. */
  record Absent() implements StoredState {
    /** Engines look for the words "container does not exist". */
    @Override
    public ContainerRecord require(ContainerId id, String verb) {
      throw new CasemateException(
          ErrorCode.NOT_FOUND,
          verb + " container " + id,
          "container does not exist",
          "'casemate list' shows those that do, --root where they are looked for");
    }
  }

  /** The name is taken, but its record is missing or cannot be read. */
  record Damaged(String why) implements StoredState {
    @Override
    public ContainerRecord require(ContainerId id, String verb) {
      throw new CasemateException(
          ErrorCode.WRONG_STATE,
          verb + " container " + id,
          "its state file is damaged: " + why,
          "'casemate delete --force " + id + "' removes what is left of it");
    }
  }

  /** The container. */
  record Present(ContainerRecord container) implements StoredState {
    @Override
    public ContainerRecord require(ContainerId id, String verb) {
      return container;
    }
  }
}
