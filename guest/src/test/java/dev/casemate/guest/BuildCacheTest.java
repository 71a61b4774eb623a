package dev.casemate.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
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
      assertThat(left.filter(path -> path.getFileName().toString().startsWith(".scratch")))
          .isEmpty();
    }
  }

  @Test
  void sweepsWhatAKilledBuildLeftAndNothingElse() throws Exception {
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    Path abandoned = Files.createDirectory(directory.resolve(".scratch-" + ended.pid() + "-own1"));
    Files.writeString(abandoned.resolve("file"), "");
    Path inUse = cache().workspace("own");
    Path entry = cache().entry("kind", "key", this::make);

    cache().sweep();

    assertThat(abandoned).doesNotExist();
    assertThat(inUse).isDirectory();
    assertThat(entry.resolve("file")).exists();
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
