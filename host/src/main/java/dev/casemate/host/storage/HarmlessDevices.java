package dev.casemate.host.storage;

import dev.casemate.model.oci.Device;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Character devices of Linux that touch nothing and have the same numbers under every kernel
 * (Documentation/admin-guide/devices.txt).
 */
final class HarmlessDevices {
  private static final Map<String, String> PATHS =
      Map.of(
          "1:3", "/dev/null",
          "1:5", "/dev/zero",
          "1:7", "/dev/full",
          "1:8", "/dev/random",
          "1:9", "/dev/urandom",
          "5:0", "/dev/tty");

  private HarmlessDevices() {}

  /** Where a container has the character device anyway, or null if it is not harmless. */
  static @Nullable String path(long major, long minor) {
    return PATHS.get(major + ":" + minor);
  }

  /** Whether a device of a configuration is one of them, wherever it is to be. */
  static boolean include(Device device) {
    return path(device) != null;
  }

  /** Whether it is one of them, where every container has it. */
  static boolean isInItsPlace(Device device) {
    return device.path().equals(path(device));
  }

  private static @Nullable String path(Device device) {
    boolean character = device.type().equals("c") || device.type().equals("u");
    Long major = device.major();
    Long minor = device.minor();
    return character && major != null && minor != null ? path(major, minor) : null;
  }
}
