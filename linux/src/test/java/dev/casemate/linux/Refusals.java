package dev.casemate.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** Expects the kernel to say no. */
public final class Refusals {
  private Refusals() {}

  /** The call fails with this error, and says which call and what about. */
  public static void assertRefused(Errno errno, String call, String subject, OwnThread.Work work) {
    LinuxException refusal = catchThrowableOfType(LinuxException.class, work::run);
    assertThat(refusal).as("refusal of %s", call).isNotNull();
    assertThat(refusal.errno()).isEqualTo(errno);
    assertThat(refusal.call()).isEqualTo(call);
    assertThat(refusal.subject()).contains(subject);
    assertThat(refusal).hasMessageContaining(errno.text()).hasMessageContaining(errno.name());
  }
}
