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
import java.io.InputStream;

/** What a process in the guest writes, fetched a chunk a call. Owned by one thread. */
final class GuestInputStream extends InputStream {
  /** What our agent's pipes hold: more is never there at once. */
  static final int CHUNK_BYTES = 256 * 1024;

  private final AgentServiceClient agent;
  private final CasemateAgentClient casemate;
  private final ProcessId id;
  private final boolean standardError;
  private final ReadStreamRequest request;
  private ByteString pending = ByteString.EMPTY;
  private boolean ended;

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
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (pending.isEmpty() && !fetch()) {
      return -1;
    }
    int taken = Math.min(length, pending.size());
    pending.substring(0, taken).copyTo(into, offset);
    pending = pending.substring(taken);
    return taken;
  }

  /** What was fetched and not yet read. */
  @Override
  public int available() {
    return pending.size();
  }

  private boolean fetch() throws IOException {
    if (ended) {
      return false;
    }
    try {
      pending = (standardError ? agent.readStderr(request) : agent.readStdout(request)).getData();
    } catch (TtrpcException failed) {
      if (failed.status() == StatusCode.UNAVAILABLE || failed.status() == StatusCode.CANCELLED) {
        throw new IOException("the guest agent is gone", failed);
      }
      // The reference agent answers the end of a stream with an error.
      pending = ByteString.EMPTY;
    }
    ended = pending.isEmpty();
    return !ended;
  }

  /** Tells the guest that nobody reads any more, unless the stream has ended. */
  @Override
  public void close() {
    if (ended) {
      return;
    }
    ended = true;
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
