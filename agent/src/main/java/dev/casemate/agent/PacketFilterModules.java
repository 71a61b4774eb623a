package dev.casemate.agent;

import dev.casemate.linux.ChildCommand;
import dev.casemate.linux.LinuxException;
import dev.casemate.protocol.agent.Spec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What iptables' older programs need of the kernel before it loads the rest by itself: they ask
 * {@code modprobe} for it, and a container has none. Loaded for the first container that may change
 * packet filters, since it costs a program's start. Thread-safe.
 */
final class PacketFilterModules {
  /** Only with the stock kernel there is something at its end; our own has no modules. */
  private static final Path LOADER = Path.of("/usr/sbin/modprobe");

  private static final String CAPABILITY = "CAP_NET_ADMIN";

  /** Two modules, 10 ms each under emulation; a guest that is crowded may take its time. */
  private static final long BOUND_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Children children;
  private final AgentLog log;
  private final AtomicBoolean asked = new AtomicBoolean();

  PacketFilterModules(Children children, AgentLog log) {
    this.children = children;
    this.log = log;
  }

  /** Loads them once, if the container may use them; without them it is no worse than before. */
  void loadFor(Spec spec) throws InterruptedException {
    if (!spec.getProcess().getCapabilities().getBoundingList().contains(CAPABILITY)
        || !Files.isExecutable(LOADER)
        || asked.getAndSet(true)) {
      return;
    }
    try {
      Child loader =
          children.spawn(ChildCommand.of(LOADER.toString(), "-q", "-a", "ip_tables", "ip6_tables"));
      if (!loader.await(BOUND_NANOS)) {
        log.warn("packet filters are not loaded yet", "pid", Integer.toString(loader.pid()));
      }
    } catch (LinuxException e) {
      log.warn("packet filters are not loaded", "why", RequestError.reason(e));
    }
  }
}
