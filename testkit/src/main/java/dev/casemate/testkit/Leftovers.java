package dev.casemate.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What a sandbox could leave behind on the host: processes, mounts, cgroups, network devices and
 * namespaces, and files under /run/casemate, /var/lib/casemate and in the test's state directory.
 * Take one before a test, and ask it afterwards whether there is anything new. Living sandboxes of
 * others on the same machine do not count; what nobody living owns does.
 */
public final class Leftovers {

  /** What is on the command line of every process that a sandbox consists of. */
  private static final List<String> PROCESS_MARKS =
      List.of("casemate.home", "/run/casemate", "qemu-system", "virtiofsd", "stand-in");

  /** Made by the first sandbox of a machine and shared by all. */
  private static final Set<String> SHARED =
      Set.of(
          "/run/casemate/vm",
          "/run/casemate/containers",
          "/run/casemate/shim",
          "/run/casemate/containerd",
          "/run/casemate/containerd/default",
          "/run/casemate/containerd/k8s.io",
          "/run/casemate/containerd/moby",
          "/var/lib/casemate/scratch",
          "/var/lib/casemate/bundles");

  /** Deep enough for what is below a sandbox's cgroup or run directory. */
  private static final int DEPTH = 6;

  /** Names in the path of a bundle, {@code /var/lib/casemate/bundles/NAME}. */
  private static final int BUNDLE_DEPTH = 5;

  private final List<Path> stateDirectories;
  private final Set<String> before;

  private Leftovers(List<Path> stateDirectories) {
    this.stateDirectories = List.copyOf(stateDirectories);
    this.before = present();
  }

  /** Remembers what is there now; the state directories need not exist. */
  public static Leftovers before(Path... stateDirectories) {
    return new Leftovers(List.of(stateDirectories));
  }

  /**
   * Returns when nothing is there that was not before. The last processes of a sandbox may still be
   * exiting when the verb that ended it returns, so it waits, {@link Await#BOUND} at most.
   *
   * @throws AssertionError that lists what stayed
   */
  public void mustBeNone() {
    try {
      Await.until("nothing is left", () -> since().isEmpty());
    } catch (AssertionError e) {
      throw new AssertionError("Left behind:\n" + String.join("\n", since()), e);
    }
  }

  /** What is there now and was not before, one line each. */
  public Set<String> since() {
    Set<String> now = present();
    now.removeAll(before);
    return now;
  }

  private Set<String> present() {
    Strangers strangers = Strangers.now();
    Set<String> found = new TreeSet<>();
    addProcesses(found, strangers);
    addMounts(found, strangers);
    addFiles(found, strangers, "cgroup", Path.of("/sys/fs/cgroup"), "casemate");
    addFiles(found, strangers, "file", Path.of("/run/casemate"), "/");
    addFiles(found, strangers, "file", Path.of("/var/lib/casemate/scratch"), "/");
    addFiles(found, strangers, "bundle", Path.of("/var/lib/casemate/bundles"), "/");
    addFiles(found, strangers, "network namespace", Path.of("/run/netns"), "/");
    addFiles(found, strangers, "network device", Path.of("/sys/class/net"), "/");
    for (Path directory : stateDirectories) {
      addFiles(found, strangers, "state", directory, "/");
    }
    return found;
  }

  private static void addProcesses(Set<String> found, Strangers strangers) {
    long self = ProcessHandle.current().pid();
    try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
      for (Path entry : (Iterable<Path>) entries::iterator) {
        String pid = entry.getFileName().toString();
        if (!pid.chars().allMatch(Character::isDigit) || pid.equals(Long.toString(self))) {
          continue;
        }
        String command = read(entry.resolve("cmdline")).orElse("").replace('\0', ' ').strip();
        // surefire, Maven and ./x run in a checkout that may be named like us.
        boolean build = command.contains("surefire") || command.contains("maven");
        if (!build
            && PROCESS_MARKS.stream().anyMatch(command::contains)
            && !strangers.haveProcess(Long.parseLong(pid), command)) {
          found.add("process " + pid + ": " + command);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void addMounts(Set<String> found, Strangers strangers) {
    read(Path.of("/proc/self/mountinfo"))
        .orElse("")
        .lines()
        .filter(line -> line.contains("casemate") || line.contains("kataShared"))
        .filter(line -> !strangers.haveToken(line))
        .forEach(line -> found.add("mount " + line));
  }

  private static void addFiles(
      Set<String> found, Strangers strangers, String kind, Path directory, String mark) {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory, DEPTH, new FileVisitOption[0])) {
      files
          .filter(file -> !file.equals(directory))
          .filter(file -> !SHARED.contains(file.toString()))
          .map(Path::toString)
          // Which guest files were checked already: one entry a file and machine, not a sandbox.
          .filter(file -> !file.startsWith("/run/casemate/verified"))
          .filter(file -> file.contains(mark))
          // The parent of all sandboxes' cgroups.
          .filter(file -> !kind.equals("cgroup") || !file.endsWith("/casemate"))
          // Control files of a cgroup come and go with it.
          .filter(file -> !kind.equals("cgroup") || Files.isDirectory(Path.of(file)))
          .filter(file -> !isStrangers(strangers, kind, file))
          .forEach(file -> found.add(kind + " " + file));
    } catch (UncheckedIOException | IOException e) {
      // Something below vanished while it was read: what is left is read by the next look.
      found.add(kind + " " + directory + " is changing");
    }
  }

  private static boolean isStrangers(Strangers strangers, String kind, String file) {
    return switch (kind) {
      case "cgroup" -> strangers.haveCgroup(file);
      case "bundle" -> {
        // A bundle's lock holds the path of its container's state.
        Path path = Path.of(file);
        Path bundle = Path.of("/").resolve(path.subpath(0, BUNDLE_DEPTH));
        yield strangers.haveState(read(bundle.resolve("lock")).orElse(""));
      }
      default -> strangers.haveToken(file) || strangers.haveState(file);
    };
  }

  private static Optional<String> read(Path file) {
    try {
      return Optional.of(Files.readString(file, StandardCharsets.ISO_8859_1));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      // A process that exits while it is read.
      return Optional.empty();
    }
  }
}
