package dev.casemate.cli;

import java.nio.file.Path;
import java.util.Map;

/** The containers of this host. */
final class HostGate implements ContainersGate {
  @Override
  public Containers open(String root, Map<String, String> environment) {
    return new HostContainers(Path.of(root).toAbsolutePath().normalize());
  }
}
