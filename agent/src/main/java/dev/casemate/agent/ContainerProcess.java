package dev.casemate.agent;

/**
 * A process that a request started: a container's first one, or a further one. Thread-safe.
 *
 * @param execId empty for the container's first process
 * @param child the process
 * @param streams what it reads and writes
 */
record ContainerProcess(String execId, Child child, ProcessStreams streams) {
  /** Whether it has ended and all its output was taken. */
  boolean finished() {
    return child.ended() && streams.drained();
  }
}
