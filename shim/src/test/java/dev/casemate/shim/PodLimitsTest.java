package dev.casemate.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.core.MachineSize;
import dev.casemate.model.oci.Spec;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PodLimitsTest {
  private static final long MEBIBYTE = 1L << 20;
  private static final MachineSize DEFAULTS = new MachineSize(1, 2048 * MEBIBYTE);

  private static MachineSize size(String annotations) {
    String document =
        "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\"},\"annotations\":"
            + annotations
            + ",\"process\":{\"cwd\":\"/\",\"args\":[\"a\"],\"user\":{\"uid\":0,\"gid\":0}},"
            + "\"linux\":{\"resources\":{\"cpu\":{\"shares\":2}}}}";
    Spec spec = Spec.parse(document.getBytes(StandardCharsets.UTF_8));
    return MachineSize.of(PodLimits.of(spec), DEFAULTS, 8);
  }

  @Test
  void thePodsLimitsAreTheMachinesSize() {
    assertThat(
            size(
                """
                {"io.kubernetes.cri.sandbox-memory": "536870912",
                 "io.kubernetes.cri.sandbox-cpu-quota": "250000",
                 "io.kubernetes.cri.sandbox-cpu-period": "100000"}
                """))
        .isEqualTo(new MachineSize(3, 512 * MEBIBYTE));
  }

  @Test
  void whatThePodDoesNotLimitIsTheDefault() {
    assertThat(size("{}")).isEqualTo(DEFAULTS);
    assertThat(
            size(
                """
                {"io.kubernetes.cri.sandbox-memory": "536870912",
                 "io.kubernetes.cri.sandbox-cpu-quota": "0",
                 "io.kubernetes.cri.sandbox-cpu-period": "100000"}
                """))
        .isEqualTo(new MachineSize(1, 512 * MEBIBYTE));
    assertThat(
            size(
                """
                {"io.kubernetes.cri.sandbox-memory": "0",
                 "io.kubernetes.cri.sandbox-cpu-quota": "200000",
                 "io.kubernetes.cri.sandbox-cpu-period": "100000"}
                """))
        .isEqualTo(new MachineSize(2, 2048 * MEBIBYTE));
  }

  @Test
  void anAnnotationThatIsNoNumberIsNamed() {
    assertThatThrownBy(() -> size("{\"io.kubernetes.cri.sandbox-memory\": \"1Gi\"}"))
        .hasMessageContaining("io.kubernetes.cri.sandbox-memory")
        .hasMessageContaining("1Gi");
  }
}
