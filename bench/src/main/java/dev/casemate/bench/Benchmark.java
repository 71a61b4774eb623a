package dev.casemate.bench;

import dev.casemate.testkit.Bundle;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Measures each contender with the same bundles, one after the other in every round, so that what
 * else the machine does hits all alike. A contender that fails at something is out of that row and
 * the report says why. Owned by one thread.
 */
final class Benchmark {

  private static final Pattern PHASE =
      Pattern.compile("^ +(\\S.*?) +(\\d+) ms$", Pattern.MULTILINE);

  /** How often a short command is repeated in one round. */
  private static final int REPEATS = 5;

  /** Enough that starting the process that carries it does not matter much. */
  private static final int STREAM_BYTES = 64 << 20;

  private static final String OUT = "head -c " + STREAM_BYTES + " /dev/zero";

  private final List<Contender> contenders;
  private final Path scratch;
  private final Samples samples = new Samples();
  private final Set<String> remarks = new LinkedHashSet<>();

  Benchmark(List<Contender> contenders, Path scratch) {
    this.contenders = List.copyOf(contenders);
    this.scratch = scratch;
  }

  Samples samples() {
    return samples;
  }

  /** What a reader must know beside the numbers. */
  Set<String> remarks() {
    return remarks;
  }

  /** Runs all measurements; round 0 warms caches and is not kept. */
  void run(int rounds) {
    Path once = Bundle.in(scratch.resolve("once")).args("true").write();
    Path idle = Bundle.in(scratch.resolve("idle")).args("sleep", "1000000").write();
    for (int round = 0; round <= rounds; round++) {
      Main.say(round == 0 ? "warming up" : "round " + round + " of " + rounds);
      for (Contender contender : contenders) {
        attempt(contender, "run", round, this::runToEnd, once);
      }
      for (Contender contender : contenders) {
        attempt(contender, "a running container", round, this::withContainer, idle);
      }
    }
  }

  /** One measurement of one contender in one round. */
  private interface Measurement {
    void take(Contender contender, int round, Path bundle) throws IOException;
  }

  private void attempt(
      Contender contender, String what, int round, Measurement measurement, Path bundle) {
    try {
      measurement.take(contender, round, bundle);
    } catch (IOException failure) {
      remarks.add(contender.name() + ", " + what + ": " + failure.getMessage());
    }
  }

  private void runToEnd(Contender contender, int round, Path bundle) throws IOException {
    String id = id(contender, "run");
    List<String> verb = new ArrayList<>(List.of("run", "--bundle", bundle.toString()));
    boolean ours = contender.name().equals("casemate");
    if (ours) {
      verb.add(1, "--timing");
    }
    verb.add(id);
    List<String> command = contender.verb(verb.toArray(new String[0]));
    try {
      Timed timed = Timed.run(command).mustSucceed(command);
      keep("run true, wall, ms", contender, round, timed.millis());
      if (ours) {
        keepPhases(contender, round, timed.output());
      }
    } finally {
      Timed.run(contender.verb("delete", "--force", id));
    }
  }

  /**
   * The phases that our own command tells. From the VMM's start to the agent's first answer are the
   * phases {@code vmm} and {@code boot}.
   */
  private void keepPhases(Contender contender, int round, String output) {
    Matcher phase = PHASE.matcher(output);
    double coldBoot = 0;
    while (phase.find()) {
      double millis = Double.parseDouble(phase.group(2));
      keep("  of it: " + phase.group(1) + ", ms", contender, round, millis);
      if (phase.group(1).equals("vmm") || phase.group(1).equals("boot")) {
        coldBoot += millis;
      }
    }
    if (coldBoot > 0) {
      keep("cold boot to the agent's first answer, ms", contender, round, coldBoot);
    }
  }

  private void withContainer(Contender contender, int round, Path bundle) throws IOException {
    String id = id(contender, "idle");
    Set<Long> before = Footprint.processes();
    try {
      // In two steps: 'run --detach' is not said the same way by all.
      List<String> create = contender.verb("create", "--bundle", bundle.toString(), id);
      Timed created = Timed.run(create).mustSucceed(create);
      List<String> start = contender.verb("start", id);
      Timed started = Timed.run(start).mustSucceed(start);
      keep("create and start, wall, ms", contender, round, created.millis() + started.millis());
      for (int repeat = 0; repeat < REPEATS; repeat++) {
        List<String> state = contender.verb("state", id);
        keep("state, wall, ms", contender, round, Timed.run(state).mustSucceed(state).millis());
        List<String> exec = contender.verb("exec", id, "true");
        keep("exec true, wall, ms", contender, round, Timed.run(exec).mustSucceed(exec).millis());
      }
      keepStream("64 MiB out of exec, MB/s", contender, round, "\"$@\" | wc -c", id, OUT);
      keepStream("64 MiB into exec, MB/s", contender, round, OUT + " | \"$@\"", id, "wc -c");
      keepFootprint(contender, round, id, before);
      List<String> kill = contender.verb("kill", id, "KILL");
      keep("kill, wall, ms", contender, round, Timed.run(kill).mustSucceed(kill).millis());
    } finally {
      Timed.run(contender.verb("delete", "--force", id));
    }
  }

  /** A process in the container at one end of a pipe; whoever is at the other counts the bytes. */
  private void keepStream(
      String metric, Contender contender, int round, String pipe, String id, String program)
      throws IOException {
    List<String> command = new ArrayList<>(List.of("sh", "-c", pipe, "sh"));
    command.addAll(contender.verb("exec", id, "sh", "-c", program));
    Timed timed = Timed.run(command).mustSucceed(command);
    if (!timed.output().strip().equals(String.valueOf(STREAM_BYTES))) {
      throw new IOException(metric + ": " + timed.output().strip() + " bytes came through");
    }
    keep(metric, contender, round, STREAM_BYTES / 1e3 / timed.millis());
  }

  private void keepFootprint(Contender contender, int round, String id, Set<Long> before)
      throws IOException {
    Set<String> marks =
        contender.name().equals("casemate")
            ? Set.of("casemate", "qemu-system", "virtiofsd", "stand-in")
            : Set.of(id);
    Map<String, Double> sizes = Footprint.proportional(before, marks);
    double sum = 0;
    for (Map.Entry<String, Double> size : sizes.entrySet()) {
      keep("PSS of " + size.getKey() + ", MiB", contender, round, size.getValue());
      sum += size.getValue();
    }
    keep("PSS of all host processes, idle container, MiB", contender, round, sum);
  }

  private void keep(String metric, Contender contender, int round, double value) {
    if (round > 0) {
      samples.add(metric, contender.name(), round, value);
    }
  }

  private static String id(Contender contender, String what) {
    return "bench-" + contender.name() + "-" + what + "-" + ProcessHandle.current().pid();
  }
}
