package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * Limits of the memory controller, in bytes; -1 stands for none.
 *
 * @param limit hard limit of memory
 * @param reservation soft limit of memory
 * @param swap limit of memory and swap together
 * @param kernel hard limit of kernel memory (deprecated)
 * @param kernelTcp hard limit of TCP buffers
 * @param swappiness 0 to 100
 * @param disableOomKiller whether to stop instead of to kill when out of memory
 * @param useHierarchy whether children count (cgroup v1)
 * @param checkBeforeUpdate whether a limit below the usage is refused
 */
public record MemoryLimits(
    @Nullable Long limit,
    @Nullable Long reservation,
    @Nullable Long swap,
    @Nullable Long kernel,
    @Nullable Long kernelTcp,
    @Nullable Long swappiness,
    @Nullable Boolean disableOomKiller,
    @Nullable Boolean useHierarchy,
    @Nullable Boolean checkBeforeUpdate) {

  /** Reads it from a document; members that this version does not know are ignored. */
  static MemoryLimits parse(JsonCursor at) {
    return new MemoryLimits(
        at.optionalLong("limit"),
        at.optionalLong("reservation"),
        at.optionalLong("swap"),
        at.optionalLong("kernel"),
        at.optionalLong("kernelTCP"),
        at.optionalUnsigned("swappiness"),
        at.optionalFlag("disableOOMKiller"),
        at.optionalFlag("useHierarchy"),
        at.optionalFlag("checkBeforeUpdate"));
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder()
        .put("limit", limit)
        .put("reservation", reservation)
        .put("swap", swap)
        .put("kernel", kernel)
        .put("kernelTCP", kernelTcp)
        .putUnsigned("swappiness", swappiness)
        .put("disableOOMKiller", disableOomKiller)
        .put("useHierarchy", useHierarchy)
        .put("checkBeforeUpdate", checkBeforeUpdate)
        .build();
  }
}
