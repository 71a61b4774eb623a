package dev.casemate.linux;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Waiting for descriptors, {@code poll(2)}. Waits on the calling thread, which must be a platform
 * thread; an interrupt does not end a wait, a {@link Wakeup} among the descriptors does.
 */
public final class Poll {
  static final int READ = 0x1;
  static final int WRITE = 0x4;
  private static final int ERROR = 0x8;
  private static final int HANG_UP = 0x10;
  private static final int INVALID = 0x20;

  /** struct pollfd: an int and two shorts. */
  private static final int POLLFD_BYTES = 8;

  private static final int TIMESPEC_BYTES = 16;

  private Poll() {}

  /**
   * What to wait for. Errors and the peer's hang-up are always reported.
   *
   * @param descriptor the descriptor
   * @param read whether to wait until it can be read
   * @param write whether to wait until it can be written
   */
  public record Interest(Descriptor descriptor, boolean read, boolean write) {
    /** To wait until it can be read. */
    public static Interest readable(Descriptor descriptor) {
      return new Interest(descriptor, true, false);
    }

    /** To wait until it can be written. */
    public static Interest writable(Descriptor descriptor) {
      return new Interest(descriptor, false, true);
    }

    int events() {
      return (read ? READ : 0) | (write ? WRITE : 0);
    }
  }

  /**
   * What became of an interest.
   *
   * @param readable a read does not wait
   * @param writable a write does not wait
   * @param hangUp the other side is gone; there may still be bytes to read
   * @param failed the descriptor is in an error state
   */
  public record Readiness(boolean readable, boolean writable, boolean hangUp, boolean failed) {
    /** Whether anything at all happened. */
    public boolean any() {
      return readable || writable || hangUp || failed;
    }
  }

  /**
   * Waits until something happened to one of them or the time is over.
   *
   * @param timeout how long at most; null waits for ever
   * @return one entry for each interest, in order; none of them {@link Readiness#any()} on timeout
   */
  public static List<Readiness> await(List<Interest> interests, @Nullable Duration timeout) {
    int[] events = new int[interests.size()];
    Descriptor[] descriptors = new Descriptor[interests.size()];
    for (int i = 0; i < events.length; i++) {
      events[i] = interests.get(i).events();
      descriptors[i] = interests.get(i).descriptor();
    }
    int[] happened = poll(descriptors, events, timeout);
    List<Readiness> result = new ArrayList<>(happened.length);
    for (int bits : happened) {
      result.add(
          new Readiness(
              (bits & READ) != 0,
              (bits & WRITE) != 0,
              (bits & HANG_UP) != 0,
              (bits & (ERROR | INVALID)) != 0));
    }
    return List.copyOf(result);
  }

  /** Waits until a read would not wait (also for its end or error); false when the time is over. */
  public static boolean awaitReadable(Descriptor descriptor, @Nullable Duration timeout) {
    return poll(new Descriptor[] {descriptor}, new int[] {READ}, timeout)[0] != 0;
  }

  /** Waits until a write would not wait (also for an error); false when the time is over. */
  public static boolean awaitWritable(Descriptor descriptor, @Nullable Duration timeout) {
    return poll(new Descriptor[] {descriptor}, new int[] {WRITE}, timeout)[0] != 0;
  }

  /** Waits for either; false when it was the wake-up, which wins when both happened. */
  static boolean awaitEither(Descriptor descriptor, int events, Wakeup stop) {
    return poll(new Descriptor[] {descriptor, stop.descriptor()}, new int[] {events, READ}, null)[1]
        == 0;
  }

  private static int[] poll(Descriptor[] descriptors, int[] events, @Nullable Duration timeout) {
    int acquired = 0;
    try (Memory memory = new Memory()) {
      MemorySegment array = memory.zeroed((long) descriptors.length * POLLFD_BYTES);
      for (; acquired < descriptors.length; acquired++) {
        Memory.putInt(
            array, (long) acquired * POLLFD_BYTES, descriptors[acquired].acquire("ppoll"));
        Memory.putShort(array, (long) acquired * POLLFD_BYTES + 4, events[acquired]);
      }
      poll(array, descriptors.length, memory.zeroed(TIMESPEC_BYTES), timeout);
      int[] happened = new int[descriptors.length];
      for (int i = 0; i < happened.length; i++) {
        happened[i] = Memory.getShort(array, (long) i * POLLFD_BYTES + 6);
      }
      return happened;
    } finally {
      for (int i = 0; i < acquired; i++) {
        descriptors[i].release();
      }
    }
  }

  private static void poll(
      MemorySegment array, int count, MemorySegment timespec, @Nullable Duration timeout) {
    long start = System.nanoTime();
    long bound = timeout == null ? 0 : nanos(timeout);
    long result;
    do {
      long left = Math.max(0, bound - (System.nanoTime() - start));
      Memory.putLong(timespec, 0, left / TimeUnit.SECONDS.toNanos(1));
      Memory.putLong(timespec, 8, left % TimeUnit.SECONDS.toNanos(1));
      // SAFETY: the array holds count entries; array and time live in the caller's arena.
      result =
          NativeCall.syscall(
              SyscallNumbers.PPOLL,
              array.address(),
              count,
              timeout == null ? 0 : timespec.address(),
              0);
    } while (result == -Errno.EINTR.number());
    NativeCall.check(result, "ppoll", count + " descriptors");
  }

  private static long nanos(Duration timeout) {
    try {
      return Math.max(0, timeout.toNanos());
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE;
    }
  }
}
