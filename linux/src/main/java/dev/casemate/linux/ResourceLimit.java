package dev.casemate.linux;

import java.lang.foreign.MemorySegment;

/** Limits of a process: {@code prlimit(2)}. */
public enum ResourceLimit {
  /** Seconds of CPU time. */
  CPU(0),
  /** Bytes of a file. */
  FSIZE(1),
  /** Bytes of the data segment. */
  DATA(2),
  /** Bytes of the stack. */
  STACK(3),
  /** Bytes of a core dump. */
  CORE(4),
  /** Bytes in memory; without effect. */
  RSS(5),
  /** Processes of the user. */
  NPROC(6),
  /** Descriptors. */
  NOFILE(7),
  /** Bytes locked in memory. */
  MEMLOCK(8),
  /** Bytes of address space. */
  AS(9),
  /** File locks; without effect. */
  LOCKS(10),
  /** Signals that wait. */
  SIGPENDING(11),
  /** Bytes in message queues. */
  MSGQUEUE(12),
  /** How nice it may be. */
  NICE(13),
  /** Real-time priority. */
  RTPRIO(14),
  /** Microseconds of real-time work without a pause. */
  RTTIME(15);

  /** No limit; all bits set. */
  public static final long INFINITY = -1;

  private static final int RLIMIT64_BYTES = 16;

  private final int number;

  ResourceLimit(int number) {
    this.number = number;
  }

  /**
   * Both bounds of a limit, as 64-bit numbers without sign.
   *
   * @param soft what holds
   * @param hard how far the process may raise the soft one
   */
  public record Bounds(long soft, long hard) {}

  /** The bounds of a process; 0 is this one. */
  public Bounds of(int pid) {
    try (Memory memory = new Memory()) {
      MemorySegment old = memory.zeroed(RLIMIT64_BYTES);
      // SAFETY: the new limit is null, the old one is written to two words of this arena.
      long result = NativeCall.syscall(SyscallNumbers.PRLIMIT64, pid, number, 0, old.address());
      NativeCall.check(result, "prlimit64", "pid " + pid);
      return new Bounds(Memory.getLong(old, 0), Memory.getLong(old, 8));
    }
  }

  /** Sets the bounds of a process; 0 is this one. */
  public void set(int pid, Bounds bounds) {
    try (Memory memory = new Memory()) {
      MemorySegment limit = memory.zeroed(RLIMIT64_BYTES);
      Memory.putLong(limit, 0, bounds.soft());
      Memory.putLong(limit, 8, bounds.hard());
      // SAFETY: the new limit is two words of this arena, the old one is null.
      long result = NativeCall.syscall(SyscallNumbers.PRLIMIT64, pid, number, limit.address(), 0);
      NativeCall.check(result, "prlimit64", "pid " + pid);
    }
  }
}
