package dev.casemate.linux;

/**
 * An unnamed pipe, {@code pipe2(2)}: what goes in at one end comes out at the other.
 *
 * @param readEnd where bytes come out
 * @param writeEnd where bytes go in
 */
public record Pipe(Descriptor readEnd, Descriptor writeEnd) implements AutoCloseable {
  /** A new pipe, both ends blocking and close-on-exec. */
  public static Pipe open() {
    int[] ends = FileCalls.pipe2();
    return new Pipe(Descriptor.adopt(ends[0]), Descriptor.adopt(ends[1]));
  }

  /** Closes both ends. */
  @Override
  public void close() {
    readEnd.close();
    writeEnd.close();
  }
}
