package dev.casemate.protocol;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;

/**
 * How a connection runs.
 *
 * @param name of the connection, the first word of its threads' names
 * @param reader makes the one thread that reads the connection; a platform thread where a read
 *     blocks in native code, which would pin a virtual thread's carrier
 * @param requests makes the thread of each request that a server handles
 * @param writeStall how long one write may block before a client takes the peer for dead and closes
 *     the connection; zero for no bound
 */
public record ConnectionOptions(
    String name, ThreadFactory reader, ThreadFactory requests, Duration writeStall) {
  /**
   * Long enough for a guest that an overloaded or emulated machine starves, short enough that a
   * hung guest does not hold its caller's thread for ever.
   */
  public static final Duration WRITE_STALL = Duration.ofMinutes(2);

  /** Checks the parts. */
  public ConnectionOptions {
    Objects.requireNonNull(name, "name is null");
    Objects.requireNonNull(reader, "reader is null");
    Objects.requireNonNull(requests, "requests is null");
    Deadline.checked(writeStall);
  }

  /** Virtual threads throughout: for sockets of {@code java.nio} and pipes of {@code java.io}. */
  public static ConnectionOptions virtual(String name) {
    ThreadFactory threads = Thread.ofVirtual().factory();
    return new ConnectionOptions(name, threads, threads, WRITE_STALL);
  }

  /** Platform threads throughout: for streams whose reads and writes block in native code. */
  public static ConnectionOptions platform(String name) {
    ThreadFactory threads = Thread.ofPlatform().daemon().factory();
    return new ConnectionOptions(name, threads, threads, WRITE_STALL);
  }

  /** A platform thread reads, virtual threads handle requests. */
  public static ConnectionOptions platformReader(String name) {
    return new ConnectionOptions(
        name, Thread.ofPlatform().daemon().factory(), Thread.ofVirtual().factory(), WRITE_STALL);
  }
}
