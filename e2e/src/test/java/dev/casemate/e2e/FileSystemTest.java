package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.testkit.Await;
import dev.casemate.testkit.Bundle;
import dev.casemate.testkit.CommandResult;
import dev.casemate.testkit.HostProgram;
import dev.casemate.testkit.RunningCommand;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a container sees of its files, and what the host sees of them. */
@Tag("vm")
class FileSystemTest extends OneContainer {
  /**
   * Prints all mounts and what they allow. Nothing in it differs between two kernels, or between a
   * directory of this kernel and one that is shared with another.
   */
  private static final String FACTS =
      """
      at() {
        awk -v place="$1" '$5 == place {
          for (i = 7; $i != "-"; i++);
          type = $(i + 1)
          print place, $6, type ~ /tmpfs|proc|mqueue|devpts|sysfs/ ? type : "shared"
        }' /proc/self/mountinfo
      }
      for place in /data /data/inner /ro /file /ro-file /small /options /real/made /new/deep/dir \
          /new/file /over /over/again /null /dev/shm /dev/mqueue /dev/pts /proc /sys; do
        at $place
      done
      cat /data/file /data/inner/two /ro/file /file /over/again/two
      try() { "$@" 2>&1; echo "$? of $*"; }
      write() { try sh -c "echo x >>$1"; }
      write /ro/new; write /ro-file; write /ro/file; try rm /ro/file; try chmod 777 /ro/file
      write /options/new; write /data/new; write /file; try rm /file
      stat -c '%n %a %u %g %F' /small /data /file /new /new/deep /new/deep/dir /new/file /real/made
      stat -f -c '%n %b %S' /small /dev/shm
      try dd if=/dev/zero of=/small/big bs=1024 count=1000
      ls -ln /dev | sed 's/ [A-Z][a-z][a-z] .*[0-9] / /' | grep -v ' core '
      ls -a /sys/firmware /hidden; cat /secret; write /guarded/file
      write /proc/sys/kernel/hostname
      write /dev/full; head -c 3 /dev/zero | wc -c; head -c 3 /dev/urandom | wc -c; cat /dev/null
      try mknod /dev/mine c 1 3; cat /null
      """;

  /** A hundred programs, each of which takes a second in an emulated guest on a loaded host. */
  private static final Duration MANY_COMMANDS = Duration.ofMinutes(5);

  @Test
  void allMountsAreAsUnderRunc() throws IOException {
    Bundle bundle = Bundle.in(scratch.resolve("bundle")).args("sh", "/facts");
    bundle.write();
    makeFiles(bundle.rootfs());
    mounts(bundle);
    bundle.add("linux.maskedPaths", "\"/hidden\"").add("linux.maskedPaths", "\"/secret\"");
    bundle.add("linux.maskedPaths", "\"/not/there\"").add("linux.readonlyPaths", "\"/guarded\"");
    String directory = bundle.write().toString();
    CommandResult expected = runc.run("run", "--bundle", directory, ID).mustSucceed();
    Files.delete(scratch.resolve("dir/new"));
    Files.writeString(scratch.resolve("file"), "file\n");

    CommandResult result =
        casemate.start("run", "--bundle", directory, ID).await(MANY_COMMANDS).mustSucceed();

    assertThat(result.text()).isEqualTo(expected.text());
    assertThat(scratch.resolve("dir/new")).hasContent("x\n");
    assertThat(scratch.resolve("file")).hasContent("file\nx\n");
    assertThat(bundle.rootfs().resolve("new/deep/dir")).isDirectory();
    assertThat(bundle.rootfs().resolve("new/file")).isRegularFile();
  }

  private void makeFiles(Path rootfs) throws IOException {
    Files.writeString(rootfs.resolve("facts"), FACTS);
    Files.createDirectory(rootfs.resolve("real"));
    Files.createSymbolicLink(rootfs.resolve("link"), Path.of("/real"));
    for (String hidden : List.of("hidden", "guarded")) {
      Files.createDirectory(rootfs.resolve(hidden));
      Files.writeString(rootfs.resolve(hidden).resolve("file"), "to be seen by nobody\n");
    }
    Files.writeString(rootfs.resolve("secret"), "to be read by nobody\n");
    Files.createDirectories(scratch.resolve("dir/inner"));
    Files.writeString(scratch.resolve("dir/file"), "one\n");
    Files.createDirectory(scratch.resolve("other"));
    Files.writeString(scratch.resolve("other/two"), "two\n");
    Files.createDirectory(scratch.resolve("empty"));
    Path file = Files.writeString(scratch.resolve("file"), "file\n");
    Files.setAttribute(file, "unix:uid", 1000);
    Files.setAttribute(file, "unix:gid", 5);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
  }

  private void mounts(Bundle bundle) {
    bind(bundle, "dir", "/data", "\"rbind\", \"rw\"");
    bind(bundle, "other", "/data/inner", "\"bind\"");
    bind(bundle, "dir", "/ro", "\"rbind\", \"ro\"");
    bind(bundle, "file", "/file", "\"bind\", \"rprivate\"");
    bind(bundle, "file", "/ro-file", "\"bind\", \"ro\", \"nosuid\", \"nodev\", \"noexec\"");
    tmpfs(bundle, "/small", "\"size=100k\", \"mode=1750\", \"uid=1000\", \"gid=5\", \"noexec\"");
    tmpfs(bundle, "/options", "\"ro\", \"nosuid\", \"nodev\", \"noatime\", \"size=64k\"");
    bind(bundle, "empty", "/link/made", "\"bind\", \"private\"");
    bind(bundle, "empty", "/new/deep/dir", "\"bind\", \"nosuid\"");
    bind(bundle, "file", "/new/file", "\"bind\"");
    bind(bundle, "empty", "/over", "\"bind\"");
    tmpfs(bundle, "/over", "\"size=1m\"");
    bind(bundle, "other", "/over/again", "\"bind\", \"ro\"");
    mount(bundle, "bind", "/dev/null", "/null", "\"bind\"");
  }

  private void bind(Bundle bundle, String source, String destination, String options) {
    mount(bundle, "bind", scratch.resolve(source).toString(), destination, options);
  }

  private static void tmpfs(Bundle bundle, String destination, String options) {
    mount(bundle, "tmpfs", "tmpfs", destination, options);
  }

  private static void mount(
      Bundle bundle, String type, String source, String destination, String options) {
    bundle.add(
        "mounts",
        "{\"type\": \"%s\", \"source\": \"%s\", \"destination\": \"%s\", \"options\": [%s]}"
            .formatted(type, source, destination, options));
  }

  /**
   * A container that may mount can make a read-only mount of its own kernel writable. The host's
   * files stay as they are nevertheless.
   */
  @Test
  void whatIsReadOnlyIsSoOnTheHost() throws IOException {
    Bundle bundle =
        Bundle.in(scratch.resolve("bundle"))
            .args(
                "sh",
                "-c",
                """
                touch /new; echo "root $?"; mkdir /dev/made; echo "dev $?"
                for place in / /ro /ro-file; do
                  mount -o remount,bind,rw $place && echo "remounted $place"
                done
                touch /new; echo x >/ro/file; echo x >>/ro-file; rm /ro/file; touch /ro/new
                ls /new /ro/new; cat /ro/file /ro-file\
                """);
    bundle.set("root.readonly", "true");
    for (String set : List.of("bounding", "effective", "permitted")) {
      bundle.add("process.capabilities." + set, "\"CAP_SYS_ADMIN\"");
    }
    bundle.write();
    for (String place : List.of("ro", "dev", "proc", "sys")) {
      Files.createDirectories(bundle.rootfs().resolve(place));
    }
    Files.createFile(bundle.rootfs().resolve("ro-file"));
    Files.createDirectory(scratch.resolve("dir"));
    Files.writeString(scratch.resolve("dir/file"), "one\n");
    Files.writeString(scratch.resolve("file"), "two\n");
    bind(bundle, "dir", "/ro", "\"bind\", \"ro\"");
    bind(bundle, "file", "/ro-file", "\"bind\", \"ro\"");
    String directory = bundle.write().toString();

    CommandResult result = casemate.run("run", "--bundle", directory, ID);

    assertThat(result.text())
        .isEqualTo("root 1\ndev 0\nremounted /\nremounted /ro\nremounted /ro-file\none\ntwo\n");
    assertThat(result.errors()).contains("Read-only file system");
    assertThat(bundle.rootfs().resolve("new")).doesNotExist();
    assertThat(scratch.resolve("dir/new")).doesNotExist();
    assertThat(scratch.resolve("dir/file")).hasContent("one\n");
    assertThat(scratch.resolve("file")).hasContent("two\n");
  }

  @Test
  void filesKeepOwnerModeTimeKindAndAttributesBothWays() throws Exception {
    Bundle bundle =
        Bundle.in(scratch.resolve("bundle"))
            .args(
                "sh",
                "-c",
                """
                cd /data
                stat -c '%n %a %u %g %Y %h %F' given
                cp-with-attributes --preserve=xattr given copy || exit 3
                echo made >made; chown 1234:5678 made; chmod 4751 made; touch -d @1000000000 made
                ln made made-too; ln -s /no/where link; mkfifo fifo; mkdir -m 1770 directory
                mv to-move moved; truncate -s 1000000000 sparse
                cp copy /root/copy; chown 7:8 /root/copy
                until [ -e late ]; do sleep 0.1; done; cat late\
                """);
    bundle.write();
    HostProgram.copy(Path.of("/bin/cp"), bundle.rootfs(), "bin/cp-with-attributes");
    Path data = Files.createDirectory(scratch.resolve("data"));
    Path given = Files.writeString(data.resolve("given"), "given\n");
    Files.setAttribute(given, "unix:uid", 4321);
    Files.setAttribute(given, "unix:gid", 99);
    Files.setPosixFilePermissions(given, PosixFilePermissions.fromString("rw--w---x"));
    Files.setLastModifiedTime(given, FileTime.fromMillis(1_234_567_890_000L));
    UserDefinedFileAttributeView attributes =
        Files.getFileAttributeView(given, UserDefinedFileAttributeView.class);
    attributes.write("mark", ByteBuffer.wrap("of ours".getBytes(StandardCharsets.UTF_8)));
    Files.createFile(data.resolve("to-move"));
    bind(bundle, "data", "/data", "\"bind\"");

    try (RunningCommand run = casemate.start("run", "--bundle", bundle.write().toString(), ID)) {
      Await.until(
          "the container has made its last file",
          () -> Files.exists(bundle.rootfs().resolve("root/copy")) || !run.process().isAlive());
      Files.writeString(data.resolve("late"), "seen\n");
      assertThat(run.await().mustSucceed().text())
          .isEqualTo("given 621 4321 99 1234567890 1 regular file\nseen\n");
    }

    assertThat(unix(data.resolve("made")))
        .containsEntry("uid", 1234)
        .containsEntry("gid", 5678)
        .containsEntry("mode", 0104751)
        .containsEntry("nlink", 2);
    assertThat(Files.getLastModifiedTime(data.resolve("made")).toMillis())
        .isEqualTo(1_000_000_000_000L);
    assertThat(Files.isSameFile(data.resolve("made"), data.resolve("made-too"))).isTrue();
    assertThat(Files.readSymbolicLink(data.resolve("link"))).isEqualTo(Path.of("/no/where"));
    assertThat(unix(data.resolve("fifo"))).containsEntry("mode", 0010644);
    assertThat(unix(data.resolve("directory"))).containsEntry("mode", 0041770);
    assertThat(data.resolve("moved")).exists();
    assertThat(data.resolve("to-move")).doesNotExist();
    assertThat(Files.size(data.resolve("sparse"))).isEqualTo(1_000_000_000);
    ByteBuffer mark = ByteBuffer.allocate(100);
    Files.getFileAttributeView(data.resolve("copy"), UserDefinedFileAttributeView.class)
        .read("mark", mark);
    assertThat(new String(mark.array(), 0, mark.position(), StandardCharsets.UTF_8))
        .isEqualTo("of ours");
    assertThat(unix(bundle.rootfs().resolve("root/copy")))
        .containsEntry("uid", 7)
        .containsEntry("gid", 8);
  }

  private static Map<String, Object> unix(Path file) throws IOException {
    return Files.readAttributes(file, "unix:*", LinkOption.NOFOLLOW_LINKS);
  }
}
