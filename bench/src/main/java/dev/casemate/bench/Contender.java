package dev.casemate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A runtime that is measured.
 *
 * @param name what the table calls it
 * @param command its program and flags before a verb
 * @param note what a reader must know about how it was run, or empty
 */
record Contender(String name, List<String> command, String note) {

  Contender {
    command = List.copyOf(command);
  }

  /** Ours, as installed in a directory, with state of its own. */
  static Contender casemate(Path home, Path scratch) {
    return new Contender(
        "casemate",
        List.of(
            home.resolve("bin/casemate").toString(),
            "--root",
            scratch.resolve("casemate").toString()),
        "");
  }

  /** The peers that are worth comparing with, installed or not. */
  static List<Contender> peers(Path scratch) {
    return List.of(
        new Contender("runc", List.of("runc", "--root", scratch.resolve("runc").toString()), ""),
        crun(scratch),
        new Contender(
            "runsc",
            List.of(
                "runsc",
                "--network=none",
                "--ignore-cgroups",
                "--root",
                scratch.resolve("runsc").toString()),
            "without network and cgroups, on its default platform"));
  }

  /**
   * crun 1.8 refuses a host that has controllers in both cgroup versions; there it is run without
   * sight of version 2.
   */
  private static Contender crun(Path scratch) {
    Path unified = Path.of("/sys/fs/cgroup/unified");
    List<String> plain = List.of("crun", "--root", scratch.resolve("crun").toString());
    if (!Files.exists(unified.resolve("cgroup.controllers"))) {
      return new Contender("crun", plain, "");
    }
    List<String> wrapped =
        new ArrayList<>(
            List.of(
                "unshare", "--mount", "sh", "-c", "umount " + unified + " && exec \"$0\" \"$@\""));
    wrapped.addAll(plain);
    return new Contender(
        "crun", wrapped, "in a mount namespace without cgroup version 2, which costs it some ms");
  }

  /** Whether the program is there. */
  boolean isInstalled() {
    String program = program();
    if (program.contains("/")) {
      return Files.isExecutable(Path.of(program));
    }
    String path = System.getenv().getOrDefault("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    for (String directory : path.split(":", -1)) {
      if (Files.isExecutable(Path.of(directory, program))) {
        return true;
      }
    }
    return false;
  }

  /** The first line of what it says of its version. */
  String version() throws IOException {
    Timed timed = Timed.run(List.of(program(), "--version"));
    return timed.output().lines().findFirst().orElse("").strip();
  }

  private String program() {
    return name.equals("casemate") ? command.getFirst() : name;
  }

  /** A command line with a verb. */
  List<String> verb(String... arguments) {
    List<String> line = new ArrayList<>(command);
    line.addAll(List.of(arguments));
    return line;
  }
}
