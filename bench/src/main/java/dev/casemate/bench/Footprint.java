package dev.casemate.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The memory of processes, from /proc. */
final class Footprint {

  private static final long KIBIBYTES_PER_MEBIBYTE = 1024;

  private Footprint() {}

  /** The ids of all processes. */
  static Set<Long> processes() throws IOException {
    Set<Long> ids = new HashSet<>();
    try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
      entries
          .map(entry -> entry.getFileName().toString())
          .filter(name -> name.chars().allMatch(Character::isDigit))
          .forEach(name -> ids.add(Long.parseLong(name)));
    }
    return ids;
  }

  /**
   * Proportional set sizes of a container's host processes, in MiB, by their role. A page that
   * several processes share counts in parts, so that the sum is what the container costs.
   *
   * @param before the processes from before the container was made
   * @param marks what the command line of a process of the container holds, one of these
   */
  static Map<String, Double> proportional(Set<Long> before, Set<String> marks) throws IOException {
    Map<String, Double> sizes = new TreeMap<>();
    for (long id : processes()) {
      String command = read(Path.of("/proc/" + id + "/cmdline")).replace('\0', ' ');
      if (before.contains(id) || marks.stream().noneMatch(command::contains)) {
        continue;
      }
      double mebibytes =
          fields(read(Path.of("/proc/" + id + "/smaps_rollup"))).getOrDefault("Pss", 0L)
              / (double) KIBIBYTES_PER_MEBIBYTE;
      sizes.merge(role(command), mebibytes, Double::sum);
    }
    return sizes;
  }

  /** The values in KiB of lines like {@code VmRSS: 1234 kB}. */
  static Map<String, Long> fields(String text) {
    Map<String, Long> fields = new HashMap<>();
    for (String line : (Iterable<String>) text.lines()::iterator) {
      String[] words = line.trim().split("\\s+", -1);
      if (words.length == 3 && words[0].endsWith(":") && words[2].equals("kB")) {
        fields.put(words[0].substring(0, words[0].length() - 1), Long.parseLong(words[1]));
      }
    }
    return fields;
  }

  private static String role(String command) {
    if (command.contains("qemu-system")) {
      return "VMM and guest";
    }
    if (command.contains("virtiofsd")) {
      return "file daemon";
    }
    if (command.contains("stand-in")) {
      return "stand-in";
    }
    if (command.contains("casemate.home")) {
      return "monitor";
    }
    if (command.contains("runsc")) {
      return "sandbox and gofer";
    }
    return "other";
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      // A process that ended in between costs nothing.
      return "";
    }
  }
}
