package dev.casemate.cli;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.oci.ContainerStatus;
import java.time.Duration;

/**
 * Tells a person why a container ended with 137 when nobody killed its process: 137 alone does not.
 */
final class UnnaturalEnd {
  /** A stand-in ends with the monitor, a blink before the host has forgotten the monitor. */
  static final Duration PATIENCE = Duration.ofSeconds(2);

  private static final int MACHINE_DIED = 137;
  private static final long POLL_MILLIS = 5;

  private UnnaturalEnd() {}

  /**
   * Logs the reason, if there is one.
   *
   * @param code what the process ended with
   * @param patience how long the container may take to be known as stopped
   */
  static void tell(Invocation invocation, ContainerId id, int code, Duration patience) {
    if (code != MACHINE_DIED) {
      return;
    }
    try {
      ContainerView container = find(invocation.host(), id, patience);
      container
          .reasonOfEnd()
          .ifPresent(reason ->
              invocation
                  .log()
                  .error(
                      new CasemateException(
                          ErrorCode.VMM_DIED,
                          "keep container " + id + " running",
                          reason,
                          "look in the host's log for who ended it, then start it again")));
    } catch (CasemateException removed) {
      // Somebody deleted it meanwhile, and with it the reason.
    }
  }

  private static ContainerView find(Containers host, ContainerId id, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      ContainerView container = host.find(id);
      if (container.status() == ContainerStatus.STOPPED || System.nanoTime() > deadline) {
        return container;
      }
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        return container;
      }
    }
  }
}
