package dev.casemate.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SamplesTest {

  @Test
  void percentilesAreValuesThatWereMeasured() {
    List<Double> values = List.of(5.0, 1.0, 4.0, 2.0, 3.0);

    assertThat(Samples.percentile(values, 0.5)).isEqualTo(3.0);
    assertThat(Samples.percentile(values, 0.95)).isEqualTo(5.0);
    assertThat(Samples.percentile(List.of(7.0), 0.5)).isEqualTo(7.0);
  }

  @Test
  void theTableSaysWhatIsMissing() {
    Samples samples = new Samples();
    samples.add("run, ms", "a", 1, 10);
    samples.add("run, ms", "a", 2, 12);

    assertThat(samples.markdown(List.of("a", "b"))).contains("| run, ms | 10.0 (12.0) | – |");
    assertThat(samples.csv()).contains("run, ms".replace(",", "")).contains(",a,2,12.000");
  }

  @Test
  void memoryFieldsAreReadInKibibytes() {
    assertThat(Footprint.fields("Rss:   200 kB\nPss:\t 12 kB\nName: x y kB\n"))
        .containsEntry("Pss", 12L)
        .containsEntry("Rss", 200L)
        .doesNotContainKey("Name");
  }
}
