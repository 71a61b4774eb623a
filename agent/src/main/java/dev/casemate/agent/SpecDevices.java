package dev.casemate.agent;

import dev.casemate.linux.FileStatus;
import dev.casemate.linux.Filesystem;
import dev.casemate.linux.LinuxException;
import dev.casemate.protocol.agent.Device;
import dev.casemate.protocol.agent.Linux;
import dev.casemate.protocol.agent.LinuxDevice;
import dev.casemate.protocol.agent.LinuxDeviceCgroup;
import dev.casemate.protocol.agent.LinuxResources;
import dev.casemate.protocol.agent.Spec;
import java.util.List;

/**
 * Gives the devices of a spec the numbers that they have in the guest: the host can only say where
 * a device is plugged in and what it is called in the container.
 */
final class SpecDevices {
  private final BlockDevices disks;

  SpecDevices(BlockDevices disks) {
    this.disks = disks;
  }

  /**
   * The spec with the guest's device numbers.
   *
   * @throws dev.casemate.model.CasemateException UNSUPPORTED for a kind of device that the agent
   *     does not know, NOT_FOUND for one that does not come
   */
  Spec resolve(Spec spec, List<Device> devices) throws InterruptedException {
    Spec out = spec;
    for (Device device : devices) {
      FileStatus status = find(device);
      if (!device.getContainerPath().isEmpty()) {
        out = out.toBuilder().setLinux(renumber(out.getLinux(), device, status)).build();
      }
    }
    return out;
  }

  private FileStatus find(Device device) throws InterruptedException {
    String tried = "find a device";
    switch (device.getType()) {
      case "blk", "mmioblk", "scsi", "" -> {
        String where = device.getVmPath().isEmpty() ? device.getId() : device.getVmPath();
        try {
          return Filesystem.status(disks.await(where));
        } catch (LinuxException e) {
          throw RequestError.failed(tried, e);
        }
      }
      default ->
          throw RequestError.unsupported(tried, "the agent knows no devices " + device.getType());
    }
  }

  private static Linux renumber(Linux linux, Device device, FileStatus status) {
    Linux.Builder out = linux.toBuilder();
    for (int i = 0; i < out.getDevicesCount(); i++) {
      LinuxDevice before = out.getDevices(i);
      if (!before.getPath().equals(device.getContainerPath())) {
        continue;
      }
      out.setDevices(
          i, before.toBuilder().setMajor(status.specialMajor()).setMinor(status.specialMinor()));
      if (out.hasResources()) {
        out.setResources(renumber(out.getResources(), before, status));
      }
      return out.build();
    }
    throw RequestError.invalid("find a device", "the spec has none at its path in the container");
  }

  private static LinuxResources renumber(
      LinuxResources resources, LinuxDevice before, FileStatus status) {
    LinuxResources.Builder out = resources.toBuilder();
    for (int i = 0; i < out.getDevicesCount(); i++) {
      LinuxDeviceCgroup rule = out.getDevices(i);
      if (rule.getType().equals(before.getType())
          && rule.getMajor() == before.getMajor()
          && rule.getMinor() == before.getMinor()) {
        out.setDevices(
            i, rule.toBuilder().setMajor(status.specialMajor()).setMinor(status.specialMinor()));
      }
    }
    return out.build();
  }
}
