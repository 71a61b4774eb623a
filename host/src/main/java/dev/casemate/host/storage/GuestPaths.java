package dev.casemate.host.storage;

import dev.casemate.model.ContainerId;

/** Where the guest finds what the host shares; the Kata Containers agent protocol's places. */
final class GuestPaths {
  /** The tag of the shared directory. */
  static final String TAG = "kataShared";

  /** Where the guest mounts it. */
  static final String SHARED = "/run/kata-containers/shared/containers/";

  /** The name of a container's root file system in its directory. */
  static final String ROOTFS = "rootfs";

  /** The directory of what containers bind; no container can be called so. */
  static final String VOLUMES = "@volumes";

  private GuestPaths() {}

  /** A container's root file system in the guest. */
  static String rootfs(ContainerId id) {
    return SHARED + id.value() + "/" + ROOTFS;
  }

  /** Memory that a sandbox's containers share; most sandboxes have one such. */
  static String sharedMemory(int index) {
    return "/run/kata-containers/sandbox/shm" + (index == 0 ? "" : "-" + index);
  }

  /** A shared file or directory in the guest, by its name among the volumes. */
  static String volume(String name) {
    return SHARED + VOLUMES + "/" + name;
  }
}
