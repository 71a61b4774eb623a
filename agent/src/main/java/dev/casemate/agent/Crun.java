package dev.casemate.agent;

import dev.casemate.linux.ChildCommand;
import dev.casemate.linux.Descriptor;
import dev.casemate.linux.Errno;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.OpenAccess;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.Json;
import dev.casemate.model.json.JsonLimits;
import dev.casemate.model.json.JsonString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Runs the OCI runtime crun, one short-lived process a command. Thread-safe. */
final class Crun {
  // An emulated guest under load takes seconds where a real one takes 10 ms.
  private static final long COMMAND_NANOS = TimeUnit.SECONDS.toNanos(120);
  private static final int MAX_LOG = 64 * 1024;
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
   * Runs one command to its end.
   *
   * @param tried what is tried, for the error
   * @param program what the command is to execute in a container, for the error; null when nothing
   * @param stdio the command's descriptors 0 to 2; none means {@code /dev/null}
   * @throws CasemateException EXEC_FAILED when the program cannot be executed, with the errno in
   *     its cause; HOST_UNFIT for every other refusal of the runtime; TIMED_OUT after two minutes
   */
  void run(String tried, @Nullable String program, List<Descriptor> stdio, List<String> arguments)
      throws InterruptedException {
    Path log = scratch(".log");
    List<String> argv = new ArrayList<>();
    argv.addAll(List.of(layout.crun().toString(), "--cgroup-manager=cgroupfs", "--root"));
    argv.addAll(List.of(layout.runtimeState().toString(), "--log", log.toString()));
    argv.add("--log-format=json");
    argv.addAll(arguments);
    try (Descriptor nowhere = Descriptor.open("/dev/null", OpenAccess.READ_WRITE)) {
      List<Descriptor> fds = stdio.isEmpty() ? List.of(nowhere, nowhere, nowhere) : stdio;
      ChildCommand command =
          ChildCommand.of(argv)
              .withEnvironment(ENVIRONMENT)
              .withDescriptors(fds.toArray(Descriptor[]::new));
      await(tried, program, start(tried, command), log);
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
      throw failure(tried, program, lastMessage(log, child.status()));
    }
  }

  private static String lastMessage(Path log, int status) {
    String last = "";
    try {
      for (String line : CgroupFiles.lines(Small.text(log, MAX_LOG))) {
        if (Json.parseObject(line, "the runtime's log", JsonLimits.SMALL).get("msg")
            instanceof JsonString message) {
          last = message.value();
        }
      }
    } catch (IOException | CasemateException e) {
      // No log, or its end was cut: the last whole line serves.
    }
    return last.isEmpty() ? "the runtime ended with status " + status : last;
  }

  /**
   * The runtime's message as an error. crun tells a program that cannot be executed apart from
   * other failures by its text only; the reason is given in the words that callers know from runc,
   * since those decide on them between exit codes 126 and 127.
   */
  static CasemateException failure(String tried, @Nullable String program, String message) {
    if (program != null) {
      String head = "exec: \"" + program + "\": ";
      if (message.startsWith("executable file `") && message.contains("not found")) {
        String why =
            program.indexOf('/') < 0
                ? "executable file not found in $PATH"
                : "stat " + program + ": no such file or directory";
        return execFailed(tried, head + why, Errno.ENOENT);
      }
      if (message.startsWith("open executable")) {
        return execFailed(tried, head + "permission denied", Errno.EACCES);
      }
      if (message.contains("Exec format error")) {
        return execFailed(tried, head + "exec format error", Errno.ENOEXEC);
      }
    }
    return new CasemateException(ErrorCode.HOST_UNFIT, tried, message, "");
  }

  private static CasemateException execFailed(String tried, String why, Errno errno) {
    return new CasemateException(
        ErrorCode.EXEC_FAILED, tried, why, "", new LinuxException(errno, "execve", ""));
  }

  static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // A leftover in the agent's own directory, which goes with the guest.
    }
  }
}
