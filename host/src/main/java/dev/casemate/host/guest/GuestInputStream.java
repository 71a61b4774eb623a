package dev.casemate.host.guest;

import com.google.protobuf.ByteString;
import dev.casemate.core.ProcessId;
import dev.casemate.protocol.AgentServiceClient;
import dev.casemate.protocol.CasemateAgentClient;
import dev.casemate.protocol.StatusCode;
import dev.casemate.protocol.TtrpcException;
import dev.casemate.protocol.agent.CloseOutputRequest;
import dev.casemate.protocol.agent.ReadStreamRequest;
import java.io.IOException;

/** What a process in the guest writes. Owned by one thread. */
final class GuestInputStream extends ChunkInputStream {
  /** What our agent's pipes hold: more is never there at once. */
  static final int CHUNK_BYTES = 256 * 1024;

  private final AgentServiceClient agent;
  private final CasemateAgentClient casemate;
  private final ProcessId id;
  private final boolean standardError;
  private final ReadStreamRequest request;

  GuestInputStream(
      AgentServiceClient agent, CasemateAgentClient casemate, ProcessId id, boolean standardError) {
    this.agent = agent;
    this.casemate = casemate;
    this.id = id;
    this.standardError = standardError;
    request =
        ReadStreamRequest.newBuilder()
            .setContainerId(id.container().value())
            .setExecId(TtrpcGuestAgent.execId(id))
            .setLen(CHUNK_BYTES)
            .build();
  }

  @Override
  ByteString fetch() throws IOException {
    try {
      return (standardError ? agent.readStderr(request) : agent.readStdout(request)).getData();
    } catch (TtrpcException failed) {
      if (failed.status() == StatusCode.UNAVAILABLE || failed.status() == StatusCode.CANCELLED) {
        throw new IOException("the guest agent is gone", failed);
      }
      // The reference agent answers the end of a stream with an error.
      return ByteString.EMPTY;
    }
  }

  /** Tells the guest that nobody reads any more, unless the stream has ended. */
  @Override
  public void close() {
    if (end()) {
      return;
    }
    try {
      casemate.closeOutput(
          CloseOutputRequest.newBuilder()
              .setContainerId(id.container().value())
              .setExecId(TtrpcGuestAgent.execId(id))
              .setStandardError(standardError)
              .build());
    } catch (TtrpcException goneOrForeign) {
      // A guest that is gone writes nothing; the reference agent cannot close, and its process
      // waits.
    }
  }
}
