package dev.casemate.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One cgroup (v2) through its files, named as in the kernel's {@code admin-guide/cgroup-v2}. The
 * directory's name is ours; a container sees it only through its own cgroup namespace and cannot
 * replace it. Thread-safe.
 *
 * @param directory the cgroup's directory
 */
record CgroupFiles(Path directory) {
  /** Parent of the containers' cgroups, below the cgroup file system's root. */
  static final String PARENT = "/casemate";

  private static final Path ROOT = Path.of("/sys/fs/cgroup");

  // One line a process; more than any container's pids limit allows stays readable.
  private static final int MAX_FILE = 1 << 20;

  // Freezing waits for each task to reach a stopping point; a task in uninterruptible I/O may take
  // long, and the caller must learn that rather than hang.
  private static final long FREEZE_NANOS = 10_000_000_000L;
  private static final long FREEZE_POLL_MILLIS = 2;

  /** The cgroup at a path below the cgroup file system's root, such as {@code /casemate/c1}. */
  static CgroupFiles at(String path) {
    return new CgroupFiles(ROOT.resolve(path.substring(1)));
  }

  /** Whether the cgroup is there. */
  boolean exists() {
    return Files.isDirectory(directory);
  }

  /** The file's text without the line end, empty when there is no such file. */
  String text(String file) {
    try {
      return Small.text(directory.resolve(file), MAX_FILE).strip();
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      // ENODEV: the cgroup went while the file was open.
      return "";
    }
  }

  /** A file with one number; {@code max} is the largest unsigned number, a missing file is 0. */
  long number(String file) {
    return parse(text(file));
  }

  /** A file of lines {@code key value}; what is no number is left out. */
  Map<String, Long> numbers(String file) {
    Map<String, Long> out = new LinkedHashMap<>();
    for (String line : lines(text(file))) {
      int space = line.indexOf(' ');
      if (space > 0) {
        out.put(line.substring(0, space), parse(line.substring(space + 1)));
      }
    }
    return out;
  }

  /** Writes one file. */
  void write(String file, String value) {
    Path path = directory.resolve(file);
    try {
      Files.write(path, value.getBytes(StandardCharsets.US_ASCII), StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The processes in it and below it. */
  List<Integer> processes() {
    List<Integer> out = new ArrayList<>();
    collect(directory, out);
    return out;
  }

  private static void collect(Path cgroup, List<Integer> out) {
    for (String line : lines(new CgroupFiles(cgroup).text("cgroup.procs"))) {
      out.add((int) parse(line));
    }
    try (DirectoryStream<Path> below = Files.newDirectoryStream(cgroup)) {
      for (Path each : below) {
        if (Files.isDirectory(each)) {
          collect(each, out);
        }
      }
    } catch (IOException e) {
      // Gone meanwhile: nothing runs there.
    }
  }

  /** Kills each process in it and below it at once (since Linux 5.14). */
  void kill() {
    write("cgroup.kill", "1");
  }

  /**
   * Stops or continues all its processes and waits until that is so.
   *
   * @return false when they did not stop within 10 s
   */
  boolean freeze(boolean frozen) throws InterruptedException {
    write("cgroup.freeze", frozen ? "1" : "0");
    long wanted = frozen ? 1 : 0;
    long deadline = System.nanoTime() + FREEZE_NANOS;
    while (numbers("cgroup.events").getOrDefault("frozen", wanted) != wanted) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      Thread.sleep(FREEZE_POLL_MILLIS);
    }
    return true;
  }

  /** Removes it and what lies below; true when it is gone. */
  boolean remove() {
    try (DirectoryStream<Path> below = Files.newDirectoryStream(directory)) {
      for (Path each : below) {
        if (Files.isDirectory(each)) {
          new CgroupFiles(each).remove();
        }
      }
      Files.delete(directory);
      return true;
    } catch (NoSuchFileException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static long parse(String number) {
    if (number.equals("max")) {
      return -1L;
    }
    try {
      return number.isEmpty() ? 0 : Long.parseUnsignedLong(number);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  static List<String> lines(String text) {
    List<String> out = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= text.length(); i++) {
      if (i == text.length() || text.charAt(i) == '\n') {
        if (i > start) {
          out.add(text.substring(start, i));
        }
        start = i + 1;
      }
    }
    return out;
  }
}
