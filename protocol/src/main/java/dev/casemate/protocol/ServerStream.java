package dev.casemate.protocol;

import com.google.protobuf.MessageLite;

/** A stream in both directions as the server sees it; used by the handler's thread only. */
public interface ServerStream<Q extends MessageLite, R extends MessageLite> extends Requests<Q> {
  /**
   * Sends a message; blocks while the connection takes none. A cancellation waits for its end.
   *
   * @throws TtrpcException with UNAVAILABLE when the connection has ended
   */
  void send(R message);
}
