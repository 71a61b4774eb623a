package dev.casemate.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/** What can be done with a terminal, be it a real one or either side of a {@link TerminalPair}. */
public final class Terminal {
  private static final int TCGETS = 0x5401;
  private static final int TCSETS = 0x5402;
  private static final int TIOCSCTTY = 0x540e;
  private static final int TIOCGWINSZ = 0x5413;
  private static final int TIOCSWINSZ = 0x5414;

  /** The kernel's struct termios: four ints, the line discipline, 19 control characters. */
  private static final int TERMIOS_BYTES = 36;

  private static final int WINSIZE_BYTES = 8;

  // What raw mode switches off, as cfmakeraw(3) does; include/uapi/asm-generic/termbits.h.
  /** IGNBRK, BRKINT, PARMRK, ISTRIP, INLCR, IGNCR, ICRNL, IXON. */
  private static final int INPUT_COOKING = 0x1 | 0x2 | 0x8 | 0x20 | 0x40 | 0x80 | 0x100 | 0x400;

  /** OPOST. */
  private static final int OUTPUT_COOKING = 0x1;

  /** CSIZE and PARENB. */
  private static final int CHARACTER_FRAMING = 0x30 | 0x100;

  /** CS8. */
  private static final int EIGHT_BITS = 0x30;

  /** ISIG, ICANON, ECHO, ECHONL, IEXTEN. */
  private static final int LOCAL_COOKING = 0x1 | 0x2 | 0x8 | 0x40 | 0x8000;

  private static final int CONTROL_CHARACTERS_OFFSET = 17;
  private static final int VTIME = 5;
  private static final int VMIN = 6;

  private Terminal() {}

  /** Whether it is a terminal; false for a closed descriptor too. */
  public static boolean isTerminal(Descriptor descriptor) {
    try {
      return DeviceCalls.get(descriptor, TCGETS, TERMIOS_BYTES).length > 0;
    } catch (LinuxException e) {
      return false;
    }
  }

  /** The size of the window; empty when it is no terminal or its size is not known. */
  public static Optional<WindowSize> windowSize(Descriptor terminal) {
    try {
      ByteBuffer size = nativeOrder(DeviceCalls.get(terminal, TIOCGWINSZ, WINSIZE_BYTES));
      int rows = Short.toUnsignedInt(size.getShort(0));
      int columns = Short.toUnsignedInt(size.getShort(2));
      return rows == 0 && columns == 0
          ? Optional.empty()
          : Optional.of(new WindowSize(columns, rows));
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOTTY) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Sets the size of the window; the foreground processes get a {@link Signal#WINCH}. */
  public static void setWindowSize(Descriptor terminal, WindowSize size) {
    byte[] struct = new byte[WINSIZE_BYTES];
    nativeOrder(struct).putShort((short) size.rows()).putShort((short) size.columns());
    DeviceCalls.put(terminal, TIOCSWINSZ, struct);
  }

  /**
   * Makes the terminal pass every byte as it is, both ways: no echo, no lines, no signals from
   * keys.
   *
   * @return what restores the mode that it had, when closed
   */
  public static Mode makeRaw(Descriptor terminal) {
    byte[] before = DeviceCalls.get(terminal, TCGETS, TERMIOS_BYTES);
    byte[] after = before.clone();
    ByteBuffer raw = nativeOrder(after);
    raw.putInt(0, raw.getInt(0) & ~INPUT_COOKING);
    raw.putInt(4, raw.getInt(4) & ~OUTPUT_COOKING);
    raw.putInt(8, (raw.getInt(8) & ~CHARACTER_FRAMING) | EIGHT_BITS);
    raw.putInt(12, raw.getInt(12) & ~LOCAL_COOKING);
    raw.put(CONTROL_CHARACTERS_OFFSET + VMIN, (byte) 1);
    raw.put(CONTROL_CHARACTERS_OFFSET + VTIME, (byte) 0);
    DeviceCalls.put(terminal, TCSETS, after);
    return new Mode(terminal, before);
  }

  /** The mode that a terminal had. */
  public static final class Mode implements AutoCloseable {
    private final Descriptor terminal;
    private final byte[] termios;

    private Mode(Descriptor terminal, byte[] termios) {
      this.terminal = terminal;
      this.termios = termios;
    }

    /** Restores the mode. Does nothing when the terminal is closed or gone. */
    @Override
    public void close() {
      try {
        DeviceCalls.put(terminal, TCSETS, termios);
      } catch (LinuxException e) {
        if (e.errno() != Errno.EIO && e.errno() != Errno.EBADF) {
          throw e;
        }
      }
    }
  }

  /** Makes it the controlling terminal of the session that this process leads. */
  public static void makeControlling(Descriptor terminal) {
    int ignored = DeviceCalls.withNumber(terminal, TIOCSCTTY, 0);
  }

  private static ByteBuffer nativeOrder(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
  }
}
