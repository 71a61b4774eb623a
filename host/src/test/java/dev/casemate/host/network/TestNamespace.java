package dev.casemate.host.network;

import dev.casemate.linux.Descriptor;
import dev.casemate.linux.Namespace;
import dev.casemate.linux.OpenAccess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A network namespace that lives as long as a test, and ip(8) and tc(8) in it. */
final class TestNamespace implements AutoCloseable {
  private static final long BOUND_SECONDS = 120;

  private final Descriptor descriptor;

  TestNamespace() throws Exception {
    CompletableFuture<Descriptor> made = new CompletableFuture<>();
    Thread.ofPlatform()
        .start(() -> {
          try {
            Namespace.unshare(Namespace.NETWORK);
            made.complete(Descriptor.open("/proc/thread-self/ns/net", OpenAccess.READ));
          } catch (RuntimeException failure) {
            made.completeExceptionally(failure);
          }
        });
    descriptor = made.get(BOUND_SECONDS, TimeUnit.SECONDS);
  }

  /** The file that the kernel shows it as. */
  Path file() {
    return Path.of("/proc", Long.toString(ProcessHandle.current().pid()), "fd")
        .resolve(Integer.toString(descriptor.number()));
  }

  Descriptor descriptor() {
    return descriptor;
  }

  /** Runs a command in it; its output, as long as it succeeds. */
  String run(String... command) {
    List<String> argv = new ArrayList<>(List.of("nsenter", "--net=" + file(), "--"));
    argv.addAll(List.of(command));
    try {
      Process process = new ProcessBuilder(argv).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new AssertionError(String.join(" ", command) + ": " + output);
      }
      return output;
    } catch (IOException failure) {
      throw new java.io.UncheckedIOException(failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  /** Runs {@code ip} with words that spaces part. */
  String ip(String words) {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(words.split(" ")));
    return run(command.toArray(String[]::new));
  }

  /** Runs {@code tc} with words that spaces part. */
  String tc(String words) {
    List<String> command = new ArrayList<>(List.of("tc"));
    command.addAll(List.of(words.split(" ")));
    return run(command.toArray(String[]::new));
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
