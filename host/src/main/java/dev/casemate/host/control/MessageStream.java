package dev.casemate.host.control;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.Json;
import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonLimits;
import dev.casemate.model.json.JsonObject;
import dev.casemate.model.json.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Messages over a pair of byte streams, each a JSON object with one member: the message's kind. One
 * thread may receive while others send.
 */
public final class MessageStream implements Closeable {
  /** The largest message holds a whole process document. */
  private static final JsonLimits LIMITS = JsonLimits.OCI;

  /** Enough of a stranger's words to recognise them: a shell's error, a JVM's. */
  private static final int SHOWN_BYTES = 400;

  private final InputStream input;
  private final OutputStream output;
  private final Closeable channel;

  /**
   * Speaks over streams.
   *
   * @param channel what closes both
   */
  public MessageStream(InputStream input, OutputStream output, Closeable channel) {
    this.input = input;
    this.output = output;
    this.channel = channel;
  }

  /** Sends a message. */
  public void send(String kind, JsonObject content) throws IOException {
    JsonObject message = JsonObject.builder().put(kind, content).build();
    byte[] line = (JsonWriter.compact(message) + "\n").getBytes(StandardCharsets.UTF_8);
    synchronized (output) {
      output.write(line);
      output.flush();
    }
  }

  /** Sends an error. */
  public void sendError(CasemateException error) throws IOException {
    send(Message.ERROR, ErrorText.toJson(error));
  }

  /**
   * Waits for a message.
   *
   * @return null at the end of the stream
   * @throws CasemateException PROTOCOL for what is no message of ours
   */
  public @Nullable Message receive() throws IOException {
    byte[] line = readLine();
    if (line == null) {
      return null;
    }
    try {
      JsonCursor document = JsonCursor.of(Json.parseObject(line, "message", LIMITS), "message");
      Map<String, JsonCursor> members = document.members();
      if (members.size() != 1) {
        throw document.error("expected one member, found " + members.size(), "");
      }
      Map.Entry<String, JsonCursor> kind = members.entrySet().iterator().next();
      return new Message(kind.getKey(), kind.getValue());
    } catch (CasemateException malformed) {
      throw new CasemateException(
          ErrorCode.PROTOCOL, "understand the peer", malformed.why() + shown(line), "", malformed);
    }
  }

  /** The beginning of what cannot be understood; it may be binary, and megabytes long. */
  private static String shown(byte[] line) {
    StringBuilder shown = new StringBuilder(" in '");
    new String(line, 0, Math.min(line.length, SHOWN_BYTES), StandardCharsets.UTF_8)
        .codePoints()
        .map(c -> Character.isISOControl(c) ? ' ' : c)
        .forEach(shown::appendCodePoint);
    return shown.append(line.length > SHOWN_BYTES ? "…'" : "'").toString();
  }

  /**
   * Waits for a message of one kind; tells what it carries.
   *
   * @throws CasemateException the error that came instead, or INVALID_ARGUMENT for another kind
   * @throws EOFException when the peer is gone
   */
  public JsonCursor expect(String kind) throws IOException {
    Message message = receive();
    if (message == null) {
      throw new EOFException("it ended without a word");
    }
    if (message.is(Message.ERROR)) {
      throw message.error();
    }
    if (!message.is(kind)) {
      throw message.content().error("expected '" + kind + "' from the peer", "");
    }
    return message.content();
  }

  private byte @Nullable [] readLine() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (true) {
      int next = input.read();
      if (next == '\n') {
        return line.toByteArray();
      }
      if (next < 0) {
        return line.size() == 0 ? null : line.toByteArray();
      }
      if (line.size() == LIMITS.bytes()) {
        throw new IOException("a message is longer than " + LIMITS.bytes() + " bytes");
      }
      line.write(next);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
