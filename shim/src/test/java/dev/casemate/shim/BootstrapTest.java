package dev.casemate.shim;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class BootstrapTest {
  private static final Path SOCKET = Path.of("/run/casemate/shim/abc.sock");

  @Test
  void saysTheBareAddressToWhoeverAsksForNothingElse() {
    assertThat(Bootstrap.answer(SOCKET, null)).isEqualTo("unix:///run/casemate/shim/abc.sock");
    assertThat(Bootstrap.answer(SOCKET, "1")).isEqualTo("unix:///run/casemate/shim/abc.sock");
    assertThat(Bootstrap.answer(SOCKET, "new")).isEqualTo("unix:///run/casemate/shim/abc.sock");
  }

  @Test
  void saysTheNewestFormThatTheCallerTakes() {
    String rest = ",\"address\":\"unix:///run/casemate/shim/abc.sock\",\"protocol\":\"ttrpc\"}";

    assertThat(Bootstrap.answer(SOCKET, "2")).isEqualTo("{\"version\":2" + rest);
    assertThat(Bootstrap.answer(SOCKET, "3")).isEqualTo("{\"version\":3" + rest);
    assertThat(Bootstrap.answer(SOCKET, "7")).isEqualTo("{\"version\":3" + rest);
  }
}
