package dev.casemate.shim;

import dev.casemate.core.Phases;
import dev.casemate.host.HostRuntime;
import dev.casemate.host.caller.StandInSpawner;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.configuration.Configuration;
import dev.casemate.model.oci.Spec;
import dev.casemate.protocol.Service;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A shim's life: boots its pod's machine first, then listens, tells its address, serves until
 * containerd says that it is not needed any more, and leaves nothing. Owned by the main thread.
 */
final class ShimProcess {
  /** Its own process id, for {@code delete}. */
  static final String PID_FILE = "shim.pid";

  /** Its address, which older versions of containerd read after their restart. */
  static final String ADDRESS_FILE = "address";

  /** What the events that are under way get at the end; containerd waits 3 s for it. */
  private static final Duration EVENTS_BOUND = Duration.ofSeconds(2);

  /** containerd closes its connection when it has the answer to Shutdown. */
  private static final Duration DISCONNECT_BOUND = Duration.ofSeconds(1);

  /**
   * A shim that has no containers and that nobody is connected to was forgotten: containerd died
   * between starting it and using it.
   */
  private static final Duration FORGOTTEN_BOUND = Duration.ofMinutes(2);

  private final ShimArguments arguments;
  private final ShimLog log;
  private final EventQueue events;
  private final Pods pods;
  private final CountDownLatch end = new CountDownLatch(1);

  private ShimProcess(
      ShimArguments arguments, Path home, Configuration configuration, Optional<Path> server) {
    this.arguments = arguments;
    log = ShimLog.of(arguments.bundle(), arguments.debug());
    events = new EventQueue(server, arguments.namespace(), log::warn);
    pods =
        new Pods(
            new ShimContext(
                arguments.namespace(),
                new HostRuntime(home, configuration),
                Records.store(arguments.namespace()),
                new StandInSpawner(home),
                events,
                log),
            end::countDown);
  }

  /**
   * Serves to the end.
   *
   * @param options an encoded Any, or nothing
   * @param answer gets the address, and is closed then
   * @throws CasemateException when it cannot serve; nothing is left then
   */
  static void run(
      ShimArguments arguments,
      Path home,
      byte[] options,
      Map<String, String> environment,
      OutputStream answer)
      throws IOException {
    Phases phases = new Phases(System.nanoTime());
    String server = environment.getOrDefault("TTRPC_ADDRESS", "");
    ShimProcess shim =
        new ShimProcess(
            arguments,
            home,
            RuntimeOptions.configuration(options),
            server.isEmpty() ? Optional.empty() : Optional.of(Path.of(server)));
    phases.end("shim");
    try {
      if (Files.exists(arguments.bundle().resolve(Spec.FILE_NAME))) {
        shim.pods.begin(new ContainerId(arguments.id()), arguments.bundle(), phases);
      }
      shim.serve(environment.get("MAX_SHIM_VERSION"), answer);
    } finally {
      shim.pods.close();
    }
  }

  private void serve(@Nullable String mostVersion, OutputStream answer) throws IOException {
    List<Service> services = new ArrayList<>();
    for (String name : TaskService.NAMES) {
      services.add(new TaskService(name, pods));
    }
    ShimServer server = ShimServer.listen(services);
    try {
      write(PID_FILE, Long.toString(ProcessHandle.current().pid()));
      write(ADDRESS_FILE, Bootstrap.address(server.socket()));
      answer.write(Bootstrap.answer(server.socket(), mostVersion).getBytes(StandardCharsets.UTF_8));
      // containerd waits for the end of what start prints.
      answer.close();
      awaitEnd(server);
    } finally {
      server.close();
    }
    events.end(EVENTS_BOUND);
    pods.close();
    server.awaitDisconnected(DISCONNECT_BOUND);
  }

  private void write(String name, String content) {
    try {
      Path file = arguments.bundle().resolve(name);
      Path next = arguments.bundle().resolve("." + name);
      Files.writeString(next, content);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException failure) {
      throw new CasemateException(
          ErrorCode.HOST_UNFIT, "write " + name, String.valueOf(failure), "", failure);
    }
  }

  private void awaitEnd(ShimServer server) {
    boolean forgotten = false;
    try {
      while (!end.await(FORGOTTEN_BOUND.toMillis() / 2, TimeUnit.MILLISECONDS)) {
        boolean alone = !pods.isInUse() && !server.isConnected();
        if (alone && forgotten) {
          log.warn("nobody uses this shim: it ends");
          return;
        }
        forgotten = alone;
      }
    } catch (InterruptedException impossible) {
      Thread.currentThread().interrupt();
    }
  }
}
