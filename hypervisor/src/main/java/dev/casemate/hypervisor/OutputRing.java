package dev.casemate.hypervisor;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The last bytes that an untrusted process or guest printed. Older bytes are overwritten; memory is
 * bounded by the capacity. Thread-safe; the lock is only ever held for a copy.
 */
public final class OutputRing {
  /** The longest line that is handed out, in characters: enough to read, too short to flood. */
  static final int LONGEST_LINE = 400;

  private final byte[] ring;
  private long written;

  /** An empty ring of that many bytes, at least one. */
  public OutputRing(int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity is " + capacity);
    }
    ring = new byte[capacity];
  }

  /** Adds bytes at the end. */
  public synchronized void append(byte[] bytes, int offset, int length) {
    int skipped = Math.max(0, length - ring.length);
    for (int i = skipped; i < length; i++) {
      ring[(int) ((written + i) % ring.length)] = bytes[offset + i];
    }
    written += length;
  }

  /** How many bytes were ever appended. */
  public synchronized long written() {
    return written;
  }

  /** The bytes held, oldest first. */
  public synchronized byte[] snapshot() {
    int held = (int) Math.min(written, ring.length);
    byte[] copy = new byte[held];
    for (int i = 0; i < held; i++) {
      copy[i] = ring[(int) ((written - held + i) % ring.length)];
    }
    return copy;
  }

  /**
   * The last non-blank lines, oldest first, made safe to print: control characters and escape
   * sequences are gone, overlong lines are cut.
   *
   * @param most how many, at least zero
   */
  public List<String> lastLines(int most) {
    String text = new String(snapshot(), StandardCharsets.UTF_8);
    Deque<String> last = new ArrayDeque<>();
    text.lines()
        .map(OutputRing::printable)
        .filter(line -> !line.isBlank())
        .forEach(line -> {
          last.addLast(line);
          if (last.size() > most) {
            last.removeFirst();
          }
        });
    return List.copyOf(last);
  }

  /** The text without terminal control, at most {@link #LONGEST_LINE} characters of it. */
  static String printable(String line) {
    StringBuilder clean = new StringBuilder(Math.min(line.length(), LONGEST_LINE));
    int at = 0;
    while (at < line.length() && clean.length() < LONGEST_LINE) {
      char c = line.charAt(at);
      if (c == ESCAPE) {
        at = afterEscape(line, at + 1);
        continue;
      }
      if (c == '\t') {
        clean.append(' ');
      } else if (!Character.isISOControl(c) && Character.getType(c) != Character.FORMAT) {
        clean.append(c);
      }
      at++;
    }
    return clean.toString().stripTrailing();
  }

  private static final char ESCAPE = '\u001b';

  /** Skips a control sequence (ECMA-48: ESC [ parameters final), or one character after ESC. */
  private static int afterEscape(String line, int at) {
    if (at >= line.length() || line.charAt(at) != '[') {
      return at + 1;
    }
    int end = at + 1;
    while (end < line.length() && line.charAt(end) < '@') {
      end++;
    }
    return end + 1;
  }
}
