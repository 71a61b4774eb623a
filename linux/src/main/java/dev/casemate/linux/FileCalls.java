package dev.casemate.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/** Calls on descriptors and paths, named as libc names them. */
final class FileCalls {
  static final int AT_FDCWD = -100;
  static final int AT_SYMLINK_NOFOLLOW = 0x100;
  static final int AT_REMOVEDIR = 0x200;
  static final int AT_EMPTY_PATH = 0x1000;

  private static final int F_GETFD = 1;
  private static final int F_SETFD = 2;
  private static final int F_GETFL = 3;
  private static final int F_SETFL = 4;
  private static final int F_SETPIPE_SZ = 1031;
  private static final int F_GETPIPE_SZ = 1032;
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int FD_CLOEXEC = 1;
  private static final int O_NONBLOCK = 0x800;
  private static final int O_CLOEXEC = 0x80000;

  /** struct open_how: three 64-bit words. */
  private static final int OPEN_HOW_BYTES = 24;

  private static final int STATX_BYTES = 256;
  private static final int STATX_BASIC_STATS = 0x7ff;
  private static final int STATFS_BYTES = 120;

  /** The kernel never gives a longer target than a page: {@code PATH_MAX}. */
  private static final int PATH_MAX = 4096;

  /** The most that one read or write moves through a copy, which bounds the copy's memory. */
  private static final int CHUNK_BYTES = 256 * 1024;

  /**
   * How often a path is resolved anew: the kernel answers {@code EAGAIN} when a rename or mount
   * anywhere raced with a {@code ..} in it. Whoever wins this many races in a row means harm.
   */
  private static final int RESOLVE_TRIES = 64;

  private FileCalls() {}

  static int read(int fd, byte[] buffer, int offset, int length, String subject) {
    int chunk = Math.min(length, CHUNK_BYTES);
    try (Memory memory = new Memory()) {
      MemorySegment segment = memory.zeroed(chunk);
      // SAFETY: the segment has room for the chunk and lives until the call has returned.
      long result = NativeCall.restarting(SyscallNumbers.READ, fd, segment.address(), chunk, 0);
      int count = (int) NativeCall.check(result, "read", subject);
      MemorySegment.copy(segment, JAVA_BYTE, 0, buffer, offset, count);
      return count;
    }
  }

  static int write(int fd, byte[] buffer, int offset, int length, String subject) {
    int chunk = Math.min(length, CHUNK_BYTES);
    try (Memory memory = new Memory()) {
      MemorySegment segment = memory.bytes(buffer, offset, chunk);
      // SAFETY: the segment holds the chunk and lives until the call has returned.
      long result = NativeCall.restarting(SyscallNumbers.WRITE, fd, segment.address(), chunk, 0);
      return (int) NativeCall.check(result, "write", subject);
    }
  }

  /** Reads into or writes from a direct buffer without a copy, and moves its position. */
  static int transfer(boolean write, int fd, ByteBuffer direct, String subject) {
    try {
      MemorySegment segment = MemorySegment.ofBuffer(direct);
      // SAFETY: the segment is what remains of a direct buffer, which the fence below keeps alive;
      // a read-only buffer was refused by the caller.
      long result =
          NativeCall.restarting(
              write ? SyscallNumbers.WRITE : SyscallNumbers.READ,
              fd,
              segment.address(),
              segment.byteSize(),
              0);
      int count = (int) NativeCall.check(result, write ? "write" : "read", subject);
      direct.position(direct.position() + count);
      return count;
    } finally {
      Reference.reachabilityFence(direct);
    }
  }

  static void close(int fd) {
    // Linux frees the number even when it reports an error, so there is nothing to repeat.
    NativeCall.syscall(SyscallNumbers.CLOSE, fd, 0, 0);
  }

  static int openat(int dir, String path, int flags, int mode) {
    try (Memory memory = new Memory()) {
      // SAFETY: the path is NUL-terminated and lives until the call has returned.
      long result =
          NativeCall.restarting(
              SyscallNumbers.OPENAT, dir, memory.string(path).address(), flags | O_CLOEXEC, mode);
      return (int) NativeCall.check(result, "openat", path);
    }
  }

  static int openat2(int dir, String path, long flags, long mode, long resolve) {
    try (Memory memory = new Memory()) {
      MemorySegment how = memory.zeroed(OPEN_HOW_BYTES);
      Memory.putLong(how, 0, flags | O_CLOEXEC);
      Memory.putLong(how, 8, mode);
      Memory.putLong(how, 16, resolve);
      long address = memory.string(path).address();
      long result;
      int tries = 0;
      do {
        // SAFETY: path and struct live until the call has returned; the size is the struct's.
        result =
            NativeCall.restarting(
                SyscallNumbers.OPENAT2, dir, address, how.address(), OPEN_HOW_BYTES);
      } while (result == -Errno.EAGAIN.number() && ++tries < RESOLVE_TRIES);
      return (int) NativeCall.check(result, "openat2", path);
    }
  }

  static int dup(int fd, int lowest, String subject) {
    long result = NativeCall.syscall(SyscallNumbers.FCNTL, fd, F_DUPFD_CLOEXEC, lowest);
    return (int) NativeCall.check(result, "fcntl(F_DUPFD_CLOEXEC)", subject);
  }

  static boolean isCloseOnExec(int fd, String subject) {
    long flags = NativeCall.syscall(SyscallNumbers.FCNTL, fd, F_GETFD, 0);
    return (NativeCall.check(flags, "fcntl(F_GETFD)", subject) & FD_CLOEXEC) != 0;
  }

  static void setCloseOnExec(int fd, boolean on, String subject) {
    long result = NativeCall.syscall(SyscallNumbers.FCNTL, fd, F_SETFD, on ? FD_CLOEXEC : 0);
    NativeCall.check(result, "fcntl(F_SETFD)", subject);
  }

  static int pipeCapacity(int fd, String subject) {
    long bytes = NativeCall.syscall(SyscallNumbers.FCNTL, fd, F_GETPIPE_SZ, 0);
    return (int) NativeCall.check(bytes, "fcntl(F_GETPIPE_SZ)", subject);
  }

  static void setPipeCapacity(int fd, int bytes, String subject) {
    long result = NativeCall.syscall(SyscallNumbers.FCNTL, fd, F_SETPIPE_SZ, bytes);
    NativeCall.check(result, "fcntl(F_SETPIPE_SZ)", subject);
  }

  static int statusFlags(int fd, String subject) {
    long flags = NativeCall.syscall(SyscallNumbers.FCNTL, fd, F_GETFL, 0);
    return (int) NativeCall.check(flags, "fcntl(F_GETFL)", subject);
  }

  static boolean isNonBlocking(int fd, String subject) {
    return (statusFlags(fd, subject) & O_NONBLOCK) != 0;
  }

  static void setNonBlocking(int fd, boolean on, String subject) {
    int flags = statusFlags(fd, subject);
    int wanted = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
    NativeCall.check(
        NativeCall.syscall(SyscallNumbers.FCNTL, fd, F_SETFL, wanted), "fcntl(F_SETFL)", subject);
  }

  static int[] pipe2() {
    try (Memory memory = new Memory()) {
      MemorySegment pair = memory.zeroed(8);
      // SAFETY: the kernel writes two ints into the eight bytes.
      long result = NativeCall.syscall(SyscallNumbers.PIPE2, pair.address(), O_CLOEXEC, 0);
      NativeCall.check(result, "pipe2", "");
      return new int[] {Memory.getInt(pair, 0), Memory.getInt(pair, 4)};
    }
  }

  static int eventfd2() {
    return (int)
        NativeCall.check(
            NativeCall.syscall(SyscallNumbers.EVENTFD2, 0, O_CLOEXEC | O_NONBLOCK, 0),
            "eventfd2",
            "");
  }

  static int memfdCreate(String name) {
    try (Memory memory = new Memory()) {
      // SAFETY: the name is NUL-terminated and lives until the call has returned. 1: MFD_CLOEXEC.
      long result =
          NativeCall.syscall(SyscallNumbers.MEMFD_CREATE, memory.string(name).address(), 1, 0);
      return (int) NativeCall.check(result, "memfd_create", name);
    }
  }

  static FileStatus statx(int dir, String path, int flags, String subject) {
    try (Memory memory = new Memory()) {
      MemorySegment status = memory.zeroed(STATX_BYTES);
      // SAFETY: the path is NUL-terminated, the buffer has the size of struct statx.
      long result =
          NativeCall.syscall(
              SyscallNumbers.STATX,
              dir,
              memory.string(path).address(),
              flags,
              STATX_BASIC_STATS,
              status.address(),
              0);
      NativeCall.check(result, "statx", subject);
      return new FileStatus(
          Memory.getShort(status, 28),
          Memory.getInt(status, 20),
          Memory.getInt(status, 24),
          Memory.getLong(status, 40),
          Memory.getLong(status, 32),
          Memory.getInt(status, 136),
          Memory.getInt(status, 140),
          Memory.getInt(status, 128),
          Memory.getInt(status, 132));
    }
  }

  static FileSystemStatus statfs(String path) {
    try (Memory memory = new Memory()) {
      MemorySegment status = memory.zeroed(STATFS_BYTES);
      // SAFETY: the path is NUL-terminated, the buffer has the size of struct statfs.
      long result =
          NativeCall.syscall(
              SyscallNumbers.STATFS, memory.string(path).address(), status.address(), 0);
      NativeCall.check(result, "statfs", path);
      return new FileSystemStatus(
          Memory.getLong(status, 0),
          Memory.getLong(status, 8),
          Memory.getLong(status, 16),
          Memory.getLong(status, 24),
          Memory.getLong(status, 32),
          Memory.getLong(status, 40),
          Memory.getLong(status, 48));
    }
  }

  static void mknodat(int dir, String path, int mode, long device) {
    try (Memory memory = new Memory()) {
      // SAFETY: the path is NUL-terminated and lives until the call has returned.
      long result =
          NativeCall.syscall(
              SyscallNumbers.MKNODAT, dir, memory.string(path).address(), mode, device);
      NativeCall.check(result, "mknodat", path);
    }
  }

  static void mkdirat(int dir, String path, int mode) {
    try (Memory memory = new Memory()) {
      // SAFETY: the path is NUL-terminated and lives until the call has returned.
      long result =
          NativeCall.syscall(SyscallNumbers.MKDIRAT, dir, memory.string(path).address(), mode);
      NativeCall.check(result, "mkdirat", path);
    }
  }

  static void unlinkat(int dir, String path, int flags) {
    try (Memory memory = new Memory()) {
      // SAFETY: the path is NUL-terminated and lives until the call has returned.
      long result =
          NativeCall.syscall(SyscallNumbers.UNLINKAT, dir, memory.string(path).address(), flags);
      NativeCall.check(result, "unlinkat", path);
    }
  }

  static void symlinkat(String target, int dir, String path) {
    try (Memory memory = new Memory()) {
      // SAFETY: both strings are NUL-terminated and live until the call has returned.
      long result =
          NativeCall.syscall(
              SyscallNumbers.SYMLINKAT,
              memory.string(target).address(),
              dir,
              memory.string(path).address());
      NativeCall.check(result, "symlinkat", path);
    }
  }

  static void renameat2(int fromDir, String from, int toDir, String to, int flags) {
    try (Memory memory = new Memory()) {
      // SAFETY: both strings are NUL-terminated and live until the call has returned.
      long result =
          NativeCall.syscall(
              SyscallNumbers.RENAMEAT2,
              fromDir,
              memory.string(from).address(),
              toDir,
              memory.string(to).address(),
              flags,
              0);
      NativeCall.check(result, "renameat2", from);
    }
  }

  static String readlinkat(int dir, String path) {
    try (Memory memory = new Memory()) {
      MemorySegment target = memory.zeroed(PATH_MAX);
      // SAFETY: the path is NUL-terminated; the kernel writes at most the given size.
      long result =
          NativeCall.syscall(
              SyscallNumbers.READLINKAT,
              dir,
              memory.string(path).address(),
              target.address(),
              PATH_MAX);
      int length = (int) NativeCall.check(result, "readlinkat", path);
      return new String(Memory.copyOf(target, 0, length), java.nio.charset.StandardCharsets.UTF_8);
    }
  }

  static void fchownat(int dir, String path, int uid, int gid, int flags, String subject) {
    try (Memory memory = new Memory()) {
      // SAFETY: the path is NUL-terminated and lives until the call has returned.
      long result =
          NativeCall.syscall(
              SyscallNumbers.FCHOWNAT, dir, memory.string(path).address(), uid, gid, flags, 0);
      NativeCall.check(result, "fchownat", subject);
    }
  }

  static void fchmodat(int dir, String path, int mode) {
    try (Memory memory = new Memory()) {
      // SAFETY: the path is NUL-terminated and lives until the call has returned.
      long result =
          NativeCall.syscall(SyscallNumbers.FCHMODAT, dir, memory.string(path).address(), mode);
      NativeCall.check(result, "fchmodat", path);
    }
  }

  static void lsetxattr(String path, String name, byte[] value) {
    try (Memory memory = new Memory()) {
      // SAFETY: strings are NUL-terminated, the value has the length that is told, and all of them
      // live until the call has returned.
      long result =
          NativeCall.syscall(
              SyscallNumbers.LSETXATTR,
              memory.string(path).address(),
              memory.string(name).address(),
              memory.bytes(value, 0, value.length).address(),
              value.length,
              0,
              0);
      NativeCall.check(result, "lsetxattr", path);
    }
  }

  /** A call whose arguments are integers only. */
  static long plain(String call, int number, long a1, long a2, long a3, String subject) {
    return NativeCall.check(NativeCall.restarting(number, a1, a2, a3, 0), call, subject);
  }
}
