package dev.casemate.agent;

import dev.casemate.linux.FileStatus;
import dev.casemate.linux.Filesystem;
import dev.casemate.linux.LinuxException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Finds the device files of disks that the host names by path or by place on the PCI bus, and waits
 * for those that are being plugged in.
 */
final class BlockDevices {
  // The reference's agent.hotplug_timeout.
  private static final long PLUG_NANOS = 3_000_000_000L;
  private static final long POLL_MILLIS = 5;

  private static final Path DEV = Path.of("/dev");
  private static final Path ROOT_BUS = Path.of("/sys/devices/pci0000:00");

  /**
   * The device file of a disk.
   *
   * @param source {@code /dev/vda}, or a PCI path: slots in hexadecimal from the root bus down,
   *     such as {@code 02/00}
   * @throws dev.casemate.model.CasemateException NOT_FOUND when it has not come within 3 s
   */
  String await(String source) throws InterruptedException {
    boolean byPath = source.startsWith("/dev/");
    if (byPath && !isDeviceName(source)) {
      throw RequestError.invalid("find a disk", "its device path is not canonical");
    }
    long deadline = System.nanoTime() + PLUG_NANOS;
    while (true) {
      String found = byPath ? existing(source) : byBus(source);
      if (found != null) {
        return found;
      }
      if (System.nanoTime() - deadline > 0) {
        throw RequestError.notFound("find a disk", "no " + source + " has come within 3 s");
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  private static boolean isDeviceName(String path) {
    return Path.of(path).normalize().toString().equals(path);
  }

  private static @Nullable String existing(String path) {
    try {
      FileStatus status = Filesystem.status(path);
      return status.kind() == FileStatus.Kind.BLOCK_DEVICE ? path : null;
    } catch (LinuxException e) {
      return null;
    }
  }

  private static @Nullable String byBus(String source) {
    Path device = ROOT_BUS;
    String bus = "0000:00";
    for (String step : source.split("/", -1)) {
      if (!isSlot(step)) {
        throw RequestError.invalid("find a disk", "its place is neither in /dev nor a PCI path");
      }
      device = device.resolve(bus + ":" + (step.contains(".") ? step : step + ".0"));
      bus = busBelow(device);
    }
    Path block = firstBelow(device, "virtio", "block");
    return block == null ? null : existing(DEV.resolve(block.getFileName()).toString());
  }

  private static boolean isSlot(String step) {
    if (step.length() != 2 && step.length() != 4) {
      return false;
    }
    for (int i = 0; i < step.length(); i++) {
      boolean dot = i == 2 && step.charAt(i) == '.';
      if (!dot && Character.digit(step.charAt(i), 16) < 0) {
        return false;
      }
    }
    return true;
  }

  private static String busBelow(Path bridge) {
    try (DirectoryStream<Path> buses = Files.newDirectoryStream(bridge.resolve("pci_bus"))) {
      for (Path each : buses) {
        return String.valueOf(each.getFileName());
      }
    } catch (IOException e) {
      // An end point, or not there yet.
    }
    return "none";
  }

  private static @Nullable Path firstBelow(Path device, String prefix, String kind) {
    try (DirectoryStream<Path> functions = Files.newDirectoryStream(device, prefix + "*")) {
      for (Path function : functions) {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(function.resolve(kind))) {
          for (Path each : found) {
            return each;
          }
        }
      }
    } catch (IOException e) {
      // Not there yet.
    }
    return null;
  }
}
