package dev.casemate.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Native memory of one call: a confined arena, opened before and closed after it. All structs are
 * laid out by hand at their offsets on 64-bit Linux; every access is bounds-checked by the segment.
 */
final class Memory implements AutoCloseable {
  private static final long ALIGNMENT = 16;

  private final Arena arena = Arena.ofConfined();

  /** Zeroed memory. */
  MemorySegment zeroed(long bytes) {
    return arena.allocate(Math.max(1, bytes), ALIGNMENT);
  }

  /** A NUL-terminated string of UTF-8 bytes. */
  MemorySegment string(String text) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a string for the kernel holds a NUL character");
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    MemorySegment segment = zeroed(bytes.length + 1L);
    MemorySegment.copy(bytes, 0, segment, JAVA_BYTE, 0, bytes.length);
    return segment;
  }

  /** The address of a string, or a null pointer for an empty one. */
  long stringOrNull(String text) {
    return text.isEmpty() ? 0 : string(text).address();
  }

  /** A null-terminated array of pointers to strings, as {@code execve(2)} takes. */
  MemorySegment strings(List<String> texts) {
    MemorySegment array = zeroed((texts.size() + 1L) * Long.BYTES);
    for (int i = 0; i < texts.size(); i++) {
      array.set(JAVA_LONG_UNALIGNED, (long) i * Long.BYTES, string(texts.get(i)).address());
    }
    return array;
  }

  /** A copy of bytes. */
  MemorySegment bytes(byte[] bytes, int offset, int length) {
    // Not zeroed first, which would be another pass over all that is ever written.
    return arena.allocateFrom(JAVA_BYTE, MemorySegment.ofArray(bytes), JAVA_BYTE, offset, length);
  }

  static void putShort(MemorySegment segment, long offset, int value) {
    segment.set(JAVA_SHORT_UNALIGNED, offset, (short) value);
  }

  static int getShort(MemorySegment segment, long offset) {
    return Short.toUnsignedInt(segment.get(JAVA_SHORT_UNALIGNED, offset));
  }

  static void putInt(MemorySegment segment, long offset, int value) {
    segment.set(JAVA_INT_UNALIGNED, offset, value);
  }

  static int getInt(MemorySegment segment, long offset) {
    return segment.get(JAVA_INT_UNALIGNED, offset);
  }

  static void putLong(MemorySegment segment, long offset, long value) {
    segment.set(JAVA_LONG_UNALIGNED, offset, value);
  }

  static long getLong(MemorySegment segment, long offset) {
    return segment.get(JAVA_LONG_UNALIGNED, offset);
  }

  static byte[] copyOf(MemorySegment segment, long offset, long length) {
    byte[] copy = new byte[Math.toIntExact(length)];
    MemorySegment.copy(segment, JAVA_BYTE, offset, copy, 0, copy.length);
    return copy;
  }

  @Override
  public void close() {
    arena.close();
  }
}
