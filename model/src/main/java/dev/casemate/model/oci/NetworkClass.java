package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How traffic is marked (cgroup v1, net_cls and net_prio).
 *
 * @param classId the class of packets
 * @param priorities by interface
 */
public record NetworkClass(@Nullable Long classId, List<InterfacePriority> priorities) {
  /** Copies what is mutable. */
  public NetworkClass {
    priorities = List.copyOf(priorities);
  }

  /** Reads it from a document; members that this version does not know are ignored. */
  static NetworkClass parse(JsonCursor at) {
    return new NetworkClass(
        at.optionalUint32("classID"), Documents.list(at, "priorities", InterfacePriority::parse));
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder()
        .put("classID", classId)
        .putArray("priorities", Documents.array(priorities, InterfacePriority::toJson))
        .build();
  }
}
