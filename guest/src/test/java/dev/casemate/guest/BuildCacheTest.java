package dev.casemate.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuildCacheTest {
  private static final int BUILDERS = 4;

  @TempDir Path directory;
  private final AtomicInteger made = new AtomicInteger();

  private BuildCache cache() {
    return new BuildCache(
        directory, new Progress(new PrintStream(OutputStream.nullOutputStream()), 1));
  }

  private void make(Path into) throws IOException {
    made.incrementAndGet();
    Files.writeString(into.resolve("file"), "content");
  }

  @Test
  void makesAnEntryOnce() {
    Path first = cache().entry("kind", "key", this::make);
    Path second = cache().entry("kind", "key", this::make);

    assertThat(first).isEqualTo(second);
    assertThat(first.resolve("file")).hasContent("content");
    assertThat(made).hasValue(1);
  }

  @Test
  void makesADamagedEntryAgain() throws IOException {
    Path entry = cache().entry("kind", "key", this::make);
    Files.writeString(entry.resolve("file"), "CONTENT");

    assertThat(cache().entry("kind", "key", this::make).resolve("file")).hasContent("content");
    assertThat(made).hasValue(2);
  }

  @Test
  void keepsNothingOfAFailedMaker() throws IOException {
    BuildCache cache = cache();

    assertThatThrownBy(() ->
            cache.entry(
                "kind",
                "key",
                into -> {
                  make(into);
                  throw new IOException("disk on fire");
                }))
        .hasMessageContaining("disk on fire");

    assertThat(directory.resolve("kind/key")).doesNotExist();
    try (var left = Files.list(directory)) {
      assertThat(left.filter(path -> path.getFileName().toString().startsWith(".work"))).isEmpty();
    }
  }

  @Test
  void sweepsWhatAKilledBuildLeftAndNothingElse() throws Exception {
    Path abandoned = Files.createDirectory(directory.resolve(".work-own1"));
    Files.writeString(abandoned.resolve("file"), "");
    Path lock = Files.createFile(directory.resolve(".work-own1.lock"));
    Path lockless = Files.createDirectory(directory.resolve(".work-own2"));
    Path entry = cache().entry("kind", "key", this::make);
    try (Scratch inUse = cache().scratch("own")) {
      cache().sweep();

      assertThat(abandoned).doesNotExist();
      assertThat(lock).doesNotExist();
      assertThat(lockless).doesNotExist();
      assertThat(inUse.directory()).isDirectory();
      assertThat(entry.resolve("file")).exists();
    }
  }

  @Test
  void sweepsNothingOfABuildInAnotherProcessWhateverItsIdIs() throws Exception {
    Path theirs = Files.createDirectory(directory.resolve(".work-own1"));
    Path lock = Files.createFile(directory.resolve(".work-own1.lock"));
    try (FileChannel holder = FileChannel.open(lock, StandardOpenOption.WRITE)) {
      holder.lock();

      // In a process id namespace of its own, where none of this test's ids means anything.
      assertThat(sweepElsewhere()).isZero();

      assertThat(theirs).isDirectory();
    }
    assertThat(sweepElsewhere()).isZero();
    assertThat(theirs).doesNotExist();
  }

  private int sweepElsewhere() throws IOException, InterruptedException {
    assumeThat(System.getProperty("user.name")).isEqualTo("root");
    Process process =
        new ProcessBuilder(
                "unshare",
                "--pid",
                "--fork",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path")
                    + File.pathSeparator
                    + System.getProperty("jdk.module.path", ""),
                Sweep.class.getName(),
                directory.toString())
            .inheritIO()
            .start();
    return process.waitFor();
  }

  /** Sweeps a cache, as the first act of a build does. */
  static final class Sweep {
    /** Sweeps the one that is named. */
    public static void main(String[] arguments) throws IOException {
      new BuildCache(
              Path.of(arguments[0]),
              new Progress(new PrintStream(OutputStream.nullOutputStream()), 1))
          .sweep();
    }
  }

  @Test
  void letsOneOfManyMakeIt() throws Exception {
    CountDownLatch together = new CountDownLatch(BUILDERS);
    try (ExecutorService threads = Executors.newFixedThreadPool(BUILDERS)) {
      List<Future<Path>> entries = new ArrayList<>();
      for (int i = 0; i < BUILDERS; i++) {
        entries.add(
            threads.submit(() -> {
              together.countDown();
              together.await();
              return cache().entry("kind", "key", this::make);
            }));
      }
      for (Future<Path> entry : entries) {
        assertThat(entry.get(2, TimeUnit.MINUTES).resolve("file")).hasContent("content");
      }
    }
    assertThat(made).hasValue(1);
  }

  @Test
  void keysTellEveryPartApart() throws IOException {
    Path file = Files.writeString(directory.resolve("a"), "1");
    String key = new ContentKey().addFile(file).add("x").add("y").name();

    assertThat(new ContentKey().addFile(file).add("x").add("y").name()).isEqualTo(key);
    assertThat(new ContentKey().addFile(file).add("xy").add("").name()).isNotEqualTo(key);
    Files.writeString(file, "2");
    assertThat(new ContentKey().addFile(file).add("x").add("y").name()).isNotEqualTo(key);
  }
}
