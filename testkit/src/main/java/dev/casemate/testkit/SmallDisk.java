package dev.casemate.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A tmpfs of a test's own, so small that it can be filled. Needs root. */
public final class SmallDisk implements AutoCloseable {
  private static final int CHUNK_BYTES = 4096;

  private final Path path;

  private SmallDisk(Path path) {
    this.path = path;
  }

  /**
   * Mounts one at a directory that is made.
   *
   * @param options as tmpfs takes them: {@code size=64k,nr_inodes=10}
   */
  public static SmallDisk mount(Path path, String options) throws IOException {
    Files.createDirectories(path);
    run("mount", "-t", "tmpfs", "-o", options, "small", path.toString());
    return new SmallDisk(path);
  }

  /** Where it is mounted. */
  public Path path() {
    return path;
  }

  /** Fills it to its last byte. */
  public void fill() {
    try (OutputStream file = Files.newOutputStream(path.resolve("filling"))) {
      while (true) {
        file.write(new byte[CHUNK_BYTES]);
      }
    } catch (IOException full) {
      // Which is what was wanted; its tests fail if it was something else.
    }
  }

  @Override
  public void close() {
    run("umount", path.toString());
  }

  private static void run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.waitFor() != 0) {
        throw new AssertionError(List.of(command) + " failed: " + said);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("Interrupted during " + List.of(command), e);
    }
  }
}
