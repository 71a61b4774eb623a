package dev.casemate.host.guest;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;

/** Bytes that are fetched from the guest, a chunk a call. Owned by one thread. */
abstract class ChunkInputStream extends InputStream {
  private ByteString pending = ByteString.EMPTY;
  private boolean ended;

  /** Waits for bytes: at least one, or none at the end, after which it is not called again. */
  abstract ByteString fetch() throws IOException;

  @Override
  public final int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public final int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (pending.isEmpty() && !ended) {
      pending = fetch();
      ended = pending.isEmpty();
    }
    if (pending.isEmpty()) {
      return -1;
    }
    int taken = Math.min(length, pending.size());
    pending.substring(0, taken).copyTo(into, offset);
    pending = pending.substring(taken);
    return taken;
  }

  /** What was fetched and not yet read. */
  @Override
  public final int available() {
    return pending.size();
  }

  /** Ends the stream: what was fetched can still be read. Whether it had ended before. */
  final boolean end() {
    boolean before = ended;
    ended = true;
    return before;
  }
}
