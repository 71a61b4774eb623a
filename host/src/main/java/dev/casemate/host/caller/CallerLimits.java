package dev.casemate.host.caller;

import dev.casemate.model.oci.ProcessSpec;
import dev.casemate.model.oci.Rlimit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;

/**
 * The limits of a caller, which a process that names none of its own inherits: under a runtime that
 * forks it does so without anybody's doing, across the border of a machine it must be told.
 *
 * <p>Limits on processes and pending signals stay behind: the kernel derives them from a machine's
 * memory, and the guest has a memory of its own.
 */
public final class CallerLimits {
  /** As {@code /proc/PID/limits} calls it, and as the specification does. */
  private record Name(String shown, String type) {}

  private static final List<Name> INHERITED =
      List.of(
          new Name("Max cpu time", "RLIMIT_CPU"),
          new Name("Max file size", "RLIMIT_FSIZE"),
          new Name("Max data size", "RLIMIT_DATA"),
          new Name("Max stack size", "RLIMIT_STACK"),
          new Name("Max core file size", "RLIMIT_CORE"),
          new Name("Max resident set", "RLIMIT_RSS"),
          new Name("Max open files", "RLIMIT_NOFILE"),
          new Name("Max locked memory", "RLIMIT_MEMLOCK"),
          new Name("Max address space", "RLIMIT_AS"),
          new Name("Max file locks", "RLIMIT_LOCKS"),
          new Name("Max msgqueue size", "RLIMIT_MSGQUEUE"),
          new Name("Max nice priority", "RLIMIT_NICE"),
          new Name("Max realtime priority", "RLIMIT_RTPRIO"),
          new Name("Max realtime timeout", "RLIMIT_RTTIME"));

  /** {@code RLIM_INFINITY}. */
  private static final long UNLIMITED = -1;

  private CallerLimits() {}

  /**
   * The process with the limits of a process of this host where it names none.
   *
   * @param pid of the one that stands in for it; when it is gone there is nothing to inherit
   */
  public static ProcessSpec inherited(ProcessSpec process, long pid) {
    try {
      Path file = Path.of("/proc/" + pid + "/limits");
      return process.withDefaultLimits(
          parse(Files.readString(file, StandardCharsets.US_ASCII).lines().toList()));
    } catch (IOException gone) {
      return process;
    }
  }

  /** The limits in lines of a name, the soft and the hard limit, and a unit: proc(5). */
  static List<Rlimit> parse(List<String> lines) {
    List<Rlimit> limits = new ArrayList<>();
    for (String line : lines) {
      for (Name name : INHERITED) {
        if (!line.startsWith(name.shown() + " ")) {
          continue;
        }
        StringTokenizer numbers = new StringTokenizer(line.substring(name.shown().length()));
        if (numbers.countTokens() >= 2) {
          long soft = number(numbers.nextToken());
          long hard = number(numbers.nextToken());
          limits.add(new Rlimit(name.type(), hard, soft));
        }
      }
    }
    return limits;
  }

  private static long number(String text) {
    return text.equals("unlimited") ? UNLIMITED : Long.parseUnsignedLong(text);
  }
}
