package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.model.ErrorCode;
import dev.casemate.testkit.Bundle;
import dev.casemate.testkit.CommandResult;
import dev.casemate.testkit.SmallDisk;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A full disk is told as such, wherever it comes to light, and nothing half made stays on it. */
@Tag("vm")
class DiskFullTest extends OneContainer {

  /**
   * A removed file's room is there again when the guest's kernel has told the host's file daemon to
   * forget the file, which it does in its own time.
   */
  private static final String FILL_AND_EMPTY =
      """
      dd if=/dev/zero of=/fill bs=64k 2>&1 | grep -o 'No space left on device'
      rm /fill
      tries=0
      until echo room >/file || [ $tries = 300 ]; do tries=$((tries + 1)); sleep 0.1; done 2>/dev/null
      cat /file
      exit 5
      """;

  /** More files than a sandbox has in its run directory. */
  private static final int MANY_INODES = 64;

  @BeforeEach
  void logAsJson() {
    casemate = casemate.with("--log-format", "json");
  }

  private String bundle(String... args) {
    return Bundle.in(scratch.resolve("bundle")).args(args).write().toString();
  }

  @Test
  void theStateDirectoryIsFull() throws IOException {
    try (SmallDisk disk = SmallDisk.mount(scratch.resolve("disk"), "size=64k")) {
      disk.fill();
      CommandResult result =
          casemate
              .with("--root", disk.path() + "/state")
              .run("create", "--bundle", bundle("true"), ID);

      Refusal.check(result, 1, ErrorCode.EXHAUSTED, "is full", "free some space");
      assertThat(disk.path().resolve("state")).isEmptyDirectory();
      leftovers.mustBeNone();
    }
  }

  /** One file more each time: the making fails at each of its steps, and at last succeeds. */
  @Test
  void theRunDirectoryIsFullAtEachStepOfTheMaking() {
    String bundle = bundle("true");
    int inodes = 2;
    CommandResult result = runWithInodes(inodes, bundle);
    while (result.exitCode() != 0) {
      Refusal.check(
          result, 1, ErrorCode.EXHAUSTED, "the file system of /run/casemate/vm", "is full");
      leftovers.mustBeNone();
      inodes++;
      assertThat(inodes).as("files of a run directory").isLessThan(MANY_INODES);
      result = runWithInodes(inodes, bundle);
    }
    assertThat(inodes).as("files of a run directory").isGreaterThan(5);
  }

  private CommandResult runWithInodes(int inodes, String bundle) {
    return casemate
        .onHostWith(
            "mkdir -p /run/casemate/vm",
            "mount -t tmpfs -o nr_inodes=" + inodes + " small /run/casemate/vm")
        .run("run", "--bundle", bundle, ID);
  }

  @Test
  void theLogFilesDiskIsFull() throws IOException {
    try (SmallDisk disk = SmallDisk.mount(scratch.resolve("disk"), "size=64k")) {
      disk.fill();
      CommandResult result =
          casemate.with("--log", disk.path().resolve("log") + "").run("state", "nobody");

      assertThat(result.errors()).contains("level=warning", "cannot write to the log file");
      Refusal.check(result, 1, ErrorCode.NOT_FOUND, "container does not exist");
      casemate.with("--log", disk.path().resolve("log") + "").run("list").mustSucceed();
    }
  }

  @Test
  void thePidFilesDiskIsFull() throws IOException {
    try (SmallDisk disk = SmallDisk.mount(scratch.resolve("disk"), "size=64k")) {
      disk.fill();
      Path pidFile = disk.path().resolve("pid");
      CommandResult result =
          casemate.run("create", "--bundle", bundle("true"), "--pid-file", pidFile + "", ID);

      Refusal.check(result, 1, ErrorCode.EXHAUSTED, "write the pid file", "is full");
      Refusal.check(casemate.run("state", ID), 1, ErrorCode.NOT_FOUND);
      assertThat(disk.path()).isDirectoryNotContaining("glob:**pid*");
      leftovers.mustBeNone();
    }
  }

  @Test
  void standardOutputIsFull() {
    CommandResult result = casemate.onHostWith("exec >/dev/full").run("list");

    Refusal.check(result, 1, ErrorCode.EXHAUSTED, "write to standard output");
  }

  @Test
  void thereIsNoRoomForAnImagesBundle() {
    CommandResult result =
        casemate
            .onHostWith(
                "mkdir -p /var/lib/casemate/bundles",
                "mount -t tmpfs -o nr_inodes=2 small /var/lib/casemate/bundles")
            .run("run", "--image", image(), "true");

    Refusal.check(result, 1, ErrorCode.EXHAUSTED, "/var/lib/casemate/bundles");
  }

  @Test
  void aContainerThatFillsItsLayerLearnsOfItAndLivesOn() {
    CommandResult result =
        casemate
            .onHostWith(
                "mkdir -p /var/lib/casemate/scratch",
                "mount -t tmpfs -o size=8m small /var/lib/casemate/scratch")
            .run("run", "--image", image(), "sh", "-c", FILL_AND_EMPTY);

    result.mustExit(5);
    assertThat(result.text()).isEqualTo("No space left on device\nroom\n");
  }

  private String image() {
    Path rootfs = scratch.resolve("image");
    try {
      Bundle.writeRootfs(rootfs);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return rootfs.toString();
  }
}
