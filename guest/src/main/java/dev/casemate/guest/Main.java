package dev.casemate.guest;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.PrintStream;
import java.util.List;

/** The guest builder's command line. */
public final class Main {
  private static final int FAILED = 1;
  private static final int MISUSED = 2;

  private Main() {}

  /** Builds a guest as the arguments say; the exit status tells how it went. */
  public static void main(String[] arguments) {
    // A compiler must not go on after a build that was told to end.
    Thread last =
        new Thread(
            () -> ProcessHandle.current().descendants().forEach(ProcessHandle::destroy), "last");
    Runtime.getRuntime().addShutdownHook(last);
    System.exit(run(List.of(arguments), System.err));
  }

  /** The same, giving the exit status and writing to a stream. */
  static int run(List<String> arguments, PrintStream out) {
    if (arguments.contains("--help")) {
      out.print(BuildOptions.USAGE);
      return 0;
    }
    try {
      BuildOptions options = BuildOptions.parse(arguments, System.getenv());
      new ImageBuilder(options, new Progress(out, ImageBuilder.steps())).build();
      return 0;
    } catch (CasemateException e) {
      out.println("casemate-guest: " + e.getMessage() + " [" + e.code() + "]");
      return e.code() == ErrorCode.INVALID_ARGUMENT ? MISUSED : FAILED;
    }
  }
}
