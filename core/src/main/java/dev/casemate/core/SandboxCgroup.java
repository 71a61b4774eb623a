package dev.casemate.core;

/** The host control group of one sandbox, holding every host process of it. */
public interface SandboxCgroup {
  /** Moves a process in. */
  void add(long pid);

  /** Whether the kernel killed a process in it for memory. */
  boolean outOfMemory();
}
