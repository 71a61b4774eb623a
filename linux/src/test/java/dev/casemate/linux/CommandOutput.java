package dev.casemate.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What a program of the host says, run in the namespaces of the calling thread. */
public final class CommandOutput {
  private CommandOutput() {}

  /** Runs it; standard output and error, as long as it succeeds. */
  public static String of(List<String> command) throws IOException {
    // env(1) looks the program up.
    List<String> argv = new ArrayList<>(List.of("/usr/bin/env"));
    argv.addAll(command);
    Pipe pipe = Pipe.open();
    try (Descriptor read = pipe.readEnd();
        Descriptor none = Descriptor.open("/dev/null", OpenAccess.READ_WRITE)) {
      int child;
      try (Descriptor write = pipe.writeEnd()) {
        child =
            ChildCommand.of(argv)
                .withEnvironment(List.of("PATH=" + System.getenv("PATH")))
                .withDescriptors(none, write, write)
                .start();
      }
      String output = new String(read.inputStream().readAllBytes(), StandardCharsets.UTF_8);
      ChildExit exit = Processes.reap(child);
      assertThat(exit.status()).as(command + ": " + output).isZero();
      return output;
    }
  }
}
