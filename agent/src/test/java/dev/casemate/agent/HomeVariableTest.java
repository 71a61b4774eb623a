package dev.casemate.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HomeVariableTest {
  private static final String LIST =
      "root:x:0:0:root:/root:/bin/sh\nhalf:x\n\n::::\nuser:x:1000:50:10:/home:/bin/sh";

  @ParameterizedTest
  @ValueSource(strings = {"0", "1000"})
  void aUserIsKnownByTheThirdField(String uid) {
    assertThat(HomeVariable.lists(LIST, uid)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"50", "10", "8", "1", "100", "x"})
  void otherFieldsDoNotCount(String uid) {
    assertThat(HomeVariable.lists(LIST, uid)).isFalse();
  }
}
