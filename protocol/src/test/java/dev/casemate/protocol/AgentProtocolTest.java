package dev.casemate.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Our .proto files say what the reference's say: a number that differs breaks every peer. */
final class AgentProtocolTest {
  private static final String ABSENT = "absent ";

  /** Packages whose facts are the reference's; casemate.v1 is our own. */
  private static final Pattern FROM_REFERENCE = Pattern.compile("\\w+ (grpc|types)\\..*");

  static List<String> table() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            AgentProtocolTest.class.getResourceAsStream("agent-protocol.facts"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .toList();
    }
  }

  static List<String> ours() throws IOException {
    Path built =
        Path.of(System.getProperty("basedir", "."), "target", "agent-protocol.descriptors");
    return Descriptors.facts(Files.readAllBytes(built));
  }

  @Test
  void saysWhatTheReferenceSays() throws IOException {
    List<String> expected = new ArrayList<>();
    for (String line : table()) {
      if (line.startsWith(ABSENT)) {
        assertThat(line).as("an absence needs a reason").matches("absent [^:]+: .+");
      } else {
        expected.add(line);
      }
    }

    List<String> ours =
        ours().stream().filter(fact -> FROM_REFERENCE.matcher(fact).matches()).toList();

    assertThat(ours).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void theTableIsWhole() throws IOException {
    List<String> table = table();

    assertThat(table).filteredOn(line -> line.startsWith("rpc grpc.AgentService ")).hasSize(42);
    assertThat(table).filteredOn(line -> line.startsWith("rpc grpc.Health ")).hasSize(2);
    assertThat(table).filteredOn(line -> line.startsWith("message ")).hasSizeGreaterThan(100);
    assertThat(table).doesNotHaveDuplicates();
    assertThat(table)
        .contains(
            "field grpc.ReseedRandomDevRequest 2 singular bytes data",
            "field grpc.FSGroup 2 singular uint32 group_id",
            "field grpc.LinuxSyscall 3 oneof:ErrnoRet uint32 errnoret",
            "field grpc.MemAgentMemcgConfig 1 optional bool disabled");
  }
}
