package dev.casemate.linux;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** Calls on sockets, named as libc names them. */
final class SocketCalls {
  static final int AF_UNIX = 1;
  static final int AF_NETLINK = 16;
  static final int AF_VSOCK = 40;
  static final int SOCK_STREAM = 1;
  static final int SOCK_RAW = 3;
  static final int SOL_SOCKET = 1;
  static final int SO_PEERCRED = 17;

  private static final int SOCK_NONBLOCK = 0x800;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int SCM_RIGHTS = 1;
  private static final int MSG_CTRUNC = 0x8;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;

  private static final int MSGHDR_BYTES = 56;
  private static final int IOVEC_BYTES = 16;
  private static final int CMSGHDR_BYTES = 16;

  private SocketCalls() {}

  static int socket(int family, int type, int protocol, boolean nonBlocking, String subject) {
    int flags = SOCK_CLOEXEC | (nonBlocking ? SOCK_NONBLOCK : 0);
    return (int)
        FileCalls.plain("socket", SyscallNumbers.SOCKET, family, type | flags, protocol, subject);
  }

  static int[] socketpair() {
    try (Memory memory = new Memory()) {
      MemorySegment pair = memory.zeroed(8);
      // SAFETY: the kernel writes two ints into the eight bytes.
      long result =
          NativeCall.syscall(
              SyscallNumbers.SOCKETPAIR, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.address());
      NativeCall.check(result, "socketpair", "");
      return new int[] {Memory.getInt(pair, 0), Memory.getInt(pair, 4)};
    }
  }

  static void bind(int fd, byte[] address, String subject) {
    try (Memory memory = new Memory()) {
      // SAFETY: the address lives until the call has returned; its length is given.
      long pointer = memory.bytes(address, 0, address.length).address();
      NativeCall.check(
          NativeCall.syscall(SyscallNumbers.BIND, fd, pointer, address.length), "bind", subject);
    }
  }

  static void connect(int fd, byte[] address, String subject) {
    try (Memory memory = new Memory()) {
      // SAFETY: the address lives until the call has returned; its length is given.
      long pointer = memory.bytes(address, 0, address.length).address();
      long result = NativeCall.restarting(SyscallNumbers.CONNECT, fd, pointer, address.length, 0);
      NativeCall.check(result, "connect", subject);
    }
  }

  static void listen(int fd, int backlog, String subject) {
    FileCalls.plain("listen", SyscallNumbers.LISTEN, fd, backlog, 0, subject);
  }

  /** A connection, or -1 when none is waiting on the non-blocking socket (any more). */
  static int accept4(int fd, String subject) {
    long result = NativeCall.restarting(SyscallNumbers.ACCEPT4, fd, 0, 0, SOCK_CLOEXEC);
    if (result == -Errno.EAGAIN.number() || result == -Errno.ECONNABORTED.number()) {
      return -1;
    }
    return (int) NativeCall.check(result, "accept4", subject);
  }

  static void shutdown(int fd, int how, String subject) {
    FileCalls.plain("shutdown", SyscallNumbers.SHUTDOWN, fd, how, 0, subject);
  }

  /** An option of the given size in ints. */
  static int[] getsockopt(int fd, int level, int option, int ints, String subject) {
    try (Memory memory = new Memory()) {
      MemorySegment value = memory.zeroed(4L * ints);
      MemorySegment length = memory.zeroed(4);
      Memory.putInt(length, 0, 4 * ints);
      // SAFETY: the kernel writes at most as many bytes as the length says.
      long result =
          NativeCall.syscall(
              SyscallNumbers.GETSOCKOPT, fd, level, option, value.address(), length.address(), 0);
      NativeCall.check(result, "getsockopt", subject);
      int[] values = new int[ints];
      for (int i = 0; i < ints; i++) {
        values[i] = Memory.getInt(value, 4L * i);
      }
      return values;
    }
  }

  static void setsockopt(int fd, int level, int option, int value, String subject) {
    try (Memory memory = new Memory()) {
      MemorySegment segment = memory.zeroed(4);
      Memory.putInt(segment, 0, value);
      // SAFETY: the kernel reads the four bytes that the length names.
      long result =
          NativeCall.syscall(SyscallNumbers.SETSOCKOPT, fd, level, option, segment.address(), 4, 0);
      NativeCall.check(result, "setsockopt", subject);
    }
  }

  /** Sends bytes and descriptors; returns how many bytes went, at least one. */
  static int sendmsg(int fd, byte[] data, int offset, int length, int[] fds, String subject) {
    try (Memory memory = new Memory()) {
      MemorySegment control = memory.zeroed(controlBytes(fds.length));
      MemorySegment message =
          message(memory, memory.bytes(data, offset, length), fds.length > 0 ? control : null);
      if (fds.length > 0) {
        Memory.putLong(control, 0, CMSGHDR_BYTES + 4L * fds.length);
        Memory.putInt(control, 8, SOL_SOCKET);
        Memory.putInt(control, 12, SCM_RIGHTS);
        for (int i = 0; i < fds.length; i++) {
          Memory.putInt(control, CMSGHDR_BYTES + 4L * i, fds[i]);
        }
      }
      // SAFETY: message, vector, data and control are of this arena, with their true sizes.
      long result =
          NativeCall.restarting(SyscallNumbers.SENDMSG, fd, message.address(), MSG_NOSIGNAL, 0);
      return (int) NativeCall.check(result, "sendmsg", subject);
    }
  }

  /**
   * Waits for bytes and takes what is there.
   *
   * @param fds gets the numbers that came along, which the caller then owns
   * @throws LinuxException {@code EMSGSIZE} when the kernel dropped numbers for want of room; those
   *     that fitted are in {@code fds} all the same
   */
  static byte[] recvmsg(int fd, int maxBytes, int maxFds, List<Integer> fds, String subject) {
    try (Memory memory = new Memory()) {
      MemorySegment data = memory.zeroed(maxBytes);
      MemorySegment control = memory.zeroed(controlBytes(maxFds));
      MemorySegment message = message(memory, data.asSlice(0, maxBytes), control);
      // SAFETY: message, vector, data and control are of this arena, with their true sizes.
      long result =
          NativeCall.restarting(SyscallNumbers.RECVMSG, fd, message.address(), MSG_CMSG_CLOEXEC, 0);
      int count = (int) NativeCall.check(result, "recvmsg", subject);
      addDescriptors(control, Memory.getLong(message, 40), fds);
      if ((Memory.getInt(message, 48) & MSG_CTRUNC) != 0) {
        throw new LinuxException(Errno.EMSGSIZE, "recvmsg", subject);
      }
      return Memory.copyOf(data, 0, count);
    }
  }

  private static MemorySegment message(
      Memory memory, MemorySegment data, @org.jspecify.annotations.Nullable MemorySegment control) {
    MemorySegment vector = memory.zeroed(IOVEC_BYTES);
    Memory.putLong(vector, 0, data.address());
    Memory.putLong(vector, 8, data.byteSize());
    MemorySegment message = memory.zeroed(MSGHDR_BYTES);
    Memory.putLong(message, 16, vector.address());
    Memory.putLong(message, 24, 1);
    if (control != null) {
      Memory.putLong(message, 32, control.address());
      Memory.putLong(message, 40, control.byteSize());
    }
    return message;
  }

  private static void addDescriptors(MemorySegment control, long length, List<Integer> fds) {
    long offset = 0;
    while (offset + CMSGHDR_BYTES <= length) {
      long size = Memory.getLong(control, offset);
      if (size < CMSGHDR_BYTES || offset + size > length) {
        break;
      }
      if (Memory.getInt(control, offset + 8) == SOL_SOCKET
          && Memory.getInt(control, offset + 12) == SCM_RIGHTS) {
        for (long at = offset + CMSGHDR_BYTES; at + 4 <= offset + size; at += 4) {
          fds.add(Memory.getInt(control, at));
        }
      }
      offset += aligned(size);
    }
  }

  private static long controlBytes(int fds) {
    return CMSGHDR_BYTES + aligned(4L * fds);
  }

  private static long aligned(long size) {
    return (size + 7) & ~7L;
  }
}
