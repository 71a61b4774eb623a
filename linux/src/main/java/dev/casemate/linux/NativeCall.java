package dev.casemate.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * The one door to native code: a single downcall handle that takes the function to call and seven
 * words. Linking a handle costs 20 to 30 ms in a short-lived JVM, which no cache removes, so there
 * is exactly one. It serves {@code syscall(2)} and those few functions of libc that take only
 * integers and pointers: on x86_64 and aarch64 each of these occupies one argument register, and a
 * callee ignores the registers and the upper halves that it does not ask for.
 *
 * <p>{@code errno} is captured by the linker straight after the call, into memory of this call: no
 * two threads can see each other's.
 */
final class NativeCall {
  private static final Linker LINKER = Linker.nativeLinker();

  @SuppressWarnings("restricted")
  private static final MethodHandle CALL =
      // SAFETY: the callers pass functions of libc with at most seven integer or pointer parameters
      // and an integer result, so the C calling convention of this descriptor fits all of them.
      LINKER.downcallHandle(
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
              JAVA_LONG),
          Linker.Option.captureCallState("errno"));

  private static final MemorySegment SYSCALL = function("syscall");

  private NativeCall() {}

  /** The address of a function of libc. */
  static MemorySegment function(String name) {
    SymbolLookup libc = LINKER.defaultLookup();
    return libc.find(name)
        .orElseThrow(() -> new UnsupportedOperationException("libc has no function " + name));
  }

  /** Does a system call; the result is the kernel's, or the negated error number. */
  static long syscall(int number, long a1, long a2, long a3, long a4, long a5, long a6) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = arena.allocate(JAVA_INT);
      long result = invoke(SYSCALL, errno, number, a1, a2, a3, a4, a5, a6);
      return result == -1 ? -errno.get(JAVA_INT, 0) : result;
    }
  }

  static long syscall(int number, long a1, long a2, long a3) {
    return syscall(number, a1, a2, a3, 0, 0, 0);
  }

  static long syscall(int number, long a1, long a2, long a3, long a4) {
    return syscall(number, a1, a2, a3, a4, 0, 0);
  }

  /** As {@code syscall}, again and again while a signal interrupts it. */
  static long restarting(int number, long a1, long a2, long a3, long a4) {
    long result;
    do {
      result = syscall(number, a1, a2, a3, a4, 0, 0);
    } while (result == -Errno.EINTR.number());
    return result;
  }

  /** Calls a function of libc that returns its error number, as the {@code posix_} ones do. */
  static int libc(MemorySegment function, long a1, long a2, long a3, long a4, long a5, long a6) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) invoke(function, arena.allocate(JAVA_INT), a1, a2, a3, a4, a5, a6, 0);
    }
  }

  /** The result of a call as it is, or the exception that its negative value means. */
  static long check(long result, String call, String subject) {
    if (result < 0) {
      throw new LinuxException((int) -result, call, subject);
    }
    return result;
  }

  private static long invoke(
      MemorySegment function,
      MemorySegment errno,
      long a0,
      long a1,
      long a2,
      long a3,
      long a4,
      long a5,
      long a6) {
    try {
      // SAFETY: the handle checks the types; that each word is a valid argument of the function,
      // and that memory behind a pointer outlives the call, is the duty of the callers, all of
      // which are in this package and keep their arenas open until the call has returned.
      return (long) CALL.invokeExact(function, errno, a0, a1, a2, a3, a4, a5, a6);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new LinkageError("a native call threw a checked exception", e);
    }
  }
}
