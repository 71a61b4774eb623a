package dev.casemate.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SignalTest {
  @Test
  void readsNamesAndNumbers() {
    for (Signal signal : Signal.values()) {
      assertThat(Signal.parse(signal.name())).hasValue(signal.number());
      assertThat(Signal.parse("sig" + signal.name())).hasValue(signal.number());
      assertThat(Signal.parse(Integer.toString(signal.number()))).hasValue(signal.number());
    }
    assertThat(Signal.parse("SIGKILL")).hasValue(9);
    assertThat(Signal.parse("term")).hasValue(15);
    assertThat(Signal.parse("64")).hasValue(64);
  }

  @Test
  void refusesWhatIsNoSignal() {
    for (String text : new String[] {"", "0", "65", "-9", "SIG", "SIGNO", "9x", "999", "٣"}) {
      assertThat(Signal.parse(text)).as(text).isEmpty();
    }
  }
}
