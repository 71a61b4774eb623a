package dev.casemate.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class OutputFileTest {
  @Test
  void neverHoldsMoreThanTwiceItsCapAndAlwaysTheEnd() throws Exception {
    try (ScratchDirectory scratch = new ScratchDirectory()) {
      Path file = scratch.file("vmm.log");
      try (OutputFile output = new OutputFile(file, 10)) {
        for (int i = 0; i < 50; i++) {
          byte[] bytes = "%04d".formatted(i).getBytes(java.nio.charset.StandardCharsets.UTF_8);
          output.write(bytes, 0, bytes.length);
          assertThat(Files.size(file)).isLessThanOrEqualTo(10);
        }
      }
      assertThat(Files.readString(file)).endsWith("0049");
      assertThat(Files.readString(scratch.file("vmm.log.1"))).hasSizeLessThanOrEqualTo(10);
      try (var files = Files.list(scratch.path())) {
        assertThat(files).hasSize(2);
      }
    }
  }

  @Test
  void copesWithADirectoryThatIsNotThere() {
    try (OutputFile output = new OutputFile(Path.of("/nonexistent/dir/file"), 10)) {
      output.write(new byte[100], 0, 100);
    }
    assertThat(Path.of("/nonexistent")).doesNotExist();
  }
}
