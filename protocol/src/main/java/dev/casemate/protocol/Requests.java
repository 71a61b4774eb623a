package dev.casemate.protocol;

import com.google.protobuf.MessageLite;
import org.jspecify.annotations.Nullable;

/** The messages that a client sends on a stream; used by the handler's thread only. */
public interface Requests<Q extends MessageLite> {
  /**
   * The next message from the client, or null after its last.
   *
   * @throws TtrpcException when a message cannot be parsed, or messages came faster than they were
   *     taken
   * @throws InterruptedException when the call was cancelled
   */
  @Nullable Q receive() throws InterruptedException;
}
