package dev.casemate.model.oci;

import dev.casemate.model.json.Json;
import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonLimits;
import dev.casemate.model.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The limits of a container (runtime-spec, config-linux, "Control groups"); also the content of the
 * file that {@code update --resources} names.
 *
 * @param devices in order
 * @param memory or null
 * @param cpu or null
 * @param pids or null
 * @param blockIo or null
 * @param hugepageLimits each page size once
 * @param network or null
 * @param rdma by device
 * @param unified files of cgroup v2 with their content
 */
public record Resources(
    List<DeviceRule> devices,
    @Nullable MemoryLimits memory,
    @Nullable CpuLimits cpu,
    @Nullable PidsLimit pids,
    @Nullable BlockIo blockIo,
    List<HugepageLimit> hugepageLimits,
    @Nullable NetworkClass network,
    Map<String, RdmaLimit> rdma,
    Map<String, String> unified) {
  /** Copies what is mutable. */
  public Resources {
    devices = List.copyOf(devices);
    hugepageLimits = List.copyOf(hugepageLimits);
    rdma = Documents.copy(rdma);
    unified = Documents.copy(unified);
  }

  /** Reads it from a document; members that this version does not know are ignored. */
  public static Resources parse(JsonCursor at) {
    return new Resources(
        Documents.list(at, "devices", DeviceRule::parse),
        Documents.optional(at, "memory", MemoryLimits::parse),
        Documents.optional(at, "cpu", CpuLimits::parse),
        Documents.optional(at, "pids", PidsLimit::parse),
        Documents.optional(at, "blockIO", BlockIo::parse),
        Documents.list(at, "hugepageLimits", HugepageLimit::parse),
        Documents.optional(at, "network", NetworkClass::parse),
        Documents.map(at, "rdma", RdmaLimit::parse),
        at.textMap("unified"));
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder()
        .putArray("devices", Documents.array(devices, DeviceRule::toJson))
        .put("memory", memory == null ? null : memory.toJson())
        .put("cpu", cpu == null ? null : cpu.toJson())
        .put("pids", pids == null ? null : pids.toJson())
        .put("blockIO", blockIo == null ? null : blockIo.toJson())
        .putArray("hugepageLimits", Documents.array(hugepageLimits, HugepageLimit::toJson))
        .put("network", network == null ? null : network.toJson())
        .put("rdma", Documents.object(rdma, RdmaLimit::toJson))
        .putStrings("unified", unified)
        .build();
  }

  /** No limits at all. */
  public static final Resources NONE =
      new Resources(List.of(), null, null, null, null, List.of(), null, Map.of(), Map.of());

  /**
   * Reads a resources document.
   *
   * @param what names the document in errors
   */
  public static Resources parse(byte[] document, String what) {
    return parse(JsonCursor.of(Json.parse(document, what, JsonLimits.SMALL), what));
  }

  /** The same with other rules for devices. */
  public Resources withDevices(List<DeviceRule> other) {
    return new Resources(other, memory, cpu, pids, blockIo, hugepageLimits, network, rdma, unified);
  }
}
