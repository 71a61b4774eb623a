package dev.casemate.linux;

/**
 * A pseudo-terminal: {@code pty(7)}.
 *
 * @param master the side of whoever plays the screen and keyboard; reading it fails with {@code
 *     EIO} once every slave is closed
 * @param slave the side of the program
 * @param slavePath where the slave can be opened in this mount namespace: {@code /dev/pts/N}
 */
public record TerminalPair(Descriptor master, Descriptor slave, String slavePath)
    implements AutoCloseable {
  private static final int TIOCGPTN = 0x80045430;
  private static final int TIOCSPTLCK = 0x40045431;

  /** Since Linux 4.13. */
  private static final int TIOCGPTPEER = 0x5441;

  /** Opens a new pair, which becomes nobody's controlling terminal. */
  public static TerminalPair open() {
    Descriptor master =
        Descriptor.open("/dev/ptmx", OpenAccess.READ_WRITE, OpenFlag.NO_CONTROLLING_TERMINAL);
    try {
      DeviceCalls.put(master, TIOCSPTLCK, new byte[4]);
      int number = DeviceCalls.getInt(master, TIOCGPTN);
      int flags = OpenAccess.READ_WRITE.bits() | OpenFlag.NO_CONTROLLING_TERMINAL.bits() | 0x80000;
      Descriptor slave = Descriptor.adopt(DeviceCalls.withNumber(master, TIOCGPTPEER, flags));
      return new TerminalPair(master, slave, "/dev/pts/" + number);
    } catch (RuntimeException e) {
      master.close();
      throw e;
    }
  }

  /** Closes both sides. */
  @Override
  public void close() {
    slave.close();
    master.close();
  }
}
