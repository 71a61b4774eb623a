package dev.casemate.host.hooks;

import dev.casemate.core.HookRunner;
import dev.casemate.linux.Descriptor;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.Namespace;
import dev.casemate.linux.Pidfd;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.oci.Hook;
import dev.casemate.model.oci.State;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs hooks as the runtime specification has it: one after the other, the state document on
 * standard input, in the bundle's directory. Hooks of the moment {@code createContainer} run in the
 * network, IPC and UTS namespaces of the stand-in, which are the container's on this host; all
 * others in ours. Thread-safe.
 */
public final class HostHooks implements HookRunner {
  /** For hooks without a timeout of their own: network plug-ins may take minutes, none for ever. */
  private static final Duration BOUND = Duration.ofMinutes(5);

  /** What a hook gets that names no environment: enough to find programs, nothing of ours. */
  private static final List<String> DEFAULT_ENVIRONMENT =
      List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");

  private final Consumer<String> warnings;

  /**
   * Makes a runner.
   *
   * @param warnings is told of failures that undo nothing
   */
  public HostHooks(Consumer<String> warnings) {
    this.warnings = warnings;
  }

  @Override
  public void run(Moment moment, List<Hook> hooks, State state) {
    byte[] document = state.toJson().toJson().getBytes(StandardCharsets.UTF_8);
    for (Hook hook : hooks) {
      String failure = runOnThread(moment, hook, state, document);
      if (failure == null) {
        continue;
      }
      String tried = "run the " + name(moment) + " hook " + hook.path();
      if (moment.fatal()) {
        throw new CasemateException(
            ErrorCode.HOOK_FAILED,
            tried,
            failure,
            "the hook is named in the bundle's config.json; its maker knows what it needs");
      }
      warnings.accept("cannot " + tried + ": " + failure);
    }
  }

  private static String name(Moment moment) {
    return switch (moment) {
      case PRESTART -> "prestart";
      case CREATE_RUNTIME -> "createRuntime";
      case CREATE_CONTAINER -> "createContainer";
      case POSTSTART -> "poststart";
      case POSTSTOP -> "poststop";
    };
  }

  /**
   * Runs a hook on a thread of its own, since the thread may have to change its namespaces and
   * waits in native code.
   *
   * @return what went wrong, or null
   */
  private static @Nullable String runOnThread(
      Moment moment, Hook hook, State state, byte[] document) {
    AtomicReference<@Nullable String> failure = new AtomicReference<>("it did not run");
    Thread thread =
        Thread.ofPlatform()
            .name("hook-" + name(moment))
            .start(() -> failure.set(runInPlace(moment, hook, state, document)));
    boolean interrupted = false;
    while (true) {
      try {
        // Bounded by the hook's timeout, which the thread enforces.
        thread.join();
        break;
      } catch (InterruptedException e) {
        // The hook's effects must be known before anything is undone.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return failure.get();
  }

  private static @Nullable String runInPlace(
      Moment moment, Hook hook, State state, byte[] document) {
    try (Descriptor input = Descriptor.memory("oci-state")) {
      input.writeAll(document);
      input.seek(0);
      if (moment == Moment.CREATE_CONTAINER) {
        try (Pidfd standIn = Pidfd.open(state.pid())) {
          Namespace.enterThoseOf(standIn, Namespace.NETWORK, Namespace.IPC, Namespace.UTS);
        }
      }
      return new HookProcess(hook, state.bundle(), DEFAULT_ENVIRONMENT, BOUND).run(input);
    } catch (LinuxException refused) {
      return refused.getMessage();
    }
  }
}
