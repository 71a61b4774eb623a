package dev.casemate.linux;

import java.lang.foreign.MemorySegment;

/** Calls on mounts and namespaces, named as libc names them. */
final class MountCalls {
  /** struct mount_attr, version 0: four 64-bit words. */
  private static final int MOUNT_ATTR_BYTES = 32;

  private MountCalls() {}

  static void mount(String source, String target, String type, long flags, String data) {
    try (Memory memory = new Memory()) {
      // SAFETY: all strings are NUL-terminated and live until the call has returned; an empty one
      // is passed as a null pointer, which mount(2) takes for everything but the target.
      long result =
          NativeCall.syscall(
              SyscallNumbers.MOUNT,
              memory.stringOrNull(source),
              memory.string(target).address(),
              memory.stringOrNull(type),
              flags,
              memory.stringOrNull(data),
              0);
      NativeCall.check(result, "mount", target);
    }
  }

  static void umount2(String target, int flags) {
    try (Memory memory = new Memory()) {
      // SAFETY: the path is NUL-terminated and lives until the call has returned.
      long result =
          NativeCall.syscall(SyscallNumbers.UMOUNT2, memory.string(target).address(), flags, 0);
      NativeCall.check(result, "umount2", target);
    }
  }

  static void pivotRoot(String newRoot, String putOld) {
    try (Memory memory = new Memory()) {
      // SAFETY: both paths are NUL-terminated and live until the call has returned.
      long result =
          NativeCall.syscall(
              SyscallNumbers.PIVOT_ROOT,
              memory.string(newRoot).address(),
              memory.string(putOld).address(),
              0);
      NativeCall.check(result, "pivot_root", newRoot);
    }
  }

  static void chroot(String path) {
    try (Memory memory = new Memory()) {
      // SAFETY: the path is NUL-terminated and lives until the call has returned.
      long result = NativeCall.syscall(SyscallNumbers.CHROOT, memory.string(path).address(), 0, 0);
      NativeCall.check(result, "chroot", path);
    }
  }

  static void mountSetattr(
      int dir, String path, int flags, long set, long clear, long propagation, String subject) {
    try (Memory memory = new Memory()) {
      MemorySegment attributes = memory.zeroed(MOUNT_ATTR_BYTES);
      Memory.putLong(attributes, 0, set);
      Memory.putLong(attributes, 8, clear);
      Memory.putLong(attributes, 16, propagation);
      // SAFETY: path and struct live until the call has returned; the size is the struct's.
      long result =
          NativeCall.syscall(
              SyscallNumbers.MOUNT_SETATTR,
              dir,
              memory.string(path).address(),
              flags,
              attributes.address(),
              MOUNT_ATTR_BYTES,
              0);
      NativeCall.check(result, "mount_setattr", subject);
    }
  }

  static int openTree(int dir, String path, int flags, String subject) {
    try (Memory memory = new Memory()) {
      // SAFETY: the path is NUL-terminated and lives until the call has returned.
      long result =
          NativeCall.syscall(SyscallNumbers.OPEN_TREE, dir, memory.string(path).address(), flags);
      return (int) NativeCall.check(result, "open_tree", subject);
    }
  }

  static void moveMount(int from, int to, int flags, String subject) {
    try (Memory memory = new Memory()) {
      long empty = memory.string("").address();
      // SAFETY: both paths are the same empty string, which lives until the call has returned.
      long result = NativeCall.syscall(SyscallNumbers.MOVE_MOUNT, from, empty, to, empty, flags, 0);
      NativeCall.check(result, "move_mount", subject);
    }
  }
}
