package dev.casemate.core;

/** A terminal's size in characters, each 0 to 65535; zero means unknown. */
public record TerminalSize(int columns, int rows) {
  private static final int MOST = 65_535;

  /** Checks the range. */
  public TerminalSize {
    if (columns < 0 || columns > MOST || rows < 0 || rows > MOST) {
      throw new IllegalArgumentException(
          "terminal size " + columns + "x" + rows + " is out of range");
    }
  }
}
