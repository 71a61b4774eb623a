package dev.casemate.core;

import java.nio.file.Path;

/** A device beyond those that every machine has (root image, agent channel, console, entropy). */
public sealed interface MachineDevice {
  /**
   * A raw block image or block device of the host.
   *
   * @param serial up to 20 ASCII letters and digits, by which the guest finds it
   */
  record Block(Path file, boolean readOnly, String serial) implements MachineDevice {}

  /**
   * A directory served by a file daemon over vhost-user.
   *
   * @param tag the mount tag, up to 36 bytes
   * @param socket where the daemon listens
   */
  record VirtioFs(String tag, Path socket) implements MachineDevice {}

  /**
   * A directory that the VMM itself serves through 9p; it does so with the VMM's own rights.
   *
   * @param tag the mount tag, up to 31 bytes
   */
  record NineP(String tag, Path directory) implements MachineDevice {}
}
