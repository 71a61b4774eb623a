package dev.casemate.hypervisor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Moves a stream of output into a ring and a capped file on a daemon thread of its own, which ends
 * with the stream. A platform thread, since reading a pipe would pin a virtual one.
 */
public final class OutputCopier {
  /** What each output file may hold before it is turned over: 256 KiB. */
  private static final long FILE_CAP = 256 * 1024;

  private static final int CHUNK = 4096;

  private final OutputRing ring;
  private final CompletableFuture<Boolean> drained = new CompletableFuture<>();

  private OutputCopier(OutputRing ring) {
    this.ring = ring;
  }

  /**
   * Starts copying.
   *
   * @param name the thread's name
   * @param input closed at its end
   * @param ringBytes capacity of the ring
   * @param file where the copy goes; an existing file is replaced
   */
  public static OutputCopier start(String name, InputStream input, int ringBytes, Path file) {
    OutputCopier copier = new OutputCopier(new OutputRing(ringBytes));
    Thread.ofPlatform().daemon().name(name).start(() -> copier.copy(input, file));
    return copier;
  }

  private void copy(InputStream input, Path file) {
    byte[] chunk = new byte[CHUNK];
    try (input;
        OutputFile copy = new OutputFile(file, FILE_CAP)) {
      for (int n = input.read(chunk); n >= 0; n = input.read(chunk)) {
        ring.append(chunk, 0, n);
        copy.write(chunk, 0, n);
      }
    } catch (IOException e) {
      // A writer that died mid-write ends the stream like one that closed it.
    } finally {
      drained.complete(true);
    }
  }

  /** What was printed so far. */
  public OutputRing ring() {
    return ring;
  }

  /** Waits until the stream has ended, at most that long; whether it has. */
  public boolean awaitEnd(long milliseconds) {
    try {
      return drained.get(milliseconds, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (TimeoutException | java.util.concurrent.ExecutionException e) {
      return false;
    }
  }
}
