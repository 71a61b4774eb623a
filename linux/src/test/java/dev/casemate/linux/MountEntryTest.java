package dev.casemate.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MountEntryTest {
  @Test
  void readsALine() {
    MountEntry entry =
        MountEntry.parse(
            "36 35 98:0 /mnt1 /mnt\\0402\\134x ro,noatime shared:1 master:2 - ext3 /dev/root"
                + " rw,errors=continue");
    assertThat(entry.id()).isEqualTo(36);
    assertThat(entry.parentId()).isEqualTo(35);
    assertThat(entry.device()).isEqualTo("98:0");
    assertThat(entry.root()).isEqualTo("/mnt1");
    assertThat(entry.mountPoint()).isEqualTo("/mnt 2\\x");
    assertThat(entry.options()).containsExactly("ro", "noatime");
    assertThat(entry.propagation()).containsExactly("shared:1", "master:2");
    assertThat(entry.type()).isEqualTo("ext3");
    assertThat(entry.source()).isEqualTo("/dev/root");
    assertThat(entry.superOptions()).containsExactly("rw", "errors=continue");
    assertThat(entry.isReadOnly()).isTrue();
  }

  @Test
  void readsALineWithoutOptionalFieldsAndAnEmptySource() {
    MountEntry entry = MountEntry.parse("1 0 0:1 / / rw - tmpfs  rw");
    assertThat(entry.propagation()).isEmpty();
    assertThat(entry.source()).isEmpty();
    assertThat(entry.isReadOnly()).isFalse();
    assertThat(MountEntry.parse("1 0 0:1 / / rw - erofs x ro").isReadOnly()).isTrue();
  }

  @Test
  void keepsABackslashThatEscapesNothing() {
    assertThat(MountEntry.parse("1 0 0:1 / /a\\09\\ rw - t s rw").mountPoint())
        .isEqualTo("/a\\09\\");
  }

  @Test
  void refusesWhatIsNoSuchLine() {
    for (String line :
        new String[] {
          "", "a b c", "1 0 0:1 / / rw tmpfs x rw", "x 0 0:1 / / rw - t s rw", "1 - t s rw"
        }) {
      assertThatThrownBy(() -> MountEntry.parse(line)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
