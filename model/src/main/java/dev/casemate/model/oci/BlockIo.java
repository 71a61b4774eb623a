package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Limits of the io (blkio) controller.
 *
 * @param weight 10 to 1000
 * @param leafWeight 10 to 1000
 * @param weightDevice weights by device
 * @param throttleReadBpsDevice bytes read in a second
 * @param throttleWriteBpsDevice bytes written in a second
 * @param throttleReadIopsDevice reads in a second
 * @param throttleWriteIopsDevice writes in a second
 */
public record BlockIo(
    @Nullable Integer weight,
    @Nullable Integer leafWeight,
    List<WeightDevice> weightDevice,
    List<ThrottleDevice> throttleReadBpsDevice,
    List<ThrottleDevice> throttleWriteBpsDevice,
    List<ThrottleDevice> throttleReadIopsDevice,
    List<ThrottleDevice> throttleWriteIopsDevice) {
  /** Copies what is mutable. */
  public BlockIo {
    weightDevice = List.copyOf(weightDevice);
    throttleReadBpsDevice = List.copyOf(throttleReadBpsDevice);
    throttleWriteBpsDevice = List.copyOf(throttleWriteBpsDevice);
    throttleReadIopsDevice = List.copyOf(throttleReadIopsDevice);
    throttleWriteIopsDevice = List.copyOf(throttleWriteIopsDevice);
  }

  /** Reads it from a document; members that this version does not know are ignored. */
  static BlockIo parse(JsonCursor at) {
    return new BlockIo(
        at.optionalInt("weight"),
        at.optionalInt("leafWeight"),
        Documents.list(at, "weightDevice", WeightDevice::parse),
        Documents.list(at, "throttleReadBpsDevice", ThrottleDevice::parse),
        Documents.list(at, "throttleWriteBpsDevice", ThrottleDevice::parse),
        Documents.list(at, "throttleReadIOPSDevice", ThrottleDevice::parse),
        Documents.list(at, "throttleWriteIOPSDevice", ThrottleDevice::parse));
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder()
        .put("weight", weight)
        .put("leafWeight", leafWeight)
        .putArray("weightDevice", Documents.array(weightDevice, WeightDevice::toJson))
        .putArray(
            "throttleReadBpsDevice", Documents.array(throttleReadBpsDevice, ThrottleDevice::toJson))
        .putArray(
            "throttleWriteBpsDevice",
            Documents.array(throttleWriteBpsDevice, ThrottleDevice::toJson))
        .putArray(
            "throttleReadIOPSDevice",
            Documents.array(throttleReadIopsDevice, ThrottleDevice::toJson))
        .putArray(
            "throttleWriteIOPSDevice",
            Documents.array(throttleWriteIopsDevice, ThrottleDevice::toJson))
        .build();
  }
}
