package dev.casemate.linux;

import static dev.casemate.linux.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class NamespaceTest {
  private static String current(Namespace kind) throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/thread-self/ns", kind.fileName())).toString();
  }

  @Test
  void changesTheCallingThreadOnly() throws Exception {
    String before = current(Namespace.UTS);
    String inside =
        OwnThread.call(() -> {
          Namespace.unshare(Namespace.UTS, Namespace.IPC, Namespace.NETWORK);
          assertThat(current(Namespace.IPC)).isNotEqualTo(before);
          return current(Namespace.UTS);
        });
    assertThat(inside).isNotEqualTo(before);
    assertThat(current(Namespace.UTS)).isEqualTo(before);
  }

  @Test
  void comesBack() throws Exception {
    OwnThread.run(() -> {
      String before = current(Namespace.NETWORK);
      try (Descriptor home = Descriptor.open("/proc/thread-self/ns/net", OpenAccess.READ);
          Descriptor uts = Descriptor.open("/proc/thread-self/ns/uts", OpenAccess.READ)) {
        Namespace.unshare(Namespace.NETWORK);
        assertThat(current(Namespace.NETWORK)).isNotEqualTo(before);
        assertRefused(Errno.EINVAL, "setns", "fd", () -> Namespace.NETWORK.enter(uts));
        Namespace.NETWORK.enter(home);
        assertThat(current(Namespace.NETWORK)).isEqualTo(before);
      }
    });
  }

  @Test
  void entersThoseOfAProcess() throws Exception {
    OwnThread.run(() -> {
      Namespace.unshare(Namespace.UTS);
      String inside = current(Namespace.UTS);
      try (Pipe stdin = Pipe.open()) {
        int pid =
            ChildCommand.of("/bin/cat")
                .withDescriptors(stdin.readEnd(), stdin.writeEnd(), stdin.writeEnd())
                .start();
        try (Pidfd child = Pidfd.open(pid)) {
          Namespace.unshare(Namespace.UTS);
          assertThat(current(Namespace.UTS)).isNotEqualTo(inside);
          Namespace.enterThoseOf(child, Namespace.UTS, Namespace.IPC);
          assertThat(current(Namespace.UTS)).isEqualTo(inside);
          child.sendSignal(Signal.KILL.number());
          assertThat(Processes.reap(pid).signal()).isEqualTo(Signal.KILL.number());
        }
      }
    });
  }

  @Test
  void refusesUserNamespacesInAJvm() {
    assertRefused(Errno.EINVAL, "unshare", "", () -> Namespace.unshare(Namespace.USER));
  }

  @Test
  void needsItsOwnAttributesForAMountNamespace() throws Exception {
    OwnThread.run(() -> {
      try (Descriptor home = Descriptor.open("/proc/thread-self/ns/mnt", OpenAccess.READ)) {
        assertRefused(Errno.EINVAL, "setns", "fd", () -> Namespace.MOUNT.enter(home));
        Namespace.unshareFileSystemAttributes();
        Namespace.MOUNT.enter(home);
      }
    });
  }

  @Test
  void doesWorkWithin() throws Exception {
    Descriptor other =
        OwnThread.call(() -> {
          Namespace.unshare(Namespace.NETWORK);
          return Descriptor.open("/proc/thread-self/ns/net", OpenAccess.READ);
        });
    try (other) {
      long here = networkOfThisThread();
      assertThat(Namespace.NETWORK.<Long>within(other, NamespaceTest::networkOfThisThread))
          .isEqualTo(other.status().inode())
          .isNotEqualTo(here);
      assertThat(networkOfThisThread()).isEqualTo(here);
      assertThatThrownBy(() ->
              Namespace.NETWORK.within(
                  other,
                  () -> {
                    throw new IllegalStateException("its own");
                  }))
          .hasMessage("its own");
      assertRefused(Errno.EINVAL, "setns", "fd", () -> Namespace.UTS.within(other, () -> ""));
    }
  }

  private static long networkOfThisThread() {
    try (Descriptor own = Descriptor.open("/proc/thread-self/ns/net", OpenAccess.READ)) {
      return own.status().inode();
    }
  }
}
