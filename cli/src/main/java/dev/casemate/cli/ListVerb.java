package dev.casemate.cli;

import dev.casemate.cli.line.Flags;
import dev.casemate.model.json.JsonArray;
import dev.casemate.model.json.JsonValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code list}: every container of the root directory, as a table, as JSON or as ids. */
final class ListVerb implements Action {
  private static final Path USERS = Path.of("/etc/passwd");

  @Override
  public int run(Invocation invocation) {
    List<ContainerView> containers = invocation.host().list();
    if (invocation.line().has(Flags.QUIET)) {
      StringBuilder ids = new StringBuilder();
      for (ContainerView container : containers) {
        ids.append(container.id().value()).append('\n');
      }
      invocation.output().print(ids.toString());
    } else if (invocation.line().text(Flags.FORMAT).equals("json")) {
      invocation.output().print(json(containers) + "\n");
    } else {
      invocation.output().print(table(containers));
    }
    return 0;
  }

  /** runc prints null for none, and so it is what callers have seen. */
  private static String json(List<ContainerView> containers) {
    if (containers.isEmpty()) {
      return "null";
    }
    List<JsonValue> states = new ArrayList<>();
    for (ContainerView container : containers) {
      states.add(StateVerb.json(container, userName(container.ownerUid())));
    }
    return new JsonArray(states).toJson();
  }

  private static String table(List<ContainerView> containers) {
    TextTable table = new TextTable(12, 3);
    table.row("ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER");
    for (ContainerView container : containers) {
      table.row(
          container.id().value(),
          Long.toString(container.pid()),
          container.status().text(),
          container.bundle(),
          container.created(),
          userName(container.ownerUid()));
    }
    return table.toString();
  }

  /** The name of a host user; {@code #uid} when there is none. */
  private static String userName(int uid) {
    if (uid == 0) {
      return "root";
    }
    try {
      for (String line : Files.readAllLines(USERS, StandardCharsets.UTF_8)) {
        String[] fields = line.split(":", -1);
        if (fields.length > 2 && fields[2].equals(Integer.toString(uid))) {
          return fields[0];
        }
      }
    } catch (IOException _) {
      // The number says as much.
    }
    return "#" + uid;
  }
}
