package dev.casemate.linux;

import java.util.Locale;
import java.util.Optional;

/** The standard signals by name; x86_64 and aarch64 share the numbers. */
public enum Signal {
  /** Hang-up. */
  HUP(1),
  /** Interrupt from the keyboard. */
  INT(2),
  /** Quit from the keyboard. */
  QUIT(3),
  /** Illegal instruction. */
  ILL(4),
  /** Trap. */
  TRAP(5),
  /** Abort. */
  ABRT(6),
  /** Bus error. */
  BUS(7),
  /** Arithmetic error. */
  FPE(8),
  /** Kill; cannot be caught. */
  KILL(9),
  /** User-defined. */
  USR1(10),
  /** Invalid memory reference. */
  SEGV(11),
  /** User-defined. */
  USR2(12),
  /** Write to a pipe without readers. */
  PIPE(13),
  /** Timer. */
  ALRM(14),
  /** Please end. */
  TERM(15),
  /** Stack fault; unused. */
  STKFLT(16),
  /** A child changed its state. */
  CHLD(17),
  /** Continue. */
  CONT(18),
  /** Stop; cannot be caught. */
  STOP(19),
  /** Stop from the keyboard. */
  TSTP(20),
  /** Background read from the terminal. */
  TTIN(21),
  /** Background write to the terminal. */
  TTOU(22),
  /** Urgent data on a socket. */
  URG(23),
  /** CPU time limit. */
  XCPU(24),
  /** File size limit. */
  XFSZ(25),
  /** Virtual timer. */
  VTALRM(26),
  /** Profiling timer. */
  PROF(27),
  /** The window changed its size. */
  WINCH(28),
  /** I/O is possible. */
  IO(29),
  /** Power failure. */
  PWR(30),
  /** Bad system call. */
  SYS(31);

  /** The highest signal number, {@code SIGRTMAX}. */
  public static final int MAX_NUMBER = 64;

  private final int number;

  Signal(int number) {
    this.number = number;
  }

  /** The number, 1 to 31. */
  public int number() {
    return number;
  }

  /** The name or number as people write it, {@code KILL}, {@code sigkill} or {@code 9}. */
  public static Optional<Integer> parse(String text) {
    String name = text.toUpperCase(Locale.ROOT);
    if (!name.isEmpty() && name.length() <= 2 && name.chars().allMatch(c -> c >= '0' && c <= '9')) {
      int number = Integer.parseInt(name);
      return number >= 1 && number <= MAX_NUMBER ? Optional.of(number) : Optional.empty();
    }
    String bare = name.startsWith("SIG") ? name.substring(3) : name;
    for (Signal signal : values()) {
      if (signal.name().equals(bare)) {
        return Optional.of(signal.number);
      }
    }
    return Optional.empty();
  }
}
