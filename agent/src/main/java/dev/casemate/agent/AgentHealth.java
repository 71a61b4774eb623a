package dev.casemate.agent;

import dev.casemate.protocol.Call;
import dev.casemate.protocol.HealthService;
import dev.casemate.protocol.agent.CheckRequest;
import dev.casemate.protocol.agent.HealthCheckResponse;
import dev.casemate.protocol.agent.VersionCheckResponse;

/** Says that the agent is there, and which. */
final class AgentHealth implements HealthService {
  /** The reference's version of the protocol. */
  private static final String PROTOCOL = "0.0.1";

  @Override
  public HealthCheckResponse check(CheckRequest request, Call call) {
    return HealthCheckResponse.newBuilder()
        .setStatus(HealthCheckResponse.ServingStatus.SERVING)
        .build();
  }

  @Override
  public VersionCheckResponse version(CheckRequest request, Call call) {
    return VersionCheckResponse.newBuilder()
        .setGrpcVersion(PROTOCOL)
        .setAgentVersion(GuestFacts.VERSION)
        .build();
  }
}
