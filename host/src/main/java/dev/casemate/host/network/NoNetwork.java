package dev.casemate.host.network;

import dev.casemate.core.GuestDialer;
import dev.casemate.core.MachineCapabilities;
import dev.casemate.core.MachineDevice;
import dev.casemate.core.SandboxNetwork;
import dev.casemate.model.network.PodNetwork;
import java.util.List;

/** A machine without network cards: its containers have the loopback interface. */
public final class NoNetwork implements SandboxNetwork {
  /** Nothing to be made. */
  public NoNetwork() {}

  @Override
  public List<MachineDevice> open(MachineCapabilities machine) {
    return List.of();
  }

  @Override
  public Sight look() {
    return new Sight(PodNetwork.NONE, List.of());
  }

  @Override
  public void listen(Runnable listener) {
    // Nothing ever changes.
  }

  @Override
  public void serveLoopback(GuestDialer guest) {
    // Nobody outside has a way to the container's loopback interface.
  }

  @Override
  public void close() {
    // Nothing was made.
  }
}
