package dev.casemate.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.model.oci.Spec;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MachineSizeTest {
  private static final long MEBIBYTE = 1L << 20;
  private static final MachineSize DEFAULTS = new MachineSize(1, 2048 * MEBIBYTE);

  private static MachineSize size(String resources, int hostProcessors) {
    String document =
        "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\"},"
            + "\"process\":{\"cwd\":\"/\",\"args\":[\"a\"],\"user\":{\"uid\":0,\"gid\":0}},"
            + "\"linux\":{\"resources\":"
            + resources
            + "}}";
    Spec spec = Spec.parse(document.getBytes(StandardCharsets.UTF_8));
    return MachineSize.of(MachineLimits.of(spec), DEFAULTS, hostProcessors);
  }

  @Test
  void withoutLimitsItIsTheDefault() {
    assertThat(size("{}", 8)).isEqualTo(DEFAULTS);
    assertThat(size("{\"memory\":{\"limit\":-1},\"cpu\":{\"quota\":-1,\"period\":100000}}", 8))
        .isEqualTo(DEFAULTS);
    assertThat(size("{\"cpu\":{\"quota\":200000}}", 8)).isEqualTo(DEFAULTS);
  }

  @Test
  void theMemoryLimitIsTheMachinesMemoryInWholeMebibytes() {
    long odd = 300 * MEBIBYTE + 1;
    assertThat(size("{\"memory\":{\"limit\":" + odd + "}}", 8).memoryBytes())
        .isEqualTo(301 * MEBIBYTE);
    assertThat(size("{\"memory\":{\"limit\":4294967296}}", 8).memoryBytes())
        .isEqualTo(4096 * MEBIBYTE);
  }

  @Test
  void aTinyMemoryLimitStillBoots() {
    assertThat(size("{\"memory\":{\"limit\":1048576}}", 8).memoryBytes())
        .isEqualTo(MachineSize.LEAST_MEMORY_BYTES);
  }

  @Test
  void aFractionOfAProcessorIsAWholeVcpuAndNoMoreThanTheHostHas() {
    assertThat(size("{\"cpu\":{\"quota\":50000,\"period\":100000}}", 8).vcpus()).isEqualTo(1);
    assertThat(size("{\"cpu\":{\"quota\":250000,\"period\":100000}}", 8).vcpus()).isEqualTo(3);
    assertThat(size("{\"cpu\":{\"quota\":6400000,\"period\":100000}}", 4).vcpus()).isEqualTo(4);
  }
}
