package dev.casemate.host.guest;

import com.google.protobuf.ByteString;
import dev.casemate.core.ProcessId;
import dev.casemate.protocol.AgentServiceClient;
import dev.casemate.protocol.TtrpcException;
import dev.casemate.protocol.agent.CloseStdinRequest;
import dev.casemate.protocol.agent.WriteStreamRequest;
import java.io.IOException;
import java.io.OutputStream;

/**
 * What a process in the guest reads. A write returns when the guest took it. Owned by one thread.
 */
final class GuestOutputStream extends OutputStream {
  private final AgentServiceClient agent;
  private final ProcessId id;
  private boolean closed;

  GuestOutputStream(AgentServiceClient agent, ProcessId id) {
    this.agent = agent;
    this.id = id;
  }

  @Override
  public void write(int one) throws IOException {
    write(new byte[] {(byte) one}, 0, 1);
  }

  @Override
  public void write(byte[] from, int offset, int length) throws IOException {
    int end = offset + length;
    int at = offset;
    while (at < end) {
      int chunk = Math.min(end - at, GuestInputStream.CHUNK_BYTES);
      int taken = send(ByteString.copyFrom(from, at, chunk));
      if (taken < 1 || taken > chunk) {
        throw new IOException("the guest says that it took " + taken + " of " + chunk + " bytes");
      }
      at += taken;
    }
  }

  private int send(ByteString data) throws IOException {
    try {
      return agent
          .writeStdin(
              WriteStreamRequest.newBuilder()
                  .setContainerId(id.container().value())
                  .setExecId(TtrpcGuestAgent.execId(id))
                  .setData(data)
                  .build())
          .getLen();
    } catch (TtrpcException failed) {
      throw new IOException("the process takes no more input", failed);
    }
  }

  /** Gives the process its end of file. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      agent.closeStdin(
          CloseStdinRequest.newBuilder()
              .setContainerId(id.container().value())
              .setExecId(TtrpcGuestAgent.execId(id))
              .build());
    } catch (TtrpcException alreadyGone) {
      // A process that has ended reads nothing.
    }
  }
}
