package dev.casemate.agent;

import dev.casemate.linux.Descriptor;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.OpenAccess;
import dev.casemate.linux.OpenFlag;
import dev.casemate.protocol.agent.Mount;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** The last message of a container for Kubernetes, which lies in a file mounted into it. */
final class TerminationLog {
  /** Kubernetes takes no more. */
  private static final int MAX_BYTES = 4096;

  private TerminationLog() {}

  /** The message; empty when the container wrote none. */
  static String read(GuestContainer container, GuestTree tree) {
    String tried = "read the termination log of " + container.id();
    String wanted = container.facts().terminationLog();
    for (Mount mount : container.facts().mounts()) {
      if (!wanted.isEmpty() && mount.getDestination().equals(wanted)) {
        List<String> names = GuestTree.names(mount.getSource(), tried);
        try (Descriptor file = tree.handle(names)) {
          // The container may have put anything there; only a file has a message.
          return file.status().isRegular() ? text(file) : "";
        } catch (LinuxException e) {
          throw RequestError.failed(tried, e);
        }
      }
    }
    throw RequestError.notFound(tried, "it has no termination log");
  }

  private static String text(Descriptor handle) {
    byte[] bytes = new byte[MAX_BYTES];
    int length = 0;
    try (Descriptor file = Descriptor.open(handle.path(), OpenAccess.READ, OpenFlag.NON_BLOCKING)) {
      int count = 0;
      while (count >= 0 && length < MAX_BYTES) {
        length += count;
        count = length == MAX_BYTES ? -1 : file.read(bytes, length, MAX_BYTES - length);
      }
    }
    return new String(Arrays.copyOf(bytes, length), StandardCharsets.UTF_8);
  }
}
