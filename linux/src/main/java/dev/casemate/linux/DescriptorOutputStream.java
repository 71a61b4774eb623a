package dev.casemate.linux;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Writes to a descriptor, be it blocking or not. */
final class DescriptorOutputStream extends OutputStream {
  /**
   * What a pipe takes without waiting once {@code poll(2)} calls it writable: {@code PIPE_BUF}.
   * More at once could wait where no wake-up reaches.
   */
  private static final int INTERRUPTIBLE_BYTES = 4096;

  private final Descriptor descriptor;
  private final @Nullable Wakeup stop;

  DescriptorOutputStream(Descriptor descriptor, @Nullable Wakeup stop) {
    this.descriptor = descriptor;
    this.stop = stop;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] buffer, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    int done = 0;
    try {
      while (done < length) {
        int chunk = length - done;
        if (stop != null) {
          if (!Poll.awaitEither(descriptor, Poll.WRITE, stop)) {
            throw new IOException("the write was stopped after " + done + " bytes");
          }
          chunk = Math.min(chunk, INTERRUPTIBLE_BYTES);
        }
        done += writeSome(buffer, offset + done, chunk);
      }
    } catch (LinuxException e) {
      throw e.toIoException();
    }
  }

  /** How many bytes were written; none when there is no room after all. */
  private int writeSome(byte[] buffer, int offset, int length) {
    try {
      return descriptor.write(buffer, offset, length);
    } catch (LinuxException e) {
      if (e.errno() != Errno.EAGAIN) {
        throw e;
      }
      if (stop == null) {
        Poll.awaitWritable(descriptor, null);
      }
      return 0;
    }
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
