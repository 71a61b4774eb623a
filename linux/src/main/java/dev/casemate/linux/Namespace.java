package dev.casemate.linux;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/** The kinds of namespaces: {@code namespaces(7)}. */
public enum Namespace {
  /** Mounts. */
  MOUNT(0x00020000, "mnt"),
  /** Control groups; since Linux 4.6. */
  CGROUP(0x02000000, "cgroup"),
  /** Host name. */
  UTS(0x04000000, "uts"),
  /** System V objects and POSIX message queues. */
  IPC(0x08000000, "ipc"),
  /** Users; cannot be entered or made by a process with several threads, so by no JVM. */
  USER(0x10000000, "user"),
  /** Process ids, of the children that come. */
  PID(0x20000000, "pid"),
  /** Network. */
  NETWORK(0x40000000, "net"),
  /** Boot and monotonic clocks, of the children that come; since Linux 5.6. */
  TIME(0x00000080, "time");

  /** {@code CLONE_FS}. */
  private static final int FILE_SYSTEM_ATTRIBUTES = 0x200;

  private final int bits;
  private final String fileName;

  Namespace(int bits, String fileName) {
    this.bits = bits;
    this.fileName = fileName;
  }

  /** The name in {@code /proc/PID/ns}. */
  public String fileName() {
    return fileName;
  }

  /**
   * Moves the calling <em>thread</em> into a namespace, {@code setns(2)}. The other threads stay
   * behind; threads and processes that this one starts later come along. The JVM's helper threads
   * that happen to start from here do so too, so do this on a platform thread of its own that ends
   * soon, and never on a virtual one. {@link #MOUNT} fails with {@code EINVAL} until {@link
   * #unshareFileSystemAttributes()}; no class may be loaded on the thread afterwards unless the
   * tree holds the Java runtime at the same place.
   *
   * @param namespace an open file of {@code /proc/PID/ns} or a bind mount of it, of this kind
   */
  public void enter(Descriptor namespace) {
    enter(namespace, bits);
  }

  /**
   * Does work on a platform thread of its own that has entered a namespace, and waits for its end,
   * deaf to interrupts: what the work opens stays in the namespace, whoever uses it. Not for {@link
   * #MOUNT}.
   *
   * @param namespace as for {@link #enter}
   * @param work short, and bounded by itself; what it throws is thrown here
   */
  public <T> T within(Descriptor namespace, Supplier<T> work) {
    FutureTask<T> task =
        new FutureTask<>(() -> {
          enter(namespace);
          return work.get();
        });
    Thread thread = Thread.ofPlatform().daemon().name("within-" + fileName).start(task);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          T result = task.get();
          thread.join();
          return result;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException failure -> throw failure;
        case Error failure -> throw failure;
        case null, default -> throw new IllegalStateException(e);
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Moves the calling thread into several namespaces of a process, through its pidfd; since Linux
   * 5.8.
   */
  public static void enterThoseOf(Pidfd process, Namespace... kinds) {
    enter(process.descriptor(), bits(kinds));
  }

  private static void enter(Descriptor namespace, int bits) {
    int fd = namespace.acquire("setns");
    try {
      FileCalls.plain("setns", SyscallNumbers.SETNS, fd, bits, 0, namespace.subject());
    } finally {
      namespace.release();
    }
  }

  /**
   * Gives the calling <em>thread</em> new namespaces, {@code unshare(2)}; the same cautions as for
   * {@link #enter}. {@link #MOUNT} includes {@link #unshareFileSystemAttributes()}.
   */
  public static void unshare(Namespace... kinds) {
    FileCalls.plain("unshare", SyscallNumbers.UNSHARE, bits(kinds), 0, 0, "");
  }

  /** Gives the calling thread a root, working directory and umask of its own. */
  public static void unshareFileSystemAttributes() {
    FileCalls.plain("unshare", SyscallNumbers.UNSHARE, FILE_SYSTEM_ATTRIBUTES, 0, 0, "");
  }

  private static int bits(Namespace... kinds) {
    int bits = 0;
    for (Namespace kind : kinds) {
      bits |= kind.bits;
    }
    return bits;
  }
}
