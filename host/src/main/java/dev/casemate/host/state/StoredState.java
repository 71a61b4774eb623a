package dev.casemate.host.state;

/** What is found under a container's name. */
public sealed interface StoredState {
  /** Nothing: the name is free. */
  record Absent() implements StoredState {}

  /** The name is taken, and nothing is written yet: its maker is at work, or died at once. */
  record Claimed() implements StoredState {}

  /** A record that cannot be read. */
  record Damaged(String why) implements StoredState {}

  /** The container. */
  record Present(ContainerRecord container) implements StoredState {}
}
