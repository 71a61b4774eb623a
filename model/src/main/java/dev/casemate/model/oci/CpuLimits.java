package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * Limits of the cpu and cpuset controllers; the 64-bit values of shares, burst, period and
 * realtimePeriod are unsigned.
 *
 * @param shares the weight against other cgroups, as cgroup v1 counts it
 * @param quota microseconds of time in each period; -1 or 0 for no limit
 * @param burst microseconds that may be saved up
 * @param period microseconds
 * @param realtimeRuntime microseconds for realtime tasks in a period
 * @param realtimePeriod microseconds
 * @param cpus the processors, as {@code 0-2,7}
 * @param mems the memory nodes, likewise
 * @param idle 1 for a cgroup that only runs when others are idle
 */
public record CpuLimits(
    @Nullable Long shares,
    @Nullable Long quota,
    @Nullable Long burst,
    @Nullable Long period,
    @Nullable Long realtimeRuntime,
    @Nullable Long realtimePeriod,
    @Nullable String cpus,
    @Nullable String mems,
    @Nullable Long idle) {

  /** Reads it from a document; members that this version does not know are ignored. */
  static CpuLimits parse(JsonCursor at) {
    return new CpuLimits(
        at.optionalUnsigned("shares"),
        at.optionalLong("quota"),
        at.optionalUnsigned("burst"),
        at.optionalUnsigned("period"),
        at.optionalLong("realtimeRuntime"),
        at.optionalUnsigned("realtimePeriod"),
        at.text("cpus"),
        at.text("mems"),
        at.optionalLong("idle"));
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder()
        .putUnsigned("shares", shares)
        .put("quota", quota)
        .putUnsigned("burst", burst)
        .putUnsigned("period", period)
        .put("realtimeRuntime", realtimeRuntime)
        .putUnsigned("realtimePeriod", realtimePeriod)
        .put("cpus", cpus)
        .put("mems", mems)
        .put("idle", idle)
        .build();
  }

  /** The processors that quota and period amount to, rounded up; 0 when there is no limit. */
  public int wholeCpus() {
    if (quota == null || quota <= 0 || period == null || period <= 0) {
      return 0;
    }
    return (int) Math.min(Integer.MAX_VALUE, (quota - 1) / period + 1);
  }
}
