package dev.casemate.linux;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code posix_spawn(3)} of glibc: a child that shares memory with its parent until it executes the
 * program, so that a big JVM costs nothing to leave and errors of the child come back as numbers.
 */
final class SpawnCalls {
  /** At least {@code sizeof(posix_spawn_file_actions_t)}, 80 bytes in glibc. */
  private static final int FILE_ACTIONS_BYTES = 256;

  /** At least {@code sizeof(posix_spawnattr_t)}, 336 bytes in glibc. */
  private static final int ATTRIBUTES_BYTES = 1024;

  /** {@code sizeof(sigset_t)} in glibc. */
  private static final int SIGNAL_SET_BYTES = 128;

  private static final int POSIX_SPAWN_SETSIGDEF = 0x04;
  private static final int POSIX_SPAWN_SETSIGMASK = 0x08;

  /** Since glibc 2.26. */
  private static final int POSIX_SPAWN_SETSID = 0x80;

  /**
   * All 64. Among them are glibc's own 32 and 33, which a child would ignore otherwise, and KILL
   * and STOP, for which the child's attempt fails without consequence.
   */
  private static final long ALL_SIGNALS = -1;

  private static final MemorySegment SPAWN = NativeCall.function("posix_spawn");
  private static final MemorySegment ACTIONS_INIT =
      NativeCall.function("posix_spawn_file_actions_init");
  private static final MemorySegment ACTIONS_DESTROY =
      NativeCall.function("posix_spawn_file_actions_destroy");
  private static final MemorySegment ADD_DUP2 =
      NativeCall.function("posix_spawn_file_actions_adddup2");
  private static final MemorySegment ADD_OPEN =
      NativeCall.function("posix_spawn_file_actions_addopen");

  /** Since glibc 2.29. */
  private static final MemorySegment ADD_CHDIR =
      NativeCall.function("posix_spawn_file_actions_addchdir_np");

  /** Since glibc 2.34. */
  private static final MemorySegment ADD_CLOSEFROM =
      NativeCall.function("posix_spawn_file_actions_addclosefrom_np");

  private static final MemorySegment ATTRIBUTES_INIT = NativeCall.function("posix_spawnattr_init");
  private static final MemorySegment ATTRIBUTES_DESTROY =
      NativeCall.function("posix_spawnattr_destroy");
  private static final MemorySegment SET_FLAGS = NativeCall.function("posix_spawnattr_setflags");
  private static final MemorySegment SET_DEFAULT =
      NativeCall.function("posix_spawnattr_setsigdefault");
  private static final MemorySegment SET_MASK = NativeCall.function("posix_spawnattr_setsigmask");

  private SpawnCalls() {}

  static int spawn(ChildCommand command) {
    List<Descriptor> sources = new ArrayList<>();
    try (Memory memory = new Memory()) {
      // Copies above all the child's numbers, so that no dup2 overwrites the source of another one.
      for (Descriptor descriptor : command.descriptors()) {
        sources.add(duplicateAbove(descriptor, command.descriptors().size()));
      }
      MemorySegment actions = memory.zeroed(FILE_ACTIONS_BYTES);
      check(call(ACTIONS_INIT, actions.address(), 0, 0, 0, 0), command);
      try {
        addActions(memory, actions.address(), command, sources);
        return spawn(memory, actions.address(), command);
      } finally {
        call(ACTIONS_DESTROY, actions.address(), 0, 0, 0, 0);
      }
    } finally {
      sources.forEach(Descriptor::close);
    }
  }

  private static Descriptor duplicateAbove(Descriptor descriptor, int lowest) {
    int fd = descriptor.acquire("fcntl");
    try {
      return Descriptor.adopt(FileCalls.dup(fd, Math.max(3, lowest), descriptor.subject()));
    } finally {
      descriptor.release();
    }
  }

  private static void addActions(
      Memory memory, long actions, ChildCommand command, List<Descriptor> sources) {
    int next = 0;
    if (!command.terminal().isEmpty()) {
      // The first terminal that a session leader without one opens becomes the controlling one.
      long path = memory.string(command.terminal()).address();
      check(call(ADD_OPEN, actions, 0, path, OpenAccess.READ_WRITE.bits(), 0), command);
      check(call(ADD_DUP2, actions, 0, 1, 0, 0), command);
      check(call(ADD_DUP2, actions, 0, 2, 0, 0), command);
      next = 3;
    }
    for (; next < sources.size(); next++) {
      check(call(ADD_DUP2, actions, sources.get(next).number(), next, 0, 0), command);
    }
    // Not everything in a JVM is close-on-exec.
    check(call(ADD_CLOSEFROM, actions, next, 0, 0, 0), command);
    if (!command.directory().isEmpty()) {
      long path = memory.string(command.directory()).address();
      check(call(ADD_CHDIR, actions, path, 0, 0, 0), command);
    }
  }

  private static int spawn(Memory memory, long actions, ChildCommand command) {
    long attributes = memory.zeroed(ATTRIBUTES_BYTES).address();
    check(call(ATTRIBUTES_INIT, attributes, 0, 0, 0, 0), command);
    try {
      MemorySegment none = memory.zeroed(SIGNAL_SET_BYTES);
      MemorySegment all = memory.zeroed(SIGNAL_SET_BYTES);
      Memory.putLong(all, 0, ALL_SIGNALS);
      int flags =
          POSIX_SPAWN_SETSIGDEF
              | POSIX_SPAWN_SETSIGMASK
              | (command.newSession() ? POSIX_SPAWN_SETSID : 0);
      check(call(SET_FLAGS, attributes, flags, 0, 0, 0), command);
      check(call(SET_MASK, attributes, none.address(), 0, 0, 0), command);
      check(call(SET_DEFAULT, attributes, all.address(), 0, 0, 0), command);
      MemorySegment pid = memory.zeroed(4);
      // SAFETY: all memory is of this call's arena; glibc returns only after the child has executed
      // the program or is gone, so nothing reads it later.
      int error =
          NativeCall.libc(
              SPAWN,
              pid.address(),
              memory.string(command.program()).address(),
              actions,
              attributes,
              memory.strings(command.argv()).address(),
              memory.strings(command.environment()).address());
      check(error, command);
      return Memory.getInt(pid, 0);
    } finally {
      call(ATTRIBUTES_DESTROY, attributes, 0, 0, 0, 0);
    }
  }

  private static int call(MemorySegment function, long a1, long a2, long a3, long a4, long a5) {
    // SAFETY: each function is one of posix_spawn's, gets the number of arguments that its manual
    // names (further ones are ignored), and structs at least as big as glibc's.
    return NativeCall.libc(function, a1, a2, a3, a4, a5, 0);
  }

  private static void check(int error, ChildCommand command) {
    if (error != 0) {
      throw new LinuxException(error, "posix_spawn", command.program());
    }
  }
}
