package dev.casemate.protocol;

import java.io.Closeable;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Offers services on any number of connections, which have nothing to do with each other: what one
 * peer sends cannot disturb another. Each connection has a thread that reads it and each request
 * one that handles it; requests of one connection run side by side and are answered as they end.
 */
public final class TtrpcServer {
  private final Map<String, Service> services = new HashMap<>();

  /** Guards the timer, which exists from the first request that has a deadline. */
  private final Object timerLock = new Object();

  private @Nullable ScheduledThreadPoolExecutor timer;

  /**
   * A server of these services.
   *
   * @throws IllegalArgumentException when two have the same name
   */
  public TtrpcServer(List<Service> services) {
    for (Service service : services) {
      if (this.services.put(service.serviceName(), service) != null) {
        throw new IllegalArgumentException("two services are named " + service.serviceName());
      }
    }
  }

  /**
   * Serves a connection until its end; returns at once.
   *
   * @param channel what closes both streams, and with it ends reads and writes that block
   */
  public TtrpcConnection serve(
      InputStream in, OutputStream out, Closeable channel, ConnectionOptions options) {
    ServerConnection connection =
        new ServerConnection(
            this,
            Objects.requireNonNull(in, "in is null"),
            Objects.requireNonNull(out, "out is null"),
            Objects.requireNonNull(channel, "channel is null"),
            Objects.requireNonNull(options, "options is null"));
    connection.start();
    return connection;
  }

  @Nullable Service service(String name) {
    return services.get(name);
  }

  /** Cancels a call when its time is over. */
  Future<?> onDeadline(ServerCall call) {
    ScheduledThreadPoolExecutor clock;
    synchronized (timerLock) {
      clock = timer;
      if (clock == null) {
        clock =
            new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("ttrpc-deadlines").factory());
        clock.setRemoveOnCancelPolicy(true);
        timer = clock;
      }
    }
    return clock.schedule(call::cancel, call.deadline().remaining(), TimeUnit.NANOSECONDS);
  }
}
