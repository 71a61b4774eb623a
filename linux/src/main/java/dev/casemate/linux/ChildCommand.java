package dev.casemate.linux;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A program to start as a child, without {@code java.lang.Process} and its reaper. The child starts
 * clean: no blocked and no ignored signals, no descriptors but those given, a session of its own if
 * wanted. It inherits namespaces, credentials and cgroup of the calling thread.
 *
 * @param program the path of the program; it is not searched for
 * @param argv the words that the program gets; the first is what it is told to be called
 * @param environment {@code NAME=value} words, the whole environment
 * @param directory the working directory; empty for the caller's
 * @param descriptors what become the child's 0, 1, 2 and so on; the caller keeps its own
 * @param newSession whether the child leads a session of its own
 * @param terminal the path of a terminal that becomes the controlling one of the new session and
 *     takes the place of 0, 1 and 2; empty for none
 */
public record ChildCommand(
    String program,
    List<String> argv,
    List<String> environment,
    String directory,
    List<Descriptor> descriptors,
    boolean newSession,
    String terminal) {
  /** More descriptors are never handed on: stdio, and a few sockets. */
  private static final int MAX_DESCRIPTORS = 64;

  /** Copies the lists, checks that there is a program. */
  public ChildCommand {
    Objects.requireNonNull(program, "program is null");
    argv = List.copyOf(argv);
    environment = List.copyOf(environment);
    Objects.requireNonNull(directory, "directory is null");
    descriptors = List.copyOf(descriptors);
    Objects.requireNonNull(terminal, "terminal is null");
    if (argv.isEmpty()) {
      throw new IllegalArgumentException("argv is empty");
    }
    if (descriptors.size() > MAX_DESCRIPTORS) {
      throw new IllegalArgumentException("more than " + MAX_DESCRIPTORS + " descriptors");
    }
    if (!terminal.isEmpty() && !newSession) {
      throw new IllegalArgumentException("a controlling terminal needs a new session");
    }
  }

  /** A command with no environment and no descriptors at all. */
  public static ChildCommand of(String program, String... arguments) {
    List<String> argv = new ArrayList<>();
    argv.add(program);
    argv.addAll(List.of(arguments));
    return of(argv);
  }

  /** A command with no environment and no descriptors at all. */
  public static ChildCommand of(List<String> argv) {
    String program = argv.isEmpty() ? "" : argv.getFirst();
    return new ChildCommand(program, argv, List.of(), "", List.of(), false, "");
  }

  /** The same with another program, which takes the first word for its name. */
  public ChildCommand withProgram(String path) {
    return new ChildCommand(path, argv, environment, directory, descriptors, newSession, terminal);
  }

  /** The same with this environment. */
  public ChildCommand withEnvironment(Map<String, String> variables) {
    List<String> words = new ArrayList<>();
    variables.forEach((name, value) -> words.add(name + "=" + value));
    return withEnvironment(words);
  }

  /** The same with this environment, as {@code NAME=value} words. */
  public ChildCommand withEnvironment(List<String> words) {
    return new ChildCommand(program, argv, words, directory, descriptors, newSession, terminal);
  }

  /** The same in this working directory. */
  public ChildCommand withDirectory(String path) {
    return new ChildCommand(program, argv, environment, path, descriptors, newSession, terminal);
  }

  /** The same with these as 0, 1, 2 and so on; one may be there twice. */
  public ChildCommand withDescriptors(Descriptor... numbered) {
    return new ChildCommand(
        program, argv, environment, directory, List.of(numbered), newSession, terminal);
  }

  /** The same as the leader of a session of its own. */
  public ChildCommand withNewSession() {
    return new ChildCommand(program, argv, environment, directory, descriptors, true, terminal);
  }

  /** The same on a terminal of its own, in a session of its own. */
  public ChildCommand withTerminal(String path) {
    return new ChildCommand(program, argv, environment, directory, descriptors, true, path);
  }

  /**
   * Starts the child. Waits until the program runs or could not be executed; the calling thread
   * stands still meanwhile. The caller must reap the child, see {@link Processes}.
   *
   * @return its number
   * @throws LinuxException with the error of {@code execve(2)}, of changing the directory, or of
   *     opening the terminal; no child is left then
   */
  public int start() {
    return SpawnCalls.spawn(this);
  }
}
