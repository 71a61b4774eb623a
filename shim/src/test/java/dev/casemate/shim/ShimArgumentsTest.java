package dev.casemate.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShimArgumentsTest {
  private static final Path HERE = Path.of("/here");

  private static ShimArguments parse(String line) {
    return ShimArguments.parse(line.isEmpty() ? new String[0] : line.split(" ", -1), HERE);
  }

  @Test
  void readsWhatContainerdCallsStartWith() {
    ShimArguments start =
        parse(
            "-namespace k8s.io -address /run/c.sock -publish-binary /usr/bin/containerd -id a1"
                + " -debug start");

    assertThat(start)
        .isEqualTo(new ShimArguments(ShimArguments.Action.SERVE, "k8s.io", "a1", HERE, true));
  }

  @Test
  void readsWhatContainerdCallsDeleteWith() {
    ShimArguments delete = parse("--namespace=default -id=a1 -bundle /bundles/a1 delete");

    assertThat(delete)
        .isEqualTo(
            new ShimArguments(
                ShimArguments.Action.DELETE, "default", "a1", Path.of("/bundles/a1"), false));
  }

  @Test
  void flagsCanStandForActions() {
    assertThat(parse("-v").action()).isEqualTo(ShimArguments.Action.VERSION);
    assertThat(parse("-info").action()).isEqualTo(ShimArguments.Action.INFO);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "start",
        "-id a1 start",
        "-namespace default start",
        "-namespace default -id",
        "-namespace ../etc -id a1 start",
        "-namespace default -id a/b start",
        "-namespace default -id a1 -what start",
        "-namespace default -id a1 stop"
      })
  void refusesEverythingElse(String line) {
    assertThat(catchThrowableOfType(CasemateException.class, () -> parse(line)).code())
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }
}
