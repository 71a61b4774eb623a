package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;

/**
 * The priority of traffic through an interface (cgroup v1, net_prio).
 *
 * @param name the interface
 * @param priority 0 to 2^32-1
 */
public record InterfacePriority(String name, long priority) {

  /** Reads it from a document; members that this version does not know are ignored. */
  static InterfacePriority parse(JsonCursor at) {
    return new InterfacePriority(at.require("name").text(), at.require("priority").uint32());
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder().put("name", name).put("priority", priority).build();
  }
}
