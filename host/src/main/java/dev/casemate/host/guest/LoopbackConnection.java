package dev.casemate.host.guest;

import com.google.protobuf.ByteString;
import dev.casemate.core.GuestConnection;
import dev.casemate.protocol.CasemateAgentClient;
import dev.casemate.protocol.TtrpcException;
import dev.casemate.protocol.agent.CloseConnectionRequest;
import dev.casemate.protocol.agent.ReadConnectionRequest;
import dev.casemate.protocol.agent.WriteConnectionRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicBoolean;

/** A connection to a server on the guest's loopback interface, a chunk a call each way. */
final class LoopbackConnection implements GuestConnection {
  /** What is sent at once, in bytes. */
  private static final int CHUNK = 64 * 1024;

  private final CasemateAgentClient casemate;
  private final CasemateAgentClient waiting;
  private final long number;
  private final InputStream input = new Input();
  private final OutputStream output = new Output();
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * One that the agent has opened.
   *
   * @param waiting without a bound: a server may send or take never
   */
  LoopbackConnection(CasemateAgentClient casemate, CasemateAgentClient waiting, long number) {
    this.casemate = casemate;
    this.waiting = waiting;
    this.number = number;
  }

  @Override
  public InputStream input() {
    return input;
  }

  @Override
  public OutputStream output() {
    return output;
  }

  @Override
  public void reset() {
    close(true);
  }

  @Override
  public void close() {
    close(false);
  }

  private void close(boolean reset) {
    if (closed.getAndSet(true)) {
      return;
    }
    try {
      casemate.closeConnection(
          CloseConnectionRequest.newBuilder().setConnection(number).setReset(reset).build());
    } catch (TtrpcException gone) {
      // The guest has ended, and the connection with it.
    }
  }

  private final class Input extends ChunkInputStream {
    @Override
    ByteString fetch() throws IOException {
      try {
        return waiting
            .readConnection(ReadConnectionRequest.newBuilder().setConnection(number).build())
            .getData();
      } catch (TtrpcException broken) {
        throw new IOException("the server in the guest is gone", broken);
      }
    }
  }

  private final class Output extends OutputStream {
    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      for (int at = 0; at < length; at += CHUNK) {
        ByteString data = ByteString.copyFrom(from, offset + at, Math.min(CHUNK, length - at));
        try {
          waiting.writeConnection(
              WriteConnectionRequest.newBuilder().setConnection(number).setData(data).build());
        } catch (TtrpcException broken) {
          throw new IOException("the server in the guest takes no more", broken);
        }
      }
    }

    @Override
    public void close() throws IOException {
      try {
        casemate.closeConnection(
            CloseConnectionRequest.newBuilder().setConnection(number).setOutputOnly(true).build());
      } catch (TtrpcException broken) {
        throw new IOException("the server in the guest is gone", broken);
      }
    }
  }
}
