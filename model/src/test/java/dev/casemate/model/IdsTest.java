package dev.casemate.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdsTest {
  @ParameterizedTest
  @ValueSource(strings = {"a", "Z", "0", "a.b", "...", "-x", "_+-.", "4f3a9c"})
  void namesAreTaken(String name) {
    assertThat(new ContainerId(name)).hasToString(name).isEqualTo(new ContainerId(name));
    assertThat(new ExecId(name)).hasToString(name).isEqualTo(new ExecId(name));
    assertThat(new ContainerId(name)).hasSameHashCodeAs(new ContainerId(name));
    assertThat(new ContainerId(name)).isNotEqualTo(new ContainerId(name + "x"));
    assertThat(new ExecId(name)).isNotEqualTo(new ExecId(name + "x"));
  }

  static Stream<String> bad() {
    return Stream.of(
        "", ".", "..", "a/b", "/", "a b", "a\0b", "a\nb", "ä", "a:b", "a@b", "x".repeat(256));
  }

  @ParameterizedTest
  @MethodSource("bad")
  void anythingElseIsRefused(String name) {
    assertThatThrownBy(() -> new ContainerId(name))
        .isInstanceOfSatisfying(
            CasemateException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("1 to 255 characters");
    assertThatThrownBy(() -> new ExecId(name))
        .isInstanceOf(CasemateException.class)
        .hasMessageContaining("use the exec id '");
  }

  @Test
  void whatNoFileNameCouldBeIsRefusedAndTheLongestFileNameIsNot() {
    assertThat(new ContainerId("x".repeat(255)).value()).hasSize(255);
  }

  @Test
  void aHostileNameIsShownShortAndHarmless() {
    assertThatThrownBy(() -> new ContainerId("\u001b[31m" + "x".repeat(2000)))
        .hasMessageContaining("'?[31mx")
        .hasMessageContaining("…'")
        .message()
        .hasSizeLessThan(300);
  }
}
