package dev.casemate.host.caller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.model.oci.ProcessSpec;
import dev.casemate.model.oci.Rlimit;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class CallerLimitsTest {
  private static final ProcessSpec ONE_LIMIT =
      ProcessSpec.parse(
          """
          {"args": ["true"], "cwd": "/",
           "rlimits": [{"type": "RLIMIT_CORE", "soft": 7, "hard": 9}]}
          """
              .getBytes(StandardCharsets.UTF_8),
          "process");

  @Test
  void theKernelsTableIsRead() {
    List<String> table =
        List.of(
            "Limit                     Soft Limit           Hard Limit           Units     ",
            "Max cpu time              unlimited            unlimited            seconds   ",
            "Max processes             96365                96365                processes ",
            "Max open files            1024                 524288               files     ",
            "Max nice priority         0                    0                    ",
            "Max pending signals       96365                96365                signals   ");

    assertThat(CallerLimits.parse(table))
        .containsExactly(
            new Rlimit("RLIMIT_CPU", -1, -1),
            new Rlimit("RLIMIT_NOFILE", 524288, 1024),
            new Rlimit("RLIMIT_NICE", 0, 0));
  }

  @Test
  void whatAProcessNamesItselfIsKept() {
    ProcessSpec inherited = CallerLimits.inherited(ONE_LIMIT, ProcessHandle.current().pid());

    assertThat(inherited.rlimits())
        .contains(new Rlimit("RLIMIT_CORE", 9, 7))
        .extracting(Rlimit::type)
        .doesNotHaveDuplicates()
        .contains("RLIMIT_NOFILE", "RLIMIT_STACK")
        .doesNotContain("RLIMIT_NPROC", "RLIMIT_SIGPENDING");
  }

  @Test
  void fromAProcessThatIsGoneNothingIsInherited() {
    assertThat(CallerLimits.inherited(ONE_LIMIT, 1L << 40)).isEqualTo(ONE_LIMIT);
  }
}
