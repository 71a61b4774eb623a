package dev.casemate.linux;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A file descriptor that this object owns. All that this module opens is close-on-exec.
 *
 * <p>Safe for use by several threads. {@link #close()} while another thread is in a call lets that
 * call end first and frees the number afterwards, so a number is never reused under a caller; it
 * does <em>not</em> wake a thread that waits in {@link #read}: shut the socket down, or use the
 * streams that take a {@link Wakeup}. A call on a closed descriptor fails with {@code EBADF}.
 *
 * <p>Calls that wait pin the carrier of a virtual thread: use platform threads.
 */
public final class Descriptor implements AutoCloseable {
  private static final int CLOSED = Integer.MIN_VALUE;
  private static final int FIONREAD = 0x541b;

  private final int number;

  /** How many calls are under way, with the sign bit set once the owner has closed it. */
  private final AtomicInteger users = new AtomicInteger();

  private Descriptor(int number) {
    this.number = number;
  }

  /**
   * Takes the ownership of an open number that nothing else in this process owns.
   *
   * @throws IllegalArgumentException for a negative number
   */
  public static Descriptor adopt(int number) {
    if (number < 0) {
      throw new IllegalArgumentException("number " + number + " is negative");
    }
    return new Descriptor(number);
  }

  /** A new descriptor for what an open number of this process refers to: 0, 1 or 2 for example. */
  public static Descriptor duplicateOf(int number) {
    return adopt(FileCalls.dup(number, 0, "fd " + number));
  }

  /**
   * Opens a file. Waits for a peer when the path is a FIFO, unless {@link OpenFlag#NON_BLOCKING}.
   *
   * @param mode permission bits of a file that {@link OpenFlag#CREATE} makes, else ignored
   */
  public static Descriptor open(String path, OpenAccess access, int mode, OpenFlag... flags) {
    return adopt(
        FileCalls.openat(
            FileCalls.AT_FDCWD, path, access.bits() | OpenFlag.bits(flags), mode & 0xfff));
  }

  /** Opens a file that must exist. */
  public static Descriptor open(String path, OpenAccess access, OpenFlag... flags) {
    return open(path, access, 0, flags);
  }

  /** An anonymous file in memory, readable and writable: {@code memfd_create(2)}. */
  public static Descriptor memory(String name) {
    return adopt(FileCalls.memfdCreate(name));
  }

  /** The number, for messages and for {@code /proc/self/fd}; valid until {@link #close()}. */
  public int number() {
    return number;
  }

  /** {@code /proc/self/fd/N}: the path under which calls that take a path reach the file. */
  public String path() {
    return "/proc/self/fd/" + number;
  }

  /** Whether {@link #close()} was not called yet. */
  public boolean isOpen() {
    return users.get() >= 0;
  }

  /**
   * Reads at least one byte, waiting for it unless the file is non-blocking ({@code EAGAIN}).
   *
   * @return how many bytes, at most 256 KiB; -1 at the end, or 0 when {@code length} is 0
   */
  public int read(byte[] buffer, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    if (length == 0) {
      return 0;
    }
    int fd = acquire("read");
    try {
      int count = FileCalls.read(fd, buffer, offset, length, subject());
      return count == 0 ? -1 : count;
    } finally {
      release();
    }
  }

  /**
   * Writes one or more bytes, waiting for room unless the file is non-blocking ({@code EAGAIN}).
   *
   * @return how many bytes, at most 256 KiB
   */
  public int write(byte[] buffer, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    if (length == 0) {
      return 0;
    }
    int fd = acquire("write");
    try {
      return FileCalls.write(fd, buffer, offset, length, subject());
    } finally {
      release();
    }
  }

  /** Writes all bytes of a blocking file. */
  public void writeAll(byte[] buffer) {
    int done = 0;
    while (done < buffer.length) {
      done += write(buffer, done, buffer.length - done);
    }
  }

  /**
   * Reads into what remains of a direct buffer, without a copy.
   *
   * @return how many bytes, -1 at the end, or 0 when nothing remains
   */
  public int read(ByteBuffer direct) {
    if (!direct.isDirect() || direct.isReadOnly()) {
      throw new IllegalArgumentException("the buffer is not a writable direct one");
    }
    return transfer(false, direct);
  }

  /**
   * Writes from what remains of a direct buffer, without a copy.
   *
   * @return how many bytes, 0 when nothing remains
   */
  public int write(ByteBuffer direct) {
    if (!direct.isDirect()) {
      throw new IllegalArgumentException("the buffer is not a direct one");
    }
    return transfer(true, direct);
  }

  private int transfer(boolean write, ByteBuffer direct) {
    if (!direct.hasRemaining()) {
      return 0;
    }
    int fd = acquire(write ? "write" : "read");
    try {
      int count = FileCalls.transfer(write, fd, direct, subject());
      return count == 0 && !write ? -1 : count;
    } finally {
      release();
    }
  }

  /** A stream of what can be read; closing it closes the descriptor. For one thread at a time. */
  public InputStream inputStream() {
    return new DescriptorInputStream(this, null);
  }

  /**
   * The same, but a read ends as if the file had ended once the wake-up was signalled, also one
   * that is waiting already. Only for files that {@code poll(2)} can wait for: pipes, sockets,
   * terminals.
   */
  public InputStream inputStream(Wakeup stop) {
    return new DescriptorInputStream(this, Objects.requireNonNull(stop, "stop is null"));
  }

  /**
   * A stream that writes, unbuffered; closing it closes the descriptor. For one thread at a time.
   */
  public OutputStream outputStream() {
    return new DescriptorOutputStream(this, null);
  }

  /**
   * The same, but a write fails with an {@code IOException} once the wake-up was signalled, also
   * one that is waiting already. A terminal may take less than it seemed to: make it non-blocking
   * where that harms nobody, or a write to it can wait out of the wake-up's reach.
   */
  public OutputStream outputStream(Wakeup stop) {
    return new DescriptorOutputStream(this, Objects.requireNonNull(stop, "stop is null"));
  }

  /** A second descriptor for the same open file: position, locks and flags are shared. */
  public Descriptor duplicate() {
    int fd = acquire("fcntl");
    try {
      return adopt(FileCalls.dup(fd, 0, subject()));
    } finally {
      release();
    }
  }

  /** Whether a program started by {@code execve(2)} does not get it. */
  public boolean isCloseOnExec() {
    int fd = acquire("fcntl");
    try {
      return FileCalls.isCloseOnExec(fd, subject());
    } finally {
      release();
    }
  }

  /** Changes whether a program started by {@code execve(2)} gets it. */
  public void setCloseOnExec(boolean on) {
    int fd = acquire("fcntl");
    try {
      FileCalls.setCloseOnExec(fd, on, subject());
    } finally {
      release();
    }
  }

  /**
   * Lets the pipe that this is an end of hold at least so much, since Linux 2.6.35; whoever waits
   * for room in it goes on. More than {@code fs.pipe-max-size} needs CAP_SYS_RESOURCE.
   *
   * @throws LinuxException {@code EBADF} when it is no pipe, {@code EPERM}
   */
  public void growPipe(int bytes) {
    int fd = acquire("fcntl");
    try {
      if (FileCalls.pipeCapacity(fd, subject()) < bytes) {
        FileCalls.setPipeCapacity(fd, bytes, subject());
      }
    } finally {
      release();
    }
  }

  /** How many bytes a pipe or socket holds that can be read now: {@code FIONREAD}. */
  public int available() {
    return DeviceCalls.getInt(this, FIONREAD);
  }

  /** Whether reads and writes fail with {@code EAGAIN} instead of waiting. */
  public boolean isNonBlocking() {
    int fd = acquire("fcntl");
    try {
      return FileCalls.isNonBlocking(fd, subject());
    } finally {
      release();
    }
  }

  /**
   * Changes whether reads and writes wait. The flag belongs to the open file, so everyone who
   * shares it sees the change: leave files that came from elsewhere as they are.
   */
  public void setNonBlocking(boolean on) {
    int fd = acquire("fcntl");
    try {
      FileCalls.setNonBlocking(fd, on, subject());
    } finally {
      release();
    }
  }

  /** Which way it was opened. */
  public OpenAccess access() {
    int fd = acquire("fcntl");
    try {
      return switch (FileCalls.statusFlags(fd, subject()) & 3) {
        case 0 -> OpenAccess.READ;
        case 1 -> OpenAccess.WRITE;
        default -> OpenAccess.READ_WRITE;
      };
    } finally {
      release();
    }
  }

  /** What kind of file it is, and whose. */
  public FileStatus status() {
    int fd = acquire("statx");
    try {
      return FileCalls.statx(fd, "", FileCalls.AT_EMPTY_PATH, subject());
    } finally {
      release();
    }
  }

  /** Changes owner and group of the file; also right for {@link OpenFlag#PATH} descriptors. */
  public void setOwner(int uid, int gid) {
    int fd = acquire("fchownat");
    try {
      FileCalls.fchownat(fd, "", uid, gid, FileCalls.AT_EMPTY_PATH, subject());
    } finally {
      release();
    }
  }

  /** Changes the permission bits of the file; {@code EBADF} for {@link OpenFlag#PATH} ones. */
  public void setPermissions(int mode) {
    plain("fchmod", SyscallNumbers.FCHMOD, mode & 0xfff);
  }

  /** Cuts or lengthens a regular file to so many bytes. */
  public void truncate(long size) {
    plain("ftruncate", SyscallNumbers.FTRUNCATE, size);
  }

  /** Waits until file and metadata are on the disk. */
  public void sync() {
    plain("fsync", SyscallNumbers.FSYNC, 0);
  }

  /** Moves the position to an offset from the start, in bytes. */
  public void seek(long offset) {
    plain("lseek", SyscallNumbers.LSEEK, offset);
  }

  /**
   * Locks the open file with {@code flock(2)}, waiting for other holders. The lock goes with the
   * last descriptor of the open file.
   */
  public void lock(boolean exclusive) {
    plain("flock", SyscallNumbers.FLOCK, exclusive ? 2 : 1);
  }

  /** Locks without waiting; false when another open file holds the lock. */
  public boolean tryLock(boolean exclusive) {
    try {
      plain("flock", SyscallNumbers.FLOCK, (exclusive ? 2 : 1) | 4);
      return true;
    } catch (LinuxException e) {
      if (e.errno() == Errno.EAGAIN) {
        return false;
      }
      throw e;
    }
  }

  /** Gives the lock back. */
  public void unlock() {
    plain("flock", SyscallNumbers.FLOCK, 8);
  }

  private void plain(String call, int number, long argument) {
    int fd = acquire(call);
    try {
      FileCalls.plain(call, number, fd, argument, 0, subject());
    } finally {
      release();
    }
  }

  /** Gives the number back, now or when the last call under way has ended. Never fails. */
  @Override
  public void close() {
    int before = users.getAndUpdate(n -> n | CLOSED);
    if (before == 0) {
      FileCalls.close(number);
    }
  }

  /** The number for one call, which {@link #release()} must follow. */
  int acquire(String call) {
    int now;
    do {
      now = users.get();
      if (now < 0) {
        throw new LinuxException(Errno.EBADF, call, "closed " + subject());
      }
    } while (!users.compareAndSet(now, now + 1));
    return number;
  }

  void release() {
    if (users.decrementAndGet() == CLOSED) {
      FileCalls.close(number);
    }
  }

  String subject() {
    return "fd " + number;
  }

  @Override
  public String toString() {
    return isOpen() ? subject() : "closed " + subject();
  }

  /** Closes what is not null, for the paths on which opening more failed. */
  static void closeAll(@Nullable Descriptor... descriptors) {
    for (Descriptor descriptor : descriptors) {
      if (descriptor != null) {
        descriptor.close();
      }
    }
  }
}
