package dev.casemate.shim;

import com.google.protobuf.Empty;
import dev.casemate.core.ExitStatus;
import dev.casemate.host.ContainerRemoval;
import dev.casemate.host.hooks.HostHooks;
import dev.casemate.host.state.ContainerRecord;
import dev.casemate.host.state.ProcessIdentity;
import dev.casemate.host.state.StateStore;
import dev.casemate.host.state.StoredState;
import dev.casemate.linux.Signal;
import dev.casemate.model.ContainerId;
import dev.casemate.protocol.TtrpcClient;
import dev.casemate.protocol.TtrpcException;
import dev.casemate.shim.containerd.DeleteRequest;
import dev.casemate.shim.containerd.DeleteResponse;
import dev.casemate.shim.containerd.KillRequest;
import dev.casemate.shim.containerd.WaitRequest;
import dev.casemate.shim.containerd.WaitResponse;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What {@code delete} does: removes what is left of a container whose shim containerd cannot reach
 * any more, and tells how the container ended.
 */
final class DeadShim {
  private static final String SERVICE = TaskService.NAMES.getFirst();

  /** A shim that lives answers at once; its guest may need a while to kill. */
  private static final Duration CALL_BOUND = Duration.ofSeconds(20);

  private final StateStore store;
  private final ContainerId id;
  private final Path bundle;

  DeadShim(ShimArguments arguments) {
    store = Records.store(arguments.namespace());
    id = new ContainerId(arguments.id());
    bundle = arguments.bundle();
  }

  /** Removes everything, and tells what containerd passes on as the container's end. */
  DeleteResponse delete() {
    DeleteResponse.Builder response =
        DeleteResponse.newBuilder()
            .setExitStatus(ExitStatus.MACHINE_DIED)
            .setExitedAt(Timestamps.of(Instant.now()));
    if (store.find(id) instanceof StoredState.Present present) {
      ContainerRecord record = present.container();
      response.setPid(record.pid());
      Optional.ofNullable(record.exit())
          .ifPresent(
              exit -> response.setExitStatus(exit.code()).setExitedAt(Timestamps.of(exit.at())));
      remove(record);
    } else {
      store.remove(id);
    }
    return response.build();
  }

  private void remove(ContainerRecord record) {
    boolean alive = record.monitor().isAlive();
    boolean ownsSandbox = !record.cgroups().isEmpty();
    if (ownsSandbox) {
      if (alive) {
        kill(record.monitor());
      }
      new ContainerRemoval(store, new HostHooks(DeadShim::ignore)).remove(id, true);
      removeSocket();
    } else {
      if (alive) {
        askToRemove();
      }
      store.remove(id);
    }
  }

  private static void kill(ProcessIdentity shim) {
    ProcessHandle.of(shim.pid()).ifPresent(ProcessHandle::destroyForcibly);
  }

  /** The shim of a pod lives, and only its connection for this container was lost. */
  private void askToRemove() {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()));
        TtrpcClient client =
            new TtrpcClient(
                Channels.newInputStream(channel), Channels.newOutputStream(channel), channel)) {
      try {
        client.call(
            SERVICE,
            "Kill",
            KillRequest.newBuilder()
                .setId(id.value())
                .setSignal(Signal.KILL.number())
                .setAll(true)
                .build(),
            Empty.parser(),
            CALL_BOUND);
        client.call(
            SERVICE,
            "Wait",
            WaitRequest.newBuilder().setId(id.value()).build(),
            WaitResponse.parser(),
            CALL_BOUND);
      } finally {
        client.call(
            SERVICE,
            "Delete",
            DeleteRequest.newBuilder().setId(id.value()).build(),
            DeleteResponse.parser(),
            CALL_BOUND);
      }
    } catch (IOException | TtrpcException unreachable) {
      // Its record goes all the same; the rest goes with the pod.
    }
  }

  private Path socket() throws IOException {
    String address = Files.readString(bundle.resolve(ShimProcess.ADDRESS_FILE)).strip();
    return Path.of(address.startsWith("unix://") ? address.substring(7) : address);
  }

  private void removeSocket() {
    try {
      Path socket = socket();
      if (socket.startsWith("/run/casemate/shim")) {
        Files.deleteIfExists(socket);
      }
    } catch (IOException none) {
      // It was never written.
    }
  }

  /** A poststop hook that fails changes nothing for whoever deletes (runtime-spec, "Lifecycle"). */
  private static void ignore(String warning) {}
}
