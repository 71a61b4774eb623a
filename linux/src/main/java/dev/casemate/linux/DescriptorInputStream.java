package dev.casemate.linux;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads from a descriptor, be it blocking or not: files that came from elsewhere may be
 * non-blocking and must stay so.
 */
final class DescriptorInputStream extends InputStream {
  /** The most that one read moves: as much as a pipe holds by default. */
  private static final int WINDOW_BYTES = 64 * 1024;

  private final Descriptor descriptor;
  private final @Nullable Wakeup stop;

  /** Where the kernel puts bytes; kept, since memory of its own for each read is cleared first. */
  private ByteBuffer window = ByteBuffer.allocateDirect(0);

  DescriptorInputStream(Descriptor descriptor, @Nullable Wakeup stop) {
    this.descriptor = descriptor;
    this.stop = stop;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    try {
      while (true) {
        if (stop != null && length > 0 && !Poll.awaitEither(descriptor, Poll.READ, stop)) {
          return -1;
        }
        try {
          return readSome(buffer, offset, length);
        } catch (LinuxException e) {
          if (e.errno() != Errno.EAGAIN) {
            throw e;
          }
        }
        if (stop == null) {
          Poll.awaitReadable(descriptor, null);
        }
      }
    } catch (LinuxException e) {
      // A terminal whose last other side was closed answers EIO: that is its end of file.
      if (e.errno() == Errno.EIO && Terminal.isTerminal(descriptor)) {
        return -1;
      }
      throw e.toIoException();
    }
  }

  private int readSome(byte[] buffer, int offset, int length) {
    int most = Math.min(length, WINDOW_BYTES);
    if (window.capacity() < most) {
      window = ByteBuffer.allocateDirect(most);
    }
    window.clear().limit(most);
    int count = descriptor.read(window);
    if (count > 0) {
      window.get(0, buffer, offset, count);
    }
    return count;
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
