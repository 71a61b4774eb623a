package dev.casemate.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Rfc3339Test {
  @Test
  void itIsWhatInstantPrintsAndReads() {
    long seed = 20_261_127;
    Random random = new Random(seed);
    int[] precisions = {1_000_000_000, 1_000_000, 1000, 1};
    for (int i = 0; i < 2000; i++) {
      int precision = precisions[i % 4];
      // Years 0 to 9999.
      Instant time =
          Instant.ofEpochSecond(
              random.nextLong(-62_167_219_200L, 253_402_300_800L),
              random.nextInt(1_000_000_000) / precision * (long) precision);
      assertThat(Rfc3339.text(time)).as("seed %d, %d", seed, i).isEqualTo(time.toString());
      assertThat(Rfc3339.parse(time.toString())).isEqualTo(time);
    }
  }

  @Test
  void toTheSecondNothingIsRounded() {
    assertThat(Rfc3339.seconds(1_795_772_089_999L)).isEqualTo("2026-11-27T09:34:49Z");
    assertThat(Rfc3339.seconds(-1)).isEqualTo("1969-12-31T23:59:59Z");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Z",
        "2026-11-27",
        "2026-11-27T09:34:49",
        "2026-11-27T09:34:49+00:00",
        "2026-11-27 09:34:49Z",
        "2026-13-27T09:34:49Z",
        "2026-02-30T09:34:49Z",
        "2026-11-27T24:34:49Z",
        "2026-11-27T09:60:49Z",
        "2026-11-27T09:34:60Z",
        "2026-11-27T09:34:49.Z",
        "2026-11-27T09:34:49.1234567890Z",
        "2026-11-27T09:34:49,123Z",
        "-026-11-27T09:34:49Z",
        "2026-11-27T09:34:4\u0669Z"
      })
  void anythingElseIsRefused(String text) {
    assertThatThrownBy(() -> Rfc3339.parse(text)).isInstanceOf(DateTimeException.class);
  }
}
