package dev.casemate.protocol;

import dev.casemate.protocol.agent.CheckRequest;
import dev.casemate.protocol.agent.HealthCheckResponse;
import dev.casemate.protocol.agent.VersionCheckResponse;
import java.time.Duration;
import java.util.Objects;

/**
 * Whether the agent serves.
 *
 * <p>Calls may be made from any number of threads; each blocks until its answer, its bound or the
 * end of the connection, and then fails with {@link TtrpcException}. An interrupt ends the wait
 * with status CANCELLED and stays set; what the peer began goes on.
 */
public final class HealthClient {
  private static final String SERVICE = HealthService.NAME;

  private final TtrpcClient client;
  private final Duration timeout;

  /**
   * A view of a connection.
   *
   * @param timeout bound of each call; zero for none, which only calls that wait for an event need
   */
  public HealthClient(TtrpcClient client, Duration timeout) {
    this.client = Objects.requireNonNull(client, "client is null");
    this.timeout = Deadline.checked(timeout);
  }

  /** The same connection with another bound for each call; zero for none. */
  public HealthClient within(Duration other) {
    return new HealthClient(client, other);
  }

  /** The first call after the channel is up; it answers SERVING once the agent takes requests. */
  public HealthCheckResponse check(CheckRequest request) {
    return client.call(SERVICE, "Check", request, HealthCheckResponse.parser(), timeout);
  }

  /** Calls Version. */
  public VersionCheckResponse version(CheckRequest request) {
    return client.call(SERVICE, "Version", request, VersionCheckResponse.parser(), timeout);
  }
}
