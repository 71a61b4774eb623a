package dev.casemate.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;

/**
 * Bytes from one thread to another through a bounded buffer. Unlike the pipes of {@code java.io} it
 * does not care which threads live.
 */
final class Pipe {
  /** About what a socket takes before its writer has to wait. */
  private static final int CAPACITY = 128 << 10;

  private final byte[] buffer = new byte[CAPACITY];
  private int start;
  private int size;
  private boolean closed;

  synchronized void close() {
    closed = true;
    notifyAll();
  }

  private synchronized int read(byte[] into, int offset, int length) throws IOException {
    while (size == 0) {
      if (closed) {
        return -1;
      }
      try {
        wait();
      } catch (InterruptedException interrupted) {
        throw interrupted(interrupted);
      }
    }
    int count = Math.min(length, Math.min(size, CAPACITY - start));
    System.arraycopy(buffer, start, into, offset, count);
    start = (start + count) % CAPACITY;
    size -= count;
    notifyAll();
    return count;
  }

  private synchronized void write(byte[] from, int offset, int length) throws IOException {
    int written = 0;
    while (written < length) {
      while (size == CAPACITY && !closed) {
        try {
          wait();
        } catch (InterruptedException interrupted) {
          throw interrupted(interrupted);
        }
      }
      if (closed) {
        throw new IOException("the pipe is closed");
      }
      int end = (start + size) % CAPACITY;
      int count = Math.min(length - written, Math.min(CAPACITY - size, CAPACITY - end));
      System.arraycopy(from, offset + written, buffer, end, count);
      size += count;
      written += count;
      notifyAll();
    }
  }

  /** As a channel of java.nio does, so that a test notices who interrupts a read or a write. */
  private synchronized IOException interrupted(InterruptedException interrupted) {
    closed = true;
    notifyAll();
    Thread.currentThread().interrupt();
    return new IOException("interrupted", interrupted);
  }

  InputStream in() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        return length == 0 ? 0 : Pipe.this.read(into, offset, length);
      }
    };
  }

  OutputStream out() {
    return new OutputStream() {
      @Override
      public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
      }

      @Override
      public void write(byte[] from, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, from.length);
        Pipe.this.write(from, offset, length);
      }
    };
  }
}
