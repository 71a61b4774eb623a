package dev.casemate.linux;

import static dev.casemate.linux.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DescriptorTest {
  @TempDir private Path dir;

  private static String readText(Descriptor descriptor) {
    byte[] buffer = new byte[100];
    int count = descriptor.read(buffer, 0, buffer.length);
    return new String(buffer, 0, count, StandardCharsets.UTF_8);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aPipeThatGrowsTakesMore() {
    byte[] much = new byte[200_000];
    try (Pipe pipe = Pipe.open()) {
      pipe.writeEnd().growPipe(1 << 18);
      pipe.readEnd().growPipe(4096);
      pipe.writeEnd().writeAll(much);
    }
    try (Descriptor file = Descriptor.memory("no pipe")) {
      assertThatThrownBy(() -> file.growPipe(1 << 18))
          .isInstanceOfSatisfying(
              LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));
    }
  }

  @Test
  void readsWhatWasWritten() {
    try (Pipe pipe = Pipe.open()) {
      byte[] bytes = utf8("-hello-");
      assertThat(pipe.writeEnd().write(bytes, 1, 5)).isEqualTo(5);
      byte[] buffer = new byte[10];
      assertThat(pipe.readEnd().read(buffer, 2, 8)).isEqualTo(5);
      assertThat(Arrays.copyOfRange(buffer, 2, 7)).isEqualTo(utf8("hello"));
      assertThat(pipe.readEnd().read(buffer, 0, 0)).isZero();
      assertThat(pipe.writeEnd().write(buffer, 0, 0)).isZero();
      pipe.writeEnd().close();
      assertThat(pipe.readEnd().read(buffer, 0, 10)).isEqualTo(-1);
    }
  }

  @Test
  void refusesAWriteThatNobodyReads() {
    try (Pipe pipe = Pipe.open()) {
      pipe.readEnd().close();
      assertRefused(
          Errno.EPIPE,
          "write",
          "fd " + pipe.writeEnd().number(),
          () -> pipe.writeEnd().writeAll(new byte[1]));
      assertThatThrownBy(() -> pipe.writeEnd().outputStream().write(1))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("EPIPE");
    }
  }

  @Test
  void checksTheRangeOfABuffer() {
    try (Pipe pipe = Pipe.open()) {
      byte[] buffer = new byte[4];
      assertThatThrownBy(() -> pipe.readEnd().read(buffer, 2, 3))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> pipe.writeEnd().write(buffer, -1, 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
    assertThatThrownBy(() -> Descriptor.adopt(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void movesDirectBuffersWithoutACopy() {
    try (Pipe pipe = Pipe.open()) {
      ByteBuffer out = ByteBuffer.allocateDirect(8).put(utf8("12345678")).flip();
      out.position(2);
      assertThat(pipe.writeEnd().write(out)).isEqualTo(6);
      assertThat(out.hasRemaining()).isFalse();
      assertThat(pipe.writeEnd().write(out)).isZero();
      ByteBuffer in = ByteBuffer.allocateDirect(8);
      in.position(1);
      assertThat(pipe.readEnd().read(in)).isEqualTo(6);
      assertThat(in.position()).isEqualTo(7);
      byte[] text = new byte[6];
      in.get(1, text);
      assertThat(text).isEqualTo(utf8("345678"));
      pipe.writeEnd().close();
      assertThat(pipe.readEnd().read(in)).isEqualTo(-1);
      assertThatThrownBy(() -> pipe.readEnd().read(ByteBuffer.allocate(1)))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> pipe.writeEnd().write(ByteBuffer.allocate(1)))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> pipe.readEnd().read(in.asReadOnlyBuffer()))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void streamsMoreThanAPipeHolds() throws Exception {
    byte[] sent = new byte[3_000_001];
    new Random(42).nextBytes(sent);
    Pipe pipe = Pipe.open();
    OwnThread<byte[]> reader =
        OwnThread.start(() -> {
          try (InputStream in = pipe.readEnd().inputStream()) {
            return in.readAllBytes();
          }
        });
    try (OutputStream out = pipe.writeEnd().outputStream()) {
      out.write(sent[0]);
      out.write(sent, 1, sent.length - 1);
    }
    assertThat(reader.result()).isEqualTo(sent);
    assertThat(pipe.readEnd().isOpen()).isFalse();
    assertThat(pipe.writeEnd().isOpen()).isFalse();
  }

  @Test
  void streamsOverNonBlockingFiles() throws Exception {
    try (Wakeup stop = new Wakeup()) {
      for (boolean stoppable : new boolean[] {false, true}) {
        Pipe pipe = Pipe.open();
        pipe.readEnd().setNonBlocking(true);
        pipe.writeEnd().setNonBlocking(true);
        OwnThread<Integer> reader =
            OwnThread.start(() -> {
              try (InputStream in =
                  stoppable ? pipe.readEnd().inputStream(stop) : pipe.readEnd().inputStream()) {
                return in.readAllBytes().length;
              }
            });
        try (OutputStream out =
            stoppable ? pipe.writeEnd().outputStream(stop) : pipe.writeEnd().outputStream()) {
          out.write(new byte[300_001]);
        }
        assertThat(reader.result()).isEqualTo(300_001);
      }
    }
  }

  @Test
  void readsSingleBytes() throws IOException {
    try (Pipe pipe = Pipe.open()) {
      pipe.writeEnd().writeAll(new byte[] {(byte) 0xff});
      pipe.writeEnd().close();
      InputStream in = pipe.readEnd().inputStream();
      assertThat(in.read()).isEqualTo(0xff);
      assertThat(in.read()).isEqualTo(-1);
    }
  }

  @Test
  void doesNotWaitWhenNonBlocking() {
    try (Pipe pipe = Pipe.open()) {
      assertThat(pipe.readEnd().isNonBlocking()).isFalse();
      pipe.readEnd().setNonBlocking(true);
      assertThat(pipe.readEnd().isNonBlocking()).isTrue();
      assertRefused(Errno.EAGAIN, "read", "fd", () -> pipe.readEnd().read(new byte[1], 0, 1));
      pipe.readEnd().setNonBlocking(false);
      assertThat(pipe.readEnd().isNonBlocking()).isFalse();
    }
  }

  @Test
  void isCloseOnExecUntilToldOtherwise() {
    try (Pipe pipe = Pipe.open();
        Descriptor copy = pipe.readEnd().duplicate();
        Descriptor memory = Descriptor.memory("m");
        Descriptor file = Descriptor.open("/dev/null", OpenAccess.READ)) {
      for (Descriptor descriptor : new Descriptor[] {pipe.writeEnd(), copy, memory, file}) {
        assertThat(descriptor.isCloseOnExec()).isTrue();
      }
      copy.setCloseOnExec(false);
      assertThat(copy.isCloseOnExec()).isFalse();
      assertThat(pipe.readEnd().isCloseOnExec()).isTrue();
    }
  }

  @Test
  void duplicatesTheOpenFile() {
    try (Pipe pipe = Pipe.open();
        Descriptor copy = pipe.writeEnd().duplicate();
        Descriptor again = Descriptor.duplicateOf(copy.number())) {
      pipe.writeEnd().close();
      copy.writeAll(utf8("a"));
      again.writeAll(utf8("b"));
      assertThat(readText(pipe.readEnd())).isEqualTo("ab");
      assertThat(copy.access()).isEqualTo(OpenAccess.WRITE);
      assertThat(pipe.readEnd().access()).isEqualTo(OpenAccess.READ);
    }
    assertRefused(
        Errno.EBADF, "fcntl(F_DUPFD_CLOEXEC)", "fd 999999", () -> Descriptor.duplicateOf(999_999));
  }

  @Test
  void refusesCallsOnceClosed() {
    Pipe pipe = Pipe.open();
    pipe.close();
    pipe.close();
    assertThat(pipe.readEnd().isOpen()).isFalse();
    assertThat(pipe.readEnd().toString()).startsWith("closed fd ");
    assertRefused(Errno.EBADF, "read", "closed", () -> pipe.readEnd().read(new byte[1], 0, 1));
    assertRefused(Errno.EBADF, "write", "closed", () -> pipe.writeEnd().writeAll(new byte[1]));
    assertRefused(Errno.EBADF, "statx", "closed", () -> pipe.writeEnd().status());
  }

  @Test
  void keepsItsNumberUntilTheLastCallHasEnded() throws IOException {
    Pipe pipe = Pipe.open();
    Path link = Path.of(pipe.readEnd().path());
    Path target = Files.readSymbolicLink(link);
    int ignored = pipe.readEnd().acquire("read");
    pipe.close();
    assertThat(pipe.readEnd().isOpen()).isFalse();
    assertThat(Files.readSymbolicLink(link)).isEqualTo(target);
    pipe.readEnd().release();
    // Another thread of this JVM may have got the number since.
    Path now;
    try {
      now = Files.readSymbolicLink(link);
    } catch (NoSuchFileException e) {
      return;
    }
    assertThat(now).isNotEqualTo(target);
  }

  @Test
  void opensWithFlags() throws IOException {
    String path = dir.resolve("file").toString();
    assertRefused(Errno.ENOENT, "openat", path, () -> Descriptor.open(path, OpenAccess.READ));
    try (Descriptor file =
        Descriptor.open(
            path, OpenAccess.WRITE, 0640, OpenFlag.CREATE, OpenFlag.EXCLUSIVE, OpenFlag.APPEND)) {
      file.writeAll(utf8("one"));
      assertThat(file.status().permissions() & 0700).isEqualTo(0600);
    }
    assertRefused(
        Errno.EEXIST,
        "openat",
        path,
        () -> Descriptor.open(path, OpenAccess.WRITE, 0600, OpenFlag.CREATE, OpenFlag.EXCLUSIVE));
    assertRefused(
        Errno.ENOTDIR,
        "openat",
        path,
        () -> Descriptor.open(path, OpenAccess.READ, OpenFlag.DIRECTORY));
    Path link = Files.createSymbolicLink(dir.resolve("link"), Path.of("file"));
    assertRefused(
        Errno.ELOOP,
        "openat",
        "link",
        () -> Descriptor.open(link.toString(), OpenAccess.READ, OpenFlag.NO_FOLLOW));
    try (Descriptor file = Descriptor.open(path, OpenAccess.READ_WRITE, OpenFlag.TRUNCATE)) {
      assertThat(file.status().size()).isZero();
      assertThat(file.access()).isEqualTo(OpenAccess.READ_WRITE);
    }
    assertThatThrownBy(() -> Descriptor.open("a\0b", OpenAccess.READ))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void passesPathsAsUtf8() throws IOException {
    Path odd = dir.resolve("ä € 😀");
    Files.createFile(odd);
    try (Descriptor file = Descriptor.open(odd.toString(), OpenAccess.READ)) {
      assertThat(file.status().isRegular()).isTrue();
    }
  }

  @Test
  void changesOwnerModeAndSize() throws IOException {
    Path path = Files.createFile(dir.resolve("file"));
    try (Descriptor file = Descriptor.open(path.toString(), OpenAccess.READ_WRITE);
        Descriptor place = Descriptor.open(path.toString(), OpenAccess.READ, OpenFlag.PATH)) {
      file.setPermissions(04751);
      place.setOwner(1234, 5678);
      file.truncate(99);
      file.sync();
      FileStatus status = place.status();
      assertThat(status.owner()).isEqualTo(1234);
      assertThat(status.group()).isEqualTo(5678);
      assertThat(status.size()).isEqualTo(99);
      // The kernel clears the set-user-id bit when the owner or the size changes.
      assertThat(status.permissions()).isEqualTo(0751);
      assertThat(status.kind()).isEqualTo(FileStatus.Kind.REGULAR);
      assertThat(status.isSameFile(file.status())).isTrue();
      assertRefused(Errno.EBADF, "fchmod", "fd", () -> place.setPermissions(0600));
      assertRefused(Errno.EINVAL, "ftruncate", "fd", () -> file.truncate(-1));
    }
    try (Pipe pipe = Pipe.open()) {
      assertRefused(Errno.EINVAL, "fsync", "fd", () -> pipe.readEnd().sync());
      assertRefused(Errno.ESPIPE, "lseek", "fd", () -> pipe.readEnd().seek(0));
      assertThat(pipe.readEnd().status().isSameFile(pipe.writeEnd().status())).isTrue();
      assertThat(pipe.readEnd().status().kind()).isEqualTo(FileStatus.Kind.FIFO);
    }
  }

  @Test
  void keepsBytesInMemory() {
    try (Descriptor memory = Descriptor.memory("scratch")) {
      memory.writeAll(utf8("kept"));
      memory.seek(1);
      assertThat(readText(memory)).isEqualTo("ept");
    }
    assertRefused(Errno.EINVAL, "memfd_create", "xxx", () -> Descriptor.memory("x".repeat(300)));
  }

  @Test
  void locksTheOpenFile() throws Exception {
    String path = Files.createFile(dir.resolve("lock")).toString();
    try (Descriptor first = Descriptor.open(path, OpenAccess.READ)) {
      try (Descriptor second = Descriptor.open(path, OpenAccess.READ)) {
        first.lock(true);
        assertThat(second.tryLock(true)).isFalse();
        assertThat(second.tryLock(false)).isFalse();
        OwnThread<Boolean> waiter =
            OwnThread.start(() -> {
              second.lock(true);
              return true;
            });
        first.unlock();
        assertThat(waiter.result()).isTrue();
        assertThat(first.tryLock(false)).isFalse();
      }
      assertThat(first.tryLock(false)).isTrue();
    }
    try (Descriptor place = Descriptor.open(path, OpenAccess.READ, OpenFlag.PATH)) {
      assertRefused(Errno.EBADF, "flock", "fd", () -> place.tryLock(true));
    }
  }
}
