package dev.casemate.linux;

/**
 * A latch that ends waits of other threads in {@link Poll} and in the streams that take one: an
 * {@code eventfd(2)}. It stays signalled, for all who wait and all who will, until cleared.
 */
public final class Wakeup implements AutoCloseable {
  private static final int COUNTER_BYTES = 8;

  private final Descriptor descriptor = Descriptor.adopt(FileCalls.eventfd2());

  /** Not signalled. */
  public Wakeup() {}

  /** Wakes everyone; never waits. */
  public void signal() {
    byte[] one = new byte[COUNTER_BYTES];
    one[0] = 1; // Both architectures are little-endian.
    descriptor.write(one, 0, one.length);
  }

  /** Takes the signal back, so that the next wait waits again. */
  public void clear() {
    try {
      int ignored = descriptor.read(new byte[COUNTER_BYTES], 0, COUNTER_BYTES);
    } catch (LinuxException e) {
      // EAGAIN: it was not signalled.
      if (e.errno() != Errno.EAGAIN) {
        throw e;
      }
    }
  }

  /** Whether it is signalled. */
  public boolean isSignalled() {
    return Poll.awaitReadable(descriptor, java.time.Duration.ZERO);
  }

  /** Readable while signalled, for use in {@link Poll}. */
  public Descriptor descriptor() {
    return descriptor;
  }

  /** Frees the descriptor; whoever still waits must have been woken by {@link #signal()}. */
  @Override
  public void close() {
    descriptor.close();
  }
}
