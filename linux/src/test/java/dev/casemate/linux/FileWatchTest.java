package dev.casemate.linux;

import static dev.casemate.linux.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileWatchTest {
  private static final Duration BOUND = Duration.ofSeconds(OwnThread.BOUND_SECONDS);

  @TempDir private Path dir;

  @Test
  void seesAFileChange() throws IOException {
    Path file = Files.createFile(dir.resolve("file"));
    try (FileWatch watch = FileWatch.open()) {
      int number = watch.watch(file.toString(), FileWatch.Event.MODIFIED);
      assertThat(watch.await(Duration.ZERO)).isEmpty();
      Files.writeString(file, "new");
      assertThat(watch.await(BOUND))
          .containsExactly(new FileWatch.Change(number, Set.of(FileWatch.Event.MODIFIED), ""));
      watch.unwatch(number);
      assertThat(watch.await(BOUND))
          .containsExactly(new FileWatch.Change(number, Set.of(FileWatch.Event.ENDED), ""));
      assertRefused(
          Errno.EINVAL, "inotify_rm_watch", "watch " + number, () -> watch.unwatch(number));
    }
  }

  @Test
  void seesNamesOfADirectory() throws IOException {
    try (FileWatch watch = FileWatch.open()) {
      int number = watch.watch(dir.toString(), FileWatch.Event.CREATED, FileWatch.Event.DELETED);
      Path first = Files.createFile(dir.resolve("a"));
      Files.createFile(dir.resolve("a-much-longer-name"));
      Files.delete(first);
      List<FileWatch.Change> changes = watch.await(BOUND);
      assertThat(changes)
          .containsExactly(
              new FileWatch.Change(number, Set.of(FileWatch.Event.CREATED), "a"),
              new FileWatch.Change(number, Set.of(FileWatch.Event.CREATED), "a-much-longer-name"),
              new FileWatch.Change(number, Set.of(FileWatch.Event.DELETED), "a"));
    }
  }

  @Test
  void refusesAPathThatIsNot() {
    FileWatch watch = FileWatch.open();
    try (watch) {
      assertRefused(
          Errno.ENOENT,
          "inotify_add_watch",
          "/none",
          () -> watch.watch("/none", FileWatch.Event.MODIFIED));
    }
    assertRefused(
        Errno.EBADF,
        "inotify_add_watch",
        "closed",
        () -> watch.watch("/", FileWatch.Event.MODIFIED));
  }
}
