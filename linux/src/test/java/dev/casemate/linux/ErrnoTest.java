package dev.casemate.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ErrnoTest {
  @Test
  void knowsEveryNumberByItsName() {
    assertThat(Errno.of(2)).isEqualTo(Errno.ENOENT);
    assertThat(Errno.of(98)).isEqualTo(Errno.EADDRINUSE);
    assertThat(Errno.of(133)).isEqualTo(Errno.EHWPOISON);
    for (Errno errno : Errno.values()) {
      assertThat(Errno.of(errno.number())).isEqualTo(errno);
    }
  }

  @Test
  void takesANumberItDoesNotKnow() {
    for (int number : new int[] {-1, 0, 41, 58, 134, 4095}) {
      assertThat(Errno.of(number)).isEqualTo(Errno.UNKNOWN);
    }
    LinuxException unknown = new LinuxException(4095, "call", "subject");
    assertThat(unknown.number()).isEqualTo(4095);
    assertThat(unknown).hasMessage("call subject: unknown error (errno 4095)");
  }

  @Test
  void saysCallSubjectAndReason() {
    LinuxException refusal = new LinuxException(Errno.ENOENT, "openat", "/no\nwhere");
    assertThat(refusal).hasMessage("openat /no?where: no such file or directory (ENOENT)");
    assertThat(refusal.subject()).isEqualTo("/no\nwhere");
    assertThat(refusal.toIoException()).hasMessage(refusal.getMessage()).hasCause(refusal);
    assertThat(new LinuxException(Errno.EPERM, "setsid", ""))
        .hasMessage("setsid: operation not permitted (EPERM)");
  }

  @Test
  void cutsALongSubject() {
    LinuxException refusal =
        new LinuxException(
            Errno.ENAMETOOLONG, "openat", String.join("", Collections.nCopies(9999, "x")));
    assertThat(refusal.toString()).hasSizeLessThan(400);
    assertThat(refusal.subject()).hasSize(9999);
  }

  @Test
  void isCapturedPerCall() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    OwnThread<String> other =
        OwnThread.start(() -> {
          while (!stop.get()) {
            Refusals.assertRefused(
                Errno.ENOENT, "openat", "/none", () -> Descriptor.open("/none", OpenAccess.READ));
          }
          return "";
        });
    try {
      for (int i = 0; i < 2000; i++) {
        Refusals.assertRefused(
            Errno.ENOTDIR,
            "openat",
            "/dev/null/x",
            () -> Descriptor.open("/dev/null/x", OpenAccess.READ));
      }
    } finally {
      stop.set(true);
    }
    assertThat(other.result()).isEmpty();
  }
}
