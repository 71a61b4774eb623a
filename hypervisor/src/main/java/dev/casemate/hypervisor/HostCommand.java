package dev.casemate.hypervisor;

import dev.casemate.linux.Descriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A host program to spawn.
 *
 * @param name what people call it in errors: {@code "qemu"}
 * @param argv the program and its arguments, at least the program; no NUL in any of them
 * @param confinement what it may touch
 * @param environment its whole environment; nothing is inherited
 * @param descriptors what it finds open as {@link #FIRST_DESCRIPTOR} and the numbers that follow;
 *     they stay the caller's, who keeps them open until it is spawned
 */
public record HostCommand(
    String name,
    List<String> argv,
    Confinement confinement,
    Map<String, String> environment,
    List<Descriptor> descriptors) {
  /** The number of the first descriptor: 0 to 2 are input and output. */
  public static final int FIRST_DESCRIPTOR = 3;

  /** Copies the collections and refuses what cannot be an argument. */
  public HostCommand {
    Objects.requireNonNull(name, "name is null");
    Objects.requireNonNull(confinement, "confinement is null");
    argv = List.copyOf(argv);
    environment = Map.copyOf(environment);
    descriptors = List.copyOf(descriptors);
    if (argv.isEmpty() || argv.getFirst().isEmpty()) {
      throw new IllegalArgumentException("no program given");
    }
    if (argv.stream().anyMatch(a -> a.indexOf('\0') >= 0)) {
      throw new IllegalArgumentException("an argument of " + name + " holds a NUL");
    }
  }

  /** A command that gets no descriptors but input and output. */
  public HostCommand(
      String name, List<String> argv, Confinement confinement, Map<String, String> environment) {
    this(name, argv, confinement, environment, List.of());
  }

  /** What is really executed: the confinement's prefix, then the program. */
  public List<String> fullArgv() {
    List<String> full = new ArrayList<>(confinement.prefix());
    full.add("--");
    full.addAll(argv);
    return List.copyOf(full);
  }
}
