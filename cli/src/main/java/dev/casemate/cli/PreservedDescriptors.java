package dev.casemate.cli;

import dev.casemate.cli.line.Flags;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;

/** {@code --preserve-fds}: only none can be preserved. */
final class PreservedDescriptors {
  private PreservedDescriptors() {}

  /** Refuses what cannot be done, before anything is touched. */
  static void refuse(Invocation invocation) {
    long count = invocation.line().number(Flags.PRESERVE_FDS, 0);
    if (count != 0) {
      throw new CasemateException(
          ErrorCode.UNSUPPORTED,
          "pass " + count + " descriptors to the container (--preserve-fds)",
          "a file descriptor of the host cannot enter a virtual machine",
          "leave --preserve-fds away; share files with a bind mount, streams over stdio");
    }
  }
}
