package dev.casemate.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class AgentLogTest {
  private final ByteArrayOutputStream console = new ByteArrayOutputStream();

  private String written() {
    return console.toString(StandardCharsets.UTF_8);
  }

  @Test
  void noValueCanForgeALine() {
    new AgentLog(console, AgentLog.Level.INFO).info("made", "id", "a\"\ncasemate-agent: ERROR x");
    assertThat(written())
        .isEqualTo("casemate-agent: INFO made id=\"a??casemate-agent: ERROR x\"\n");
  }

  @Test
  void noValueCanFloodTheConsole() {
    new AgentLog(console, AgentLog.Level.INFO).info("made", "id", "x".repeat(100_000));
    assertThat(written().length()).isLessThanOrEqualTo(1025);
  }

  @Test
  void lowerLevelsAreDropped() {
    AgentLog log = new AgentLog(console, AgentLog.Level.WARN);
    log.info("a");
    log.debug("b");
    log.warn("c");
    assertThat(written()).isEqualTo("casemate-agent: WARN c\n");
  }
}
