package dev.casemate.protocol;

import com.google.protobuf.MessageLite;
import org.jspecify.annotations.Nullable;

/**
 * A stream as the client sees it. One thread may send while another receives; neither side is for
 * several threads at once.
 */
public interface ClientStream<Q extends MessageLite, R extends MessageLite> extends AutoCloseable {
  /**
   * Sends a message; blocks while the connection takes none.
   *
   * @throws TtrpcException when the connection or the stream has ended
   * @throws IllegalStateException after {@link #closeSend}, or when the client does not stream
   */
  void send(Q message);

  /** Says that no further message comes; further calls do nothing. */
  void closeSend();

  /**
   * The next message from the server, or null after its last.
   *
   * @throws TtrpcException with the status that the server ended the stream with, or the end of the
   *     connection, or the deadline
   */
  @Nullable R receive();

  /**
   * Forgets the stream; what the server still sends is dropped. The protocol has no way to tell.
   */
  @Override
  void close();
}
