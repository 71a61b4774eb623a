package dev.casemate.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What was measured, in order. Owned by one thread. */
final class Samples {

  /**
   * One value.
   *
   * @param metric what was measured, with its unit
   * @param contender of whom
   * @param round in which round, counted from 1
   * @param value in the metric's unit
   */
  record Sample(String metric, String contender, int round, double value) {}

  private final List<Sample> samples = new ArrayList<>();

  void add(String metric, String contender, int round, double value) {
    samples.add(new Sample(metric, contender, round, value));
  }

  /** One line per value, in the order in which they were taken. */
  String csv() {
    StringBuilder out = new StringBuilder("metric,contender,round,value\n");
    for (Sample s : samples) {
      out.append(
          String.format(
              Locale.ROOT,
              "%s,%s,%d,%.3f%n",
              s.metric().replace(",", ""),
              s.contender(),
              s.round(),
              s.value()));
    }
    return out.toString();
  }

  /** A table in Markdown: a row for each metric, a column for each contender. */
  String markdown(List<String> contenders) {
    Map<String, Map<String, List<Double>>> rows = new LinkedHashMap<>();
    for (Sample s : samples) {
      rows.computeIfAbsent(s.metric(), _ -> new LinkedHashMap<>())
          .computeIfAbsent(s.contender(), _ -> new ArrayList<>())
          .add(s.value());
    }
    StringBuilder out = new StringBuilder("| median (p95) |");
    contenders.forEach(c -> out.append(' ').append(c).append(" |"));
    out.append("\n|---|").append("---|".repeat(contenders.size())).append('\n');
    rows.forEach((metric, byContender) -> {
      out.append("| ").append(metric).append(" |");
      for (String contender : contenders) {
        List<Double> values = byContender.get(contender);
        out.append(' ').append(values == null ? "–" : summary(values)).append(" |");
      }
      out.append('\n');
    });
    return out.toString();
  }

  private static String summary(List<Double> values) {
    return String.format(
        Locale.ROOT, "%.1f (%.1f)", percentile(values, 0.5), percentile(values, 0.95));
  }

  /** The smallest value that at least this share of the values does not exceed. */
  static double percentile(List<Double> values, double share) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    int rank = (int) Math.ceil(share * sorted.size());
    return sorted.get(Math.max(0, rank - 1));
  }
}
