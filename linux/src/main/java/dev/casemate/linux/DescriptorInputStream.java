package dev.casemate.linux;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads from a descriptor, be it blocking or not: files that came from elsewhere may be
 * non-blocking and must stay so.
 */
final class DescriptorInputStream extends InputStream {
  private final Descriptor descriptor;
  private final @Nullable Wakeup stop;

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
    try {
      while (true) {
        if (stop != null && length > 0 && !Poll.awaitEither(descriptor, Poll.READ, stop)) {
          return -1;
        }
        try {
          return descriptor.read(buffer, offset, length);
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

  @Override
  public void close() {
    descriptor.close();
  }
}
