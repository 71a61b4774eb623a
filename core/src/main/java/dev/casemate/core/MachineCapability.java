package dev.casemate.core;

/** What a VMM may or may not be able to do. */
public enum MachineCapability {
  /** Shares a host directory through virtio-fs (needs a file daemon). */
  VIRTIO_FS,
  /** Shares a host directory through 9p. */
  NINE_P,
  /** Block devices that are there from the start. */
  BLOCK_COLD_PLUG,
  /** Block devices added to a running machine. */
  BLOCK_HOTPLUG,
  /** Network devices that are there from the start. */
  NETWORK_COLD_PLUG,
  /** Network devices added to a running machine. */
  NETWORK_HOTPLUG,
  /** vCPUs added to a running machine. */
  CPU_HOTPLUG,
  /** Memory added to a running machine. */
  MEMORY_HOTPLUG,
  /** A machine's state saved and cloned. */
  SNAPSHOT,
  /** A vsock device between host and guest. */
  VSOCK
}
