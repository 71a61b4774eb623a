package dev.casemate.host.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnwindingTest {
  private final List<String> log = new ArrayList<>();
  private final List<String> undone = new ArrayList<>();
  private final Unwinding unwinding = new Unwinding(log::add);

  @Test
  void whatWasMadeLastIsUndoneFirstAndOnce() {
    unwinding.add("a", () -> undone.add("a"));
    Unwinding.Step later = unwinding.reserve("later");
    unwinding.add("b", () -> undone.add("b"));
    later.undoneBy(() -> undone.add("later"));

    unwinding.run();
    unwinding.run();

    assertThat(undone).containsExactly("b", "later", "a");
    assertThat(log).isEmpty();
  }

  @Test
  void aReservedPlaceThatWasNeverTakenDoesNothing() {
    unwinding.reserve("later");
    unwinding.run();
    assertThat(log).isEmpty();
  }

  @Test
  void aStepThatFailsHindersNoOther() {
    unwinding.add("a", () -> undone.add("a"));
    unwinding.add(
        "b",
        () -> {
          throw new IllegalStateException("stuck");
        });

    unwinding.run();

    assertThat(undone).containsExactly("a");
    assertThat(log).containsExactly("undo b: stuck");
  }
}
