package dev.casemate.core;

import java.nio.file.Path;
import java.util.List;

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

  /**
   * A network card. Silent until the guest switches it on.
   *
   * @param hardwareAddress what the guest finds it by: six bytes in hex, separated by colons
   * @param queues the numbers of open descriptors of this process, each a queue of one tap that
   *     puts a {@code struct virtio_net_hdr} before each frame; the VMM gets copies
   */
  record NetworkCard(String hardwareAddress, List<Integer> queues) implements MachineDevice {
    /** Copies the list, checks that there is a queue. */
    public NetworkCard {
      queues = List.copyOf(queues);
      if (queues.isEmpty()) {
        throw new IllegalArgumentException("a network card has no queue");
      }
    }
  }
}
