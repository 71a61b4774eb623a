package dev.casemate.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KernelCommandLineTest {
  @Test
  void wordsHaveValuesAndTheLastOneWins() {
    KernelCommandLine line =
        KernelCommandLine.parse(
            "quiet  console=ttyS0 root=UUID=1\tagent.log=info agent.log=debug\n");
    assertThat(line.value("quiet")).isEmpty();
    assertThat(line.value("console")).isEqualTo("ttyS0");
    assertThat(line.value("root")).isEqualTo("UUID=1");
    assertThat(line.value("agent.log")).isEqualTo("debug");
    assertThat(line.value("log")).isNull();
  }

  @Test
  void levelsHaveTheNamesOfTheReference() {
    assertThat(level("agent.log=critical")).isEqualTo(AgentLog.Level.ERROR);
    assertThat(level("agent.log=warning")).isEqualTo(AgentLog.Level.WARN);
    assertThat(level("agent.log=debug")).isEqualTo(AgentLog.Level.DEBUG);
    assertThat(level("agent.log=nonsense")).isEqualTo(AgentLog.Level.INFO);
    assertThat(level("")).isEqualTo(AgentLog.Level.INFO);
  }

  private static AgentLog.Level level(String text) {
    return AgentLog.level(KernelCommandLine.parse(text));
  }
}
