package dev.casemate.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DataSizeTest {
  @ParameterizedTest
  @CsvSource({
    "0,0",
    "1,1",
    "1k,1024",
    "64KiB,65536",
    "512m,536870912",
    "2 GiB,2147483648",
    "1T,1099511627776"
  })
  void readsNumbersWithUnits(String text, long bytes) {
    assertThat(DataSize.parse(text)).isEqualTo(new DataSize(bytes));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "m", "-1", "1.5g", "1x", "1 2", "9223372036854775808", "9000000000g"})
  void refusesTheRest(String text) {
    assertThatThrownBy(() -> DataSize.parse(text)).isInstanceOf(CasemateException.class);
  }

  @Test
  void whatItWritesItReads() {
    Random random = new Random(1);
    for (int i = 0; i < 500; i++) {
      DataSize size = new DataSize((random.nextLong() & Long.MAX_VALUE) >> random.nextInt(63));
      size = random.nextBoolean() ? size : new DataSize(size.bytes() >> 32 << 30 & Long.MAX_VALUE);
      assertThat(DataSize.parse(size.toString())).isEqualTo(size);
    }
    assertThat(DataSize.ofMebibytes(1536)).hasToString("1536 MiB");
  }

  @Test
  void roundsUpToMebibytes() {
    assertThat(new DataSize(1).roundedUpToMebibyte()).isEqualTo(DataSize.ofMebibytes(1));
    assertThat(DataSize.ofMebibytes(3).roundedUpToMebibyte()).isEqualTo(DataSize.ofMebibytes(3));
  }
}
