package dev.casemate.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.linux.MountFlag;
import dev.casemate.model.CasemateException;
import java.util.List;
import org.junit.jupiter.api.Test;

class MountOptionsTest {
  @Test
  void flagsAndTheFileSystemsOwnAreToldApart() {
    MountOptions options =
        MountOptions.parse(List.of("nosuid,nodev", "size=16m", "mode=1777", "noexec"));
    assertThat(options.flags())
        .containsExactlyInAnyOrder(MountFlag.NO_SUID, MountFlag.NO_DEVICES, MountFlag.NO_EXEC);
    assertThat(options.joinedData()).isEqualTo("size=16m,mode=1777");
    assertThat(options.value("mode")).isEqualTo("1777");
    assertThat(options.value("mod")).isEmpty();
  }

  @Test
  void aLaterOptionOverridesAnEarlierOne() {
    assertThat(MountOptions.parse(List.of("ro", "rw")).flags()).isEmpty();
    assertThat(MountOptions.parse(List.of("rw,ro")).flags()).containsExactly(MountFlag.READ_ONLY);
    assertThat(MountOptions.parse(List.of("rbind", "ro")).flags())
        .containsExactlyInAnyOrder(MountFlag.BIND, MountFlag.RECURSIVE, MountFlag.READ_ONLY);
  }

  @Test
  void whatTheKernelCouldNotTakeIsRefused() {
    assertThatThrownBy(() -> MountOptions.parse(List.of("a=" + "x".repeat(5000))))
        .isInstanceOf(CasemateException.class);
    assertThatThrownBy(() -> MountOptions.parse(List.of("a=\0")))
        .isInstanceOf(CasemateException.class);
  }
}
