package dev.casemate.protocol;

import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;

/**
 * How a connection runs.
 *
 * @param name of the connection, the first word of its threads' names
 * @param reader makes the thread that reads the connection, and a client's thread that writes it; a
 *     platform thread where that blocks in native code, which would pin a virtual thread's carrier
 * @param requests runs each request that a server handles, on a thread that no other request has
 *     meanwhile; platform threads are worth using again, since making one costs several times what
 *     a small request does
 * @param maxData bytes of data that a frame from the peer may have, 1 to 4 MiB; what is longer is
 *     skipped and fails its call with RESOURCE_EXHAUSTED. A parsed message can take some thirty
 *     times the bytes that it came in, so who has a small heap and a peer it does not trust asks
 *     for less than the most
 */
public record ConnectionOptions(String name, ThreadFactory reader, Executor requests, int maxData) {
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
    ThreadFactory readers = Thread.ofVirtual().factory();
    ThreadFactory requests = Thread.ofVirtual().name(name + " request ", 0).factory();
    return new ConnectionOptions(
        name, readers, request -> requests.newThread(request).start(), MAX_DATA);
  }

  /** Platform threads throughout: for streams whose reads and writes block in native code. */
  public static ConnectionOptions platform(String name) {
    ThreadFactory readers = Thread.ofPlatform().daemon().factory();
    ThreadFactory requests = Thread.ofPlatform().daemon().name(name + " request ", 0).factory();
    return new ConnectionOptions(name, readers, Executors.newCachedThreadPool(requests), MAX_DATA);
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
