package dev.casemate.linux;

/**
 * The size of a terminal in characters.
 *
 * @param columns 0 to 65535; 0 when unknown
 * @param rows 0 to 65535; 0 when unknown
 */
public record WindowSize(int columns, int rows) {
  private static final int MAX = 0xffff;

  /** Checks the ranges. */
  public WindowSize {
    if (columns < 0 || columns > MAX || rows < 0 || rows > MAX) {
      throw new IllegalArgumentException(
          "a window of " + columns + " by " + rows + " is not within 0 to 65535");
    }
  }
}
