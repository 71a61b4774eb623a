package dev.casemate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * {@code ./x bench}: prints a table of casemate beside its peers and keeps the raw samples. No
 * number makes it fail; only that nothing could be measured does.
 */
public final class Main {

  private static final int DEFAULT_ROUNDS = 5;

  private Main() {}

  /** Options: --home DIR, --output DIR, --rounds N. */
  public static void main(String[] arguments) throws IOException {
    Map<String, String> options = options(arguments);
    Path home = Path.of(options.getOrDefault("--home", "build/dist")).toAbsolutePath();
    Path output = Path.of(options.getOrDefault("--output", "build/bench")).toAbsolutePath();
    int rounds = Integer.parseInt(options.getOrDefault("--rounds", "" + DEFAULT_ROUNDS));
    Path scratch = Files.createTempDirectory("casemate-bench");
    try {
      String report = measure(home, scratch, rounds, output);
      System.out.print(report);
    } finally {
      delete(scratch);
    }
  }

  private static String measure(Path home, Path scratch, int rounds, Path output)
      throws IOException {
    StringBuilder report = new StringBuilder("# Benchmark\n\n").append(machine()).append('\n');
    List<Contender> present = new ArrayList<>();
    for (Contender contender :
        Stream.concat(
                Stream.of(Contender.casemate(home, scratch)), Contender.peers(scratch).stream())
            .toList()) {
      if (contender.isInstalled()) {
        present.add(contender);
        String note = contender.note().isEmpty() ? "" : ", " + contender.note();
        report.append("- ").append(contender.name()).append(": ").append(contender.version());
        report.append(note).append('\n');
      } else {
        report.append("- ").append(contender.name()).append(": not installed, not measured\n");
      }
    }
    Benchmark benchmark = new Benchmark(present, scratch);
    benchmark.run(rounds);
    report.append('\n').append(benchmark.samples().markdown(names(present))).append('\n');
    benchmark.remarks().forEach(remark -> report.append("- failed: ").append(remark).append('\n'));
    Files.createDirectories(output);
    Files.writeString(output.resolve("results.md"), report);
    Files.writeString(output.resolve("samples.csv"), benchmark.samples().csv());
    say("written to " + output);
    return report.toString();
  }

  private static List<String> names(List<Contender> contenders) {
    return contenders.stream().map(Contender::name).toList();
  }

  /** What the numbers hold of. */
  private static String machine() throws IOException {
    String processor =
        Files.readString(Path.of("/proc/cpuinfo"))
            .lines()
            .filter(line -> line.startsWith("model name"))
            .findFirst()
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .orElse("unknown processor");
    long mebibytes =
        Footprint.fields(Files.readString(Path.of("/proc/meminfo"))).getOrDefault("MemTotal", 0L)
            / 1024;
    return "%s, %d × %s, %d MiB, Linux %s, load %s, KVM device %s%n"
        .formatted(
            Instant.now().truncatedTo(ChronoUnit.SECONDS),
            Runtime.getRuntime().availableProcessors(),
            processor,
            mebibytes,
            System.getProperty("os.version"),
            Files.readString(Path.of("/proc/loadavg")).split(" ", -1)[0],
            Files.exists(Path.of("/dev/kvm")) ? "present" : "absent");
  }

  private static Map<String, String> options(String[] arguments) {
    Map<String, String> options = new HashMap<>();
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      options.put(arguments[i], arguments[i + 1]);
    }
    return options;
  }

  static void say(String what) {
    System.err.println("bench: " + what);
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
