package dev.casemate.core;

import java.util.ArrayList;
import java.util.List;

/** What the fakes of one test were asked, in the order in which it came. Thread-safe. */
final class Journal {
  private final List<String> lines = new ArrayList<>();

  synchronized void note(String line) {
    lines.add(line);
  }

  /** All that was asked so far. */
  synchronized List<String> lines() {
    return List.copyOf(lines);
  }

  /** Those that were noted by one of the fakes, which begin their lines with its name. */
  List<String> of(String... fakes) {
    return lines().stream()
        .filter(line -> List.of(fakes).contains(line.substring(0, line.indexOf(' '))))
        .toList();
  }
}
