package dev.casemate.agent;

import dev.casemate.linux.LinuxException;
import dev.casemate.linux.Mounts;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What the guest's shared file systems have asked the host and not been answered.
 *
 * <p>A file that is closed is given back by a request that nobody waits for and that holds the file
 * until the answer comes. When one part of a shared file system goes before that, Linux finds it
 * busy and stops: {@code VFS: Busy inodes after unmount of virtiofs}, {@code kernel BUG at
 * fs/super.c} (seen with 6.1; only the whole file system waits for such requests). So no part may
 * go with a container's last process, and who unmounts one waits here first.
 */
final class FileRequests {
  private static final String CONNECTIONS = "/sys/fs/fuse/connections";

  // A host that is not overloaded answers within a millisecond. With other containers at work there
  // may be a request at any time, and theirs are not the ones that matter.
  private static final long BOUND_NANOS = TimeUnit.SECONDS.toNanos(3);
  private static final long POLL_MILLIS = 2;

  private FileRequests() {}

  /** Waits until there is none, at most 3 s. */
  static void awaitAnswers() throws InterruptedException {
    long deadline = System.nanoTime() + BOUND_NANOS;
    while (waiting() && System.nanoTime() - deadline < 0) {
      Thread.sleep(POLL_MILLIS);
    }
  }

  private static boolean waiting() {
    Path connections = Path.of(CONNECTIONS);
    try {
      if (isEmpty(connections)) {
        Mounts.mount("fusectl", CONNECTIONS, "fusectl", Set.of(), "");
      }
      try (DirectoryStream<Path> each = Files.newDirectoryStream(connections)) {
        for (Path connection : each) {
          String count = Small.word(connection.resolve("waiting"));
          if (!count.isEmpty() && !count.equals("0")) {
            return true;
          }
        }
      }
      return false;
    } catch (IOException | LinuxException e) {
      // A kernel without FUSE; or mounted already, with no connection in it.
      return false;
    }
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (DirectoryStream<Path> each = Files.newDirectoryStream(directory)) {
      return !each.iterator().hasNext();
    }
  }
}
