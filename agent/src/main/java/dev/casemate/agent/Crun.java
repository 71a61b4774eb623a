package dev.casemate.agent;

import dev.casemate.linux.ChildCommand;
import dev.casemate.linux.Descriptor;
import dev.casemate.linux.Errno;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.OpenAccess;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Runs the OCI runtime crun, one short-lived process a command. Thread-safe. */
final class Crun {
  // An emulated guest under load takes seconds where a real one takes 10 ms.
  private static final long COMMAND_NANOS = TimeUnit.SECONDS.toNanos(120);
  private static final int MAX_LOG = 64 * 1024;
  private static final String NO_DIRECTORY = "chdir `";
  private static final String NAME_A_PROGRAM = "name a program of the container's root file system";
  private static final List<String> ENVIRONMENT =
      List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");

  private final GuestLayout layout;
  private final Children children;
  private final AtomicLong commands = new AtomicLong();

  Crun(GuestLayout layout, Children children) {
    this.layout = layout;
    this.children = children;
  }

  /** Makes the directories that commands use. */
  void prepare() {
    try {
      Files.createDirectories(layout.own().resolve("bundles"));
      Files.createDirectories(layout.own().resolve("commands"));
      Files.createDirectories(layout.runtimeState());
    } catch (IOException e) {
      throw RequestError.failed("prepare the agent's directories", e);
    }
  }

  /** A new path for a file of one command: its log, a console socket, a process description. */
  Path scratch(String suffix) {
    return layout.own().resolve("commands").resolve(commands.incrementAndGet() + suffix);
  }

  /**
   * Runs one command to its end, see {@link #run(String, String, List, List, int)}.
   *
   * @param tried what is tried, for the error
   * @param program what the command is to execute in a container, for the error; null when nothing
   * @param stdio the command's descriptors 0 to 2; none means {@code /dev/null}
   * @throws CasemateException EXEC_FAILED when the program cannot be executed, with the errno in
   *     its cause; INVALID_ARGUMENT when its working directory cannot be entered; HOST_UNFIT for
   *     every other refusal of the runtime; TIMED_OUT after two minutes
   */
  void run(String tried, @Nullable String program, List<Descriptor> stdio, List<String> arguments)
      throws InterruptedException {
    run(tried, program, stdio, arguments, 0);
  }

  /**
   * Runs one command to its end.
   *
   * @param oomScoreAdj of the command and with it of what it starts, -1000 to 1000
   */
  void run(
      String tried,
      @Nullable String program,
      List<Descriptor> stdio,
      List<String> arguments,
      int oomScoreAdj)
      throws InterruptedException {
    Path log = scratch(".log");
    List<String> argv = new ArrayList<>();
    argv.addAll(List.of(layout.crun().toString(), "--cgroup-manager=cgroupfs", "--root"));
    argv.addAll(List.of(layout.runtimeState().toString(), "--log", log.toString()));
    // What crun tells once it has become the container's process goes to that process's error
    // stream too, in the same format: people read it there.
    argv.add("--log-format=text");
    argv.addAll(arguments);
    try (Descriptor nowhere = Descriptor.open("/dev/null", OpenAccess.READ_WRITE)) {
      List<Descriptor> fds = stdio.isEmpty() ? List.of(nowhere, nowhere, nowhere) : stdio;
      ChildCommand command =
          ChildCommand.of(argv)
              .withEnvironment(ENVIRONMENT)
              .withDescriptors(fds.toArray(Descriptor[]::new));
      Child child = start(tried, command);
      if (oomScoreAdj != 0) {
        // Before it has read its arguments, so that what it starts inherits it.
        OomScore.set(child.pid(), oomScoreAdj);
      }
      await(tried, program, child, log);
    } finally {
      delete(log);
    }
  }

  private Child start(String tried, ChildCommand command) {
    try {
      return children.spawn(command);
    } catch (LinuxException e) {
      throw RequestError.failed(tried, e);
    }
  }

  private void await(String tried, @Nullable String program, Child child, Path log)
      throws InterruptedException {
    boolean ended = false;
    try {
      ended = child.await(COMMAND_NANOS);
    } finally {
      if (!ended) {
        children.kill(child);
      }
    }
    if (!ended) {
      throw RequestError.timedOut(tried, "the runtime did not end within two minutes");
    }
    if (child.status() != 0) {
      throw failure(tried, program, message(log, child.status()));
    }
  }

  private static String message(Path log, int status) {
    String text = "";
    try {
      text = Small.text(log, MAX_LOG).strip();
    } catch (IOException e) {
      // It was too early for a log.
    }
    return text.isEmpty() ? "the runtime ended with status " + status : text;
  }

  /**
   * The runtime's message as an error. crun tells a program that cannot be executed apart from
   * other failures by its text only; the reason is given in the words that callers know from runc,
   * since those decide on them between exit codes 126 and 127.
   */
  static CasemateException failure(String tried, @Nullable String program, String message) {
    if (program != null) {
      String head = "exec: \"" + program + "\": ";
      if (program.isEmpty()) {
        return execFailed(
            tried, head + "executable file not found in $PATH", NAME_A_PROGRAM, Errno.ENOENT);
      }
      if (message.startsWith("executable file `") && message.contains("not found")) {
        String why =
            program.indexOf('/') < 0
                ? "executable file not found in $PATH"
                : "stat " + program + ": no such file or directory";
        return execFailed(tried, head + why, NAME_A_PROGRAM, Errno.ENOENT);
      }
      if (message.startsWith("open executable")) {
        return execFailed(
            tried,
            head + "permission denied",
            "make the program executable for the container's user",
            Errno.EACCES);
      }
      if (message.contains("Exec format error")) {
        return execFailed(
            tried,
            head + "exec format error",
            "name a program for this processor, or a script with an interpreter",
            Errno.ENOEXEC);
      }
      if (message.startsWith(NO_DIRECTORY) && message.contains("`: ")) {
        int end = message.lastIndexOf("`: ");
        String why = message.substring(end + 3).toLowerCase(Locale.ROOT);
        return new CasemateException(
            ErrorCode.INVALID_ARGUMENT,
            tried,
            "chdir to cwd (\""
                + message.substring(NO_DIRECTORY.length(), end)
                + "\") set in config.json failed: "
                + why,
            "name a directory that the container's user may enter");
      }
    }
    return new CasemateException(ErrorCode.HOST_UNFIT, tried, message, "");
  }

  private static CasemateException execFailed(
      String tried, String why, String advice, Errno errno) {
    return new CasemateException(
        ErrorCode.EXEC_FAILED, tried, why, advice, new LinuxException(errno, "execve", ""));
  }

  static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // A leftover in the agent's own directory, which goes with the guest.
    }
  }
}
