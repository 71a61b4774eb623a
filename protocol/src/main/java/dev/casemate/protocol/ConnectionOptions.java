package dev.casemate.protocol;

import java.util.Objects;
import java.util.concurrent.ThreadFactory;

/**
 * How a connection runs.
 *
 * @param name of the connection, the first word of its threads' names
 * @param reader makes the thread that reads the connection, and a client's thread that writes it; a
 *     platform thread where that blocks in native code, which would pin a virtual thread's carrier
 * @param requests makes the thread of each request that a server handles
 * @param maxData bytes of data that a frame from the peer may have, 1 to 4 MiB; what is longer is
 *     skipped and fails its call with RESOURCE_EXHAUSTED. A parsed message can take some thirty
 *     times the bytes that it came in, so who has a small heap and a peer it does not trust asks
 *     for less than the most
 */
public record ConnectionOptions(
    String name, ThreadFactory reader, ThreadFactory requests, int maxData) {
  /** The most that the protocol has, in bytes. */
  public static final int MAX_DATA = Wire.MAX_DATA;

  /** Checks the parts. */
  public ConnectionOptions {
    Objects.requireNonNull(name, "name is null");
    Objects.requireNonNull(reader, "reader is null");
    Objects.requireNonNull(requests, "requests is null");
    if (maxData < 1 || maxData > MAX_DATA) {
      throw new IllegalArgumentException("maxData is " + maxData + ", not 1 to " + MAX_DATA);
    }
  }

  /** Virtual threads throughout: for sockets of {@code java.nio} and pipes of {@code java.io}. */
  public static ConnectionOptions virtual(String name) {
    ThreadFactory threads = Thread.ofVirtual().factory();
    return new ConnectionOptions(name, threads, threads, MAX_DATA);
  }

  /** Platform threads throughout: for streams whose reads and writes block in native code. */
  public static ConnectionOptions platform(String name) {
    ThreadFactory threads = Thread.ofPlatform().daemon().factory();
    return new ConnectionOptions(name, threads, threads, MAX_DATA);
  }

  /** The same with another bound on frames from the peer. */
  public ConnectionOptions withMaxData(int bytes) {
    return new ConnectionOptions(name, reader, requests, bytes);
  }

  /** Starts a thread of the connection. */
  Thread start(ThreadFactory factory, String suffix, Runnable work) {
    Thread thread = factory.newThread(work);
    thread.setName(name + suffix);
    thread.start();
    return thread;
  }
}
