package dev.casemate.cli;

import java.util.ArrayList;
import java.util.List;

/** Columns of text, laid out as Go's tabwriter does it for runc. Owned by one thread. */
final class TextTable {
  private final int leastWidth;
  private final int gap;
  private final List<String[]> rows = new ArrayList<>();

  /** Each column but the last is at least so wide, gap included. */
  TextTable(int leastWidth, int gap) {
    this.leastWidth = leastWidth;
    this.gap = gap;
  }

  /** Adds a row; every row has as many cells. */
  void row(String... cells) {
    rows.add(cells.clone());
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    int columns = rows.isEmpty() ? 0 : rows.get(0).length;
    int[] widths = new int[columns];
    for (String[] row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], Math.max(leastWidth, row[i].length() + gap));
      }
    }
    for (String[] row : rows) {
      for (int i = 0; i < columns - 1; i++) {
        out.append(row[i]).repeat(' ', widths[i] - row[i].length());
      }
      out.append(row[columns - 1]).append('\n');
    }
    return out.toString();
  }
}
