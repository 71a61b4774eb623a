package dev.casemate.testkit;

import dev.casemate.model.CasemateException;
import dev.casemate.model.json.Json;
import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The living sandboxes of this machine that others than this test run started, at one moment. A
 * sandbox is a stranger's when its monitor lives and lacks our mark in its environment, which every
 * process of ours inherits; what belongs to it is known by its run directory's name. What belongs
 * to no living stranger is nobody's or ours, and counts.
 */
final class Strangers {
  /** Set for all of a test run by the build; without it everything counts. */
  private static final String VARIABLE = "CASEMATE_TEST_RUN";

  /** On the command line of each JVM of Casemate. */
  private static final String JVM_MARK = "casemate.home";

  static final Path RUN_DIRECTORIES = Path.of("/run/casemate/vm");

  private final Set<Long> commands = new HashSet<>();
  private final Set<String> tokens = new HashSet<>();
  private final Set<String> cgroups = new HashSet<>();
  private final Set<String> states = new HashSet<>();

  private Strangers() {}

  /** Looks for them; finds none when this test run has no mark. */
  static Strangers now() {
    String mark = System.getenv(VARIABLE);
    return mark == null ? new Strangers() : withoutMark(VARIABLE + "=" + mark);
  }

  /** Looks for the sandboxes whose monitors do not have that in their environment. */
  static Strangers withoutMark(String mark) {
    Strangers strangers = new Strangers();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
      for (Path process : processes) {
        if (read(process.resolve("cmdline")).contains(JVM_MARK) && lacks(process, mark)) {
          strangers.add(process);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return strangers;
  }

  /** A process that is just ending shows an empty environment, and counts until it is gone. */
  private static boolean lacks(Path process, String mark) {
    String environment = read(process.resolve("environ"));
    return !environment.isEmpty() && !List.of(environment.split("\0", -1)).contains(mark);
  }

  private void add(Path process) {
    commands.add(Long.parseLong(process.getFileName().toString()));
    // A monitor holds the pipes of its stand-in open for as long as it lives.
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path descriptor : descriptors) {
        Path file = target(descriptor);
        if (file.startsWith(RUN_DIRECTORIES)
            && file.getNameCount() > RUN_DIRECTORIES.getNameCount()) {
          addSandbox(file.getName(RUN_DIRECTORIES.getNameCount()).toString());
        }
      }
    } catch (IOException gone) {
      // With it goes what it had.
    }
  }

  private static Path target(Path link) throws IOException {
    try {
      return Files.readSymbolicLink(link);
    } catch (java.nio.file.NoSuchFileException closed) {
      return Path.of("");
    }
  }

  private void addSandbox(String token) {
    if (!tokens.add(token)) {
      return;
    }
    Path records = RUN_DIRECTORIES.resolve(token).resolve("records");
    try (DirectoryStream<Path> copies = Files.newDirectoryStream(records)) {
      for (Path copy : copies) {
        addContainer(read(copy), copy.toString());
      }
    } catch (IOException noneYet) {
      // The next look sees them.
    }
  }

  private void addContainer(String record, String name) {
    try {
      JsonCursor at = JsonCursor.of(Json.parse(record, name, JsonLimits.OCI), name);
      JsonCursor container = at.require("container");
      cgroups.addAll(container.texts("cgroups"));
      states.add(at.require("root").text() + "/" + container.require("id").text());
    } catch (CasemateException changing) {
      // The next look sees it whole.
    }
  }

  /** Whether the process with that command line is one of theirs. */
  boolean haveProcess(long pid, String command) {
    return commands.contains(pid) || haveToken(command);
  }

  /** Whether a file, mount or whatever else has the name of one of their run directories in it. */
  boolean haveToken(String text) {
    return tokens.stream().anyMatch(text::contains);
  }

  /** Whether a control group is one of theirs. */
  boolean haveCgroup(String directory) {
    return cgroups.stream().anyMatch(c -> directory.equals(c) || directory.startsWith(c + "/"));
  }

  /** Whether a file is in the state directory of one of their containers. */
  boolean haveState(String file) {
    return states.stream().anyMatch(s -> file.equals(s) || file.startsWith(s + "/"));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return "";
    }
  }
}
