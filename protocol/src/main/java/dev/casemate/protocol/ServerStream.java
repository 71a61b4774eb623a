package dev.casemate.protocol;

import com.google.protobuf.MessageLite;
import org.jspecify.annotations.Nullable;

/** A stream as the server sees it; used by the handler's thread only. */
public interface ServerStream<Q extends MessageLite, R extends MessageLite> {
  /**
   * The next message from the client, or null after its last.
   *
   * @throws TtrpcException when a message cannot be parsed, or came faster than it was taken
   * @throws InterruptedException when the call was cancelled
   */
  @Nullable Q receive() throws InterruptedException;

  /**
   * Sends a message; blocks while the connection takes none.
   *
   * @throws TtrpcException with UNAVAILABLE when the connection has ended
   */
  void send(R message);
}
