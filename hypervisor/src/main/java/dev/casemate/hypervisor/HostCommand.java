package dev.casemate.hypervisor;

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
 */
public record HostCommand(
    String name, List<String> argv, Confinement confinement, Map<String, String> environment) {
  /** Copies the collections and refuses what cannot be an argument. */
  public HostCommand {
    Objects.requireNonNull(name, "name is null");
    Objects.requireNonNull(confinement, "confinement is null");
    argv = List.copyOf(argv);
    environment = Map.copyOf(environment);
    if (argv.isEmpty() || argv.getFirst().isEmpty()) {
      throw new IllegalArgumentException("no program given");
    }
    if (argv.stream().anyMatch(a -> a.indexOf('\0') >= 0)) {
      throw new IllegalArgumentException("an argument of " + name + " holds a NUL");
    }
  }

  /** What is really executed: the confinement's prefix, then the program. */
  public List<String> fullArgv() {
    List<String> full = new ArrayList<>(confinement.prefix());
    full.add("--");
    full.addAll(argv);
    return List.copyOf(full);
  }
}
