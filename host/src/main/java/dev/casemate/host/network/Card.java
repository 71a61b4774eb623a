package dev.casemate.host.network;

import dev.casemate.core.MachineDevice;
import dev.casemate.linux.Descriptor;
import dev.casemate.linux.TapDevice;
import dev.casemate.linux.netlink.MacAddress;
import org.jspecify.annotations.Nullable;

/** A network card of the machine and the tap behind it, which may serve an interface. */
final class Card {
  private final MacAddress hardwareAddress;
  private final TapDevice tap;
  private final int tapIndex;
  private @Nullable Integer endpoint;

  /**
   * A card that serves nothing yet.
   *
   * @param hardwareAddress what the card comes with
   * @param tapIndex the tap's number in the namespace
   */
  Card(MacAddress hardwareAddress, TapDevice tap, int tapIndex) {
    this.hardwareAddress = hardwareAddress;
    this.tap = tap;
    this.tapIndex = tapIndex;
  }

  MacAddress hardwareAddress() {
    return hardwareAddress;
  }

  TapDevice tap() {
    return tap;
  }

  int tapIndex() {
    return tapIndex;
  }

  /** The number of the interface that it serves, or null. */
  @Nullable Integer endpoint() {
    return endpoint;
  }

  void serve(@Nullable Integer interfaceIndex) {
    endpoint = interfaceIndex;
  }

  /** As the machine is told of it. */
  MachineDevice device() {
    return new MachineDevice.NetworkCard(
        hardwareAddress.toString(), tap.queues().stream().map(Descriptor::number).toList());
  }
}
