package dev.casemate.protocol;

import dev.casemate.protocol.agent.CheckRequest;
import dev.casemate.protocol.agent.HealthCheckResponse;
import dev.casemate.protocol.agent.VersionCheckResponse;
import org.jspecify.annotations.Nullable;

/**
 * Whether the agent serves, as its server implements it: grpc.Health.
 *
 * <p>What an implementation leaves out answers UNIMPLEMENTED.
 */
public interface HealthService extends Service {
  /** The service's name on the wire. */
  String NAME = "grpc.Health";

  /** The first call after the channel is up; it answers SERVING once the agent takes requests. */
  default HealthCheckResponse check(CheckRequest request, Call call) throws InterruptedException {
    throw unimplemented("Check");
  }

  /** Handles Version. */
  default VersionCheckResponse version(CheckRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("Version");
  }

  @Override
  default String serviceName() {
    return NAME;
  }

  @Override
  default @Nullable Method method(String name) {
    return switch (name) {
      case "Check" -> Service.unary(CheckRequest.parser(), this::check);
      case "Version" -> Service.unary(CheckRequest.parser(), this::version);
      default -> null;
    };
  }

  private static TtrpcException unimplemented(String method) {
    return new TtrpcException(
        StatusCode.UNIMPLEMENTED, "service " + NAME + " does not implement " + method);
  }
}
