package dev.casemate.host.hooks;

import dev.casemate.linux.ChildCommand;
import dev.casemate.linux.ChildExit;
import dev.casemate.linux.Descriptor;
import dev.casemate.linux.Pidfd;
import dev.casemate.linux.Pipe;
import dev.casemate.linux.Poll;
import dev.casemate.linux.Poll.Interest;
import dev.casemate.linux.Poll.Readiness;
import dev.casemate.linux.Processes;
import dev.casemate.linux.Signal;
import dev.casemate.model.oci.Hook;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One run of one hook, on the calling platform thread. */
final class HookProcess {
  /** The end of what a hook prints tells why it failed; the rest is read and dropped. */
  private static final int KEPT_BYTES = 4096;

  private final Hook hook;
  private final String directory;
  private final List<String> environment;
  private final Duration bound;
  private final byte[] kept = new byte[KEPT_BYTES];
  private int keptLength;

  /**
   * A run.
   *
   * @param defaultEnvironment for a hook that names none
   * @param defaultBound for a hook that names none
   */
  HookProcess(Hook hook, String directory, List<String> defaultEnvironment, Duration defaultBound) {
    this.hook = hook;
    this.directory = directory;
    this.environment = hook.env().isEmpty() ? defaultEnvironment : hook.env();
    this.bound = hook.timeout() == null ? defaultBound : Duration.ofSeconds(hook.timeout());
  }

  /**
   * Runs it to its end, or until its time is over.
   *
   * @param input becomes its standard input
   * @return what went wrong, or null
   */
  @Nullable String run(Descriptor input) {
    List<String> argv = hook.args().isEmpty() ? List.of(hook.path()) : hook.args();
    try (Pipe output = Pipe.open()) {
      // A session of its own, so that a timeout ends what the hook has started, too.
      int pid =
          ChildCommand.of(argv)
              .withProgram(hook.path())
              .withEnvironment(environment)
              .withDirectory(directory)
              .withDescriptors(input, output.writeEnd(), output.writeEnd())
              .withNewSession()
              .start();
      output.writeEnd().close();
      boolean ended = false;
      try (Pidfd process = Pidfd.open(pid)) {
        ended = listen(process, output.readEnd());
      } finally {
        if (!ended) {
          Processes.kill(-pid, Signal.KILL.number());
        }
      }
      ChildExit exit = Processes.reap(pid);
      return ended ? failure(exit) : "it did not end within " + bound.toSeconds() + " s";
    }
  }

  /** Takes what the hook prints until it has ended; false when its time is over. */
  private boolean listen(Pidfd process, Descriptor output) {
    long deadline = System.nanoTime() + bound.toNanos();
    List<Interest> both =
        List.of(Interest.readable(output), Interest.readable(process.descriptor()));
    List<Interest> processOnly = both.subList(1, 2);
    boolean open = true;
    while (true) {
      Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
      List<Readiness> ready = Poll.await(open ? both : processOnly, left);
      if (ready.stream().noneMatch(Readiness::any)) {
        return false;
      }
      // What was printed comes first; a daemon that the hook left may hold the pipe for ever.
      if (open && ready.getFirst().any()) {
        open = take(output);
      } else if (ready.getLast().any()) {
        return true;
      }
    }
  }

  /** Reads what is there; false at the end. */
  private boolean take(Descriptor output) {
    byte[] chunk = new byte[KEPT_BYTES];
    int count = output.read(chunk, 0, chunk.length);
    if (count <= 0) {
      return false;
    }
    int surplus = Math.max(0, keptLength + count - KEPT_BYTES);
    System.arraycopy(kept, surplus, kept, 0, keptLength - surplus);
    System.arraycopy(chunk, 0, kept, keptLength - surplus, count);
    keptLength += count - surplus;
    return true;
  }

  private @Nullable String failure(ChildExit exit) {
    if (exit.status() == 0) {
      return null;
    }
    String how =
        exit.signal() == 0
            ? "it exited with status " + exit.code()
            : "it was killed by signal " + exit.signal();
    String said = new String(kept, 0, keptLength, StandardCharsets.UTF_8).strip();
    StringBuilder printable = new StringBuilder();
    said.codePoints()
        .map(c -> c == '\n' || c == '\t' ? ' ' : c)
        .filter(c -> !Character.isISOControl(c))
        .forEach(printable::appendCodePoint);
    return printable.isEmpty() ? how : how + ", saying: " + printable;
  }
}
