package dev.casemate.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BuildOptionsTest {
  private static BuildOptions parse(String... arguments) {
    return BuildOptions.parse(List.of(arguments), Map.of("CASEMATE_CACHE", "/c"));
  }

  @Test
  void readsWhatIsGivenAndDefaultsTheRest() {
    BuildOptions options = parse("--output", "/o", "--agent", "/a", "--kernel", "own");

    assertThat(options.kernel()).isEqualTo(KernelFlavour.OWN);
    assertThat(options.output()).isEqualTo(Path.of("/o"));
    assertThat(options.agent()).isEqualTo(Path.of("/a"));
    assertThat(options.cache()).isEqualTo(Path.of("/c"));
    assertThat(options.kernelSource()).isEqualTo("linux-source-6.12");
    assertThat(parse("--output", "/o", "--agent", "/a").kernel()).isEqualTo(KernelFlavour.STOCK);
  }

  @Test
  void namesWhatIsWrong() {
    assertThatThrownBy(() -> parse("--agent", "/a")).hasMessageContaining("--output");
    assertThatThrownBy(() -> parse("--kernel", "mine")).hasMessageContaining("'mine'");
    assertThatThrownBy(() -> parse("--frob")).hasMessageContaining("'--frob'");
    assertThatThrownBy(() -> parse("--output")).hasMessageContaining("needs a value");
  }

  @Test
  void endsWithTwoWhenMisusedAndPrintsHelp() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    assertThat(Main.run(List.of("--frob"), out)).isEqualTo(2);
    assertThat(Main.run(List.of("--help"), out)).isZero();
    assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("'--frob'", "--kernel stock|own");
  }
}
