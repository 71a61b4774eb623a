package dev.casemate.shim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExitOrderTest {
  private final List<String> told = new ArrayList<>();
  private final ExitOrder order = new ExitOrder();

  @Test
  void anEndThatComesFirstIsToldLast() {
    order.begin();
    order.end(() -> told.add("exit"));
    assertThat(told).isEmpty();
    order.settle(() -> told.add("start"));

    assertThat(told).containsExactly("start", "exit");
  }

  @Test
  void anEndWithoutAStartIsToldAtOnce() {
    order.end(() -> told.add("exit"));

    assertThat(told).containsExactly("exit");
  }

  @Test
  void anEndAfterTheStartIsToldAtOnceAndOnce() {
    order.begin();
    order.settle(() -> told.add("start"));
    order.end(() -> told.add("exit"));
    order.begin();
    order.settle(() -> told.add("again"));

    assertThat(told).containsExactly("start", "exit", "again");
  }
}
