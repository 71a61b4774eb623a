package dev.casemate.cli;

import java.util.List;

/** {@code check}: whether this host can run virtual machines, and what to do where it cannot. */
final class CheckVerb implements Action {
  private static final int UNFIT = 1;

  @Override
  public int run(Invocation invocation) {
    List<Finding> findings = new HostCheck().findings();
    StringBuilder out = new StringBuilder();
    int code = 0;
    for (Finding finding : findings) {
      String mark =
          switch (finding.verdict()) {
            case GOOD -> "ok       ";
            case SLOW -> "slow     ";
            case MISSING -> "MISSING  ";
          };
      out.append(mark).append(finding.subject()).repeat(' ', 16 - finding.subject().length());
      out.append(finding.found()).append('\n');
      if (!finding.advice().isEmpty()) {
        out.repeat(' ', 25).append(finding.advice()).append('\n');
      }
      if (finding.verdict() == Finding.Verdict.MISSING) {
        code = UNFIT;
      }
    }
    invocation.output().print(out.toString());
    return code;
  }
}
