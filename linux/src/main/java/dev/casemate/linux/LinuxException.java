package dev.casemate.linux;

import java.io.IOException;
import java.util.Objects;

/**
 * A system call that the kernel refused. Unchecked; callers decide on {@link #errno()}, never on
 * the text.
 */
public final class LinuxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A subject longer than this is cut in messages, since paths may come from a stranger. */
  private static final int SHOWN_CHARACTERS = 256;

  private final Errno errno;
  private final int number;
  private final String call;
  private final String subject;

  /**
   * A refusal.
   *
   * @param errno why
   * @param call the name of the call, as in section 2 of the manual, with the operation in
   *     parentheses where one name has many
   * @param subject what it was about: a path, a process id, a descriptor; may be empty
   */
  public LinuxException(Errno errno, String call, String subject) {
    this(errno.number(), call, subject);
  }

  LinuxException(int number, String call, String subject) {
    super(text(number, call, subject));
    this.errno = Errno.of(number);
    this.number = number;
    this.call = Objects.requireNonNull(call, "call is null");
    this.subject = Objects.requireNonNull(subject, "subject is null");
  }

  /** Why the kernel refused. */
  public Errno errno() {
    return errno;
  }

  /** The number behind {@link #errno()}, also where that is {@link Errno#UNKNOWN}. */
  public int number() {
    return number;
  }

  /** The name of the call. */
  public String call() {
    return call;
  }

  /** What the call was about, uncut; may be empty. */
  public String subject() {
    return subject;
  }

  /**
   * The same as a checked exception, for code that implements the interfaces of {@code java.io}.
   */
  public IOException toIoException() {
    return new IOException(getMessage(), this);
  }

  private static String text(int number, String call, String subject) {
    Errno errno = Errno.of(number);
    StringBuilder text = new StringBuilder(call);
    if (!subject.isEmpty()) {
      text.append(' ');
      subject
          .codePoints()
          .limit(SHOWN_CHARACTERS)
          .forEach(c -> text.appendCodePoint(Character.isISOControl(c) ? '?' : c));
      text.append(subject.length() > SHOWN_CHARACTERS ? "…" : "");
    }
    String name = errno == Errno.UNKNOWN ? "errno " + number : errno.name();
    return text.append(": ").append(errno.text()).append(" (").append(name).append(')').toString();
  }
}
