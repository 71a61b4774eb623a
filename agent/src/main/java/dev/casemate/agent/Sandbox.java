package dev.casemate.agent;

import dev.casemate.linux.LinuxException;
import dev.casemate.linux.Machine;
import dev.casemate.linux.Mounts;
import dev.casemate.protocol.agent.CreateSandboxRequest;
import dev.casemate.protocol.agent.KernelModule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What all containers of the guest share: host name, name servers, storages. Thread-safe. */
final class Sandbox {
  private static final int MAX_HOST_NAME = 64;
  private static final int MAX_NAME_SERVERS = 64;
  private static final Path GUEST_RESOLVER = Path.of("/etc/resolv.conf");
  private static final Path MODULES = Path.of("/sys/module");

  private final GuestLayout layout;
  private final Storages storages;
  private final Containers containers;
  private final AgentLog log;
  private List<String> places = List.of();
  private boolean created;

  Sandbox(GuestLayout layout, Storages storages, Containers containers, AgentLog log) {
    this.layout = layout;
    this.storages = storages;
    this.containers = containers;
    this.log = log;
  }

  /** Sets the guest up for a pod; once, until it is destroyed. */
  synchronized void create(CreateSandboxRequest request) throws InterruptedException {
    String tried = "set the sandbox up";
    if (created) {
      throw RequestError.alreadyExists(tried, "the guest has one already");
    }
    check(request, tried);
    if (layout.init() && !request.getHostname().isEmpty()) {
      try {
        Machine.setHostName(request.getHostname());
      } catch (LinuxException e) {
        throw RequestError.failed(tried, e);
      }
    }
    places = storages.add(request.getStoragesList());
    if (request.getDnsCount() > 0) {
      resolver(request.getDnsList(), tried);
    }
    created = true;
    log.info("sandbox", "id", request.getSandboxId(), "host", request.getHostname());
  }

  private static void check(CreateSandboxRequest request, String tried) {
    if (request.getHostname().length() > MAX_HOST_NAME) {
      throw RequestError.invalid(tried, "the host name has more than 64 characters");
    }
    if (request.getDnsCount() > MAX_NAME_SERVERS) {
      throw RequestError.invalid(tried, "there are more than 64 name server lines");
    }
    if (!request.getGuestHookPath().isEmpty()) {
      throw RequestError.unsupported(tried, "the guest runs no hooks of its own image");
    }
    for (KernelModule module : request.getKernelModulesList()) {
      String name = module.getName().replace('-', '_');
      if (name.indexOf('/') >= 0 || !Files.exists(MODULES.resolve(name))) {
        throw RequestError.unsupported(tried, "the guest's kernel lacks " + module.getName());
      }
    }
  }

  private void resolver(List<String> lines, String tried) {
    Path own = layout.own().resolve("resolv.conf");
    StringBuilder text = new StringBuilder();
    for (String line : lines) {
      text.append(line.strip()).append('\n');
    }
    try {
      Files.createDirectories(layout.own());
      Files.write(own, text.toString().getBytes(StandardCharsets.UTF_8));
      if (layout.init() && Files.isRegularFile(GUEST_RESOLVER)) {
        Mounts.bind(own.toString(), GUEST_RESOLVER.toString(), false);
      }
    } catch (IOException | LinuxException e) {
      throw RequestError.failed(tried, e);
    }
  }

  /** Removes all containers and what the sandbox had. */
  void destroy() throws InterruptedException {
    containers.removeAll();
    synchronized (this) {
      storages.remove(places);
      places = List.of();
      created = false;
    }
  }
}
