package dev.casemate.cli;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The only way to standard output and standard error. Each call is one write, so that lines of
 * several processes on one terminal stay whole. Thread-safe.
 */
final class Output {
  private final OutputStream out;
  private final OutputStream err;

  Output(OutputStream out, OutputStream err) {
    this.out = out;
    this.err = err;
  }

  /** The process's own streams. */
  static Output standard() {
    return new Output(
        new FileOutputStream(FileDescriptor.out), new FileOutputStream(FileDescriptor.err));
  }

  /**
   * Writes to standard output.
   *
   * @throws CasemateException EXHAUSTED when nobody can take it, such as a closed pipe or full disk
   */
  synchronized void print(String text) {
    try {
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (IOException failure) {
      throw new CasemateException(
          ErrorCode.EXHAUSTED,
          "write to standard output",
          String.valueOf(failure.getMessage()),
          "free some space there, or keep reading it");
    }
  }

  /** Writes a line to standard output. */
  void printLine(String text) {
    print(text + "\n");
  }

  /** Writes to standard error; there is nobody to tell when that fails. */
  synchronized void error(String text) {
    try {
      err.write(text.getBytes(StandardCharsets.UTF_8));
      err.flush();
    } catch (IOException _) {
      // The exit code still tells.
    }
  }
}
