package dev.casemate.cli;

import dev.casemate.cli.line.Flags;
import dev.casemate.core.ContainerState;
import dev.casemate.core.GuestProcessInfo;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.JsonArray;
import dev.casemate.model.json.JsonNumber;
import dev.casemate.model.json.JsonValue;
import dev.casemate.model.oci.ContainerStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code ps}: the processes of a container, as the guest numbers them in a table, as the host does
 * in JSON.
 */
final class PsVerb implements Action {
  @Override
  public int run(Invocation invocation) {
    ContainerId id = invocation.container();
    if (invocation.host().find(id).status() == ContainerStatus.STOPPED) {
      throw new CasemateException(
          ErrorCode.WRONG_STATE,
          "list the processes of " + id,
          "container not running",
          ContainerState.Stopped.ADVICE);
    }
    ProcessList processes = invocation.host().processes(id);
    if (invocation.line().text(Flags.FORMAT).equals("json")) {
      invocation.output().printLine(json(processes.hostPids()));
    } else {
      invocation.output().print(table(processes.guest()));
    }
    return 0;
  }

  /** Engines look these up on the host, so they get the stand-ins. */
  private static String json(List<Long> hostPids) {
    List<JsonValue> pids = new ArrayList<>();
    for (long pid : hostPids) {
      pids.add(JsonNumber.of(pid));
    }
    return new JsonArray(pids).toJson();
  }

  private static String table(List<GuestProcessInfo> processes) {
    TextTable table = new TextTable(6, 2);
    table.row("UID", "PID", "PPID", "S", "TIME", "CMD");
    for (GuestProcessInfo process : processes) {
      table.row(
          Integer.toString(process.uid()),
          Integer.toString(process.pid()),
          Integer.toString(process.parent()),
          printable(process.state()),
          time(process.cpu()),
          printable(process.command()));
    }
    return table.toString();
  }

  private static String time(Duration cpu) {
    long seconds = cpu.toSeconds();
    return twoDigits(seconds / 3600)
        + ":"
        + twoDigits(seconds / 60 % 60)
        + ":"
        + twoDigits(seconds % 60);
  }

  private static String twoDigits(long number) {
    return number < 10 ? "0" + number : Long.toString(number);
  }

  /** A guest chooses these texts; it must not reach the terminal's control sequences. */
  private static String printable(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      out.append(Character.isISOControl(c) ? '?' : c);
    }
    return out.toString();
  }
}
