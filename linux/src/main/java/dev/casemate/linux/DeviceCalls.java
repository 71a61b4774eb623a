package dev.casemate.linux;

import java.lang.foreign.MemorySegment;

/** {@code ioctl(2)} in its shapes: with a number, with a struct in, out, or in and out. */
final class DeviceCalls {
  private DeviceCalls() {}

  /** With a plain number as argument. */
  static int withNumber(Descriptor device, int request, long argument) {
    int fd = device.acquire("ioctl");
    try {
      return (int)
          FileCalls.plain(
              name(request),
              SyscallNumbers.IOCTL,
              fd,
              Integer.toUnsignedLong(request),
              argument,
              device.subject());
    } finally {
      device.release();
    }
  }

  /** With a struct that the kernel reads. */
  static void put(Descriptor device, int request, byte[] struct) {
    try (Memory memory = new Memory()) {
      // SAFETY: the struct lives until the call has returned; its size is the request's.
      int ignored = withNumber(device, request, memory.bytes(struct, 0, struct.length).address());
    }
  }

  /** With a struct that the kernel fills. */
  static byte[] get(Descriptor device, int request, int bytes) {
    try (Memory memory = new Memory()) {
      MemorySegment struct = memory.zeroed(bytes);
      // SAFETY: the struct has the size that the request fills, and lives until the call returned.
      int ignored = withNumber(device, request, struct.address());
      return Memory.copyOf(struct, 0, bytes);
    }
  }

  /** With a struct that the kernel reads and changes. */
  static byte[] exchange(Descriptor device, int request, byte[] struct) {
    try (Memory memory = new Memory()) {
      MemorySegment segment = memory.bytes(struct, 0, struct.length);
      // SAFETY: the struct has the size of the request's, and lives until the call has returned.
      int ignored = withNumber(device, request, segment.address());
      return Memory.copyOf(segment, 0, struct.length);
    }
  }

  /** With an int that the kernel fills. */
  static int getInt(Descriptor device, int request) {
    byte[] bytes = get(device, request, 4);
    return java.nio.ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.nativeOrder()).getInt();
  }

  private static String name(int request) {
    return "ioctl(0x" + Integer.toHexString(request) + ")";
  }
}
