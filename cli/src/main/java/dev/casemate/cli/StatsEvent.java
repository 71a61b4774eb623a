package dev.casemate.cli;

import dev.casemate.model.ContainerId;
import dev.casemate.model.json.JsonNull;
import dev.casemate.model.json.JsonObject;
import dev.casemate.model.json.JsonValue;
import java.util.Map;

/** One line of {@code events}: statistics with the envelope and the members that runc prints. */
final class StatsEvent {
  private StatsEvent() {}

  static JsonObject json(ContainerId id, JsonObject stats) {
    JsonObject.Builder data = JsonObject.builder();
    // What a guest does not count is there and empty: readers expect the members.
    data.put("cpu", JsonObject.EMPTY);
    data.put("cpuset", JsonObject.EMPTY);
    data.put("memory", JsonObject.EMPTY);
    data.put("pids", JsonObject.EMPTY);
    data.put("blkio", JsonObject.EMPTY);
    data.put("hugetlb", JsonObject.EMPTY);
    data.put("intel_rdt", JsonObject.EMPTY);
    data.put("network_interfaces", JsonNull.NULL);
    for (Map.Entry<String, JsonValue> member : stats.members().entrySet()) {
      data.put(member.getKey(), member.getValue());
    }
    return JsonObject.builder()
        .put("type", "stats")
        .put("id", id.value())
        .put("data", data.build())
        .build();
  }
}
