package dev.casemate.host.caller;

import dev.casemate.linux.ChildCommand;
import dev.casemate.linux.Descriptor;
import dev.casemate.linux.Errno;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.OpenAccess;
import dev.casemate.linux.Pidfd;
import dev.casemate.linux.Pipe;
import dev.casemate.linux.Signal;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.oci.Namespace;
import dev.casemate.model.oci.NamespaceType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Spawns stand-ins as children of this process, in the namespaces that a configuration names or
 * wants new. Thread-safe: each spawn is a thread's whole life, since a thread that has changed its
 * namespaces is of no other use.
 */
public final class StandInSpawner {
  private static final String SHELL = "/bin/sh";
  private static final List<String> ENVIRONMENT =
      List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");

  private final Path home;

  /**
   * A spawner.
   *
   * @param home the installation's directory
   */
  public StandInSpawner(Path home) {
    this.home = home;
  }

  /**
   * Spawns one for a container's first process. What it does with its signals is up to the
   * consumer, which is called on a thread of the stand-in's.
   *
   * @param directory where its FIFOs go
   * @param name begins the names of FIFOs and threads, unique in the directory
   * @param namespaces those of the container; what only means something in the guest is left out
   * @throws CasemateException NOT_FOUND for a namespace that is not there any more
   */
  public StandIn first(
      Path directory, String name, List<Namespace> namespaces, Consumer<Signal> signals) {
    StandInPipes pipes = StandInPipes.make(directory, name);
    try (Descriptor nothing = Descriptor.open("/dev/null", OpenAccess.READ_WRITE)) {
      ChildCommand command =
          command(
                  SHELL,
                  home.resolve("libexec/stand-in").toString(),
                  pipes.fifos().orders().toString(),
                  pipes.fifos().reports().toString())
              .withDescriptors(nothing, nothing, nothing);
      int pid =
          spawn(() -> {
            enter(namespaces);
            return command.start();
          });
      ReportingStandIn standIn = new ReportingStandIn(pipes, Pidfd.open(pid), true);
      pipes.order("taken");
      standIn.listen("stand-in-" + name, signals);
      return standIn;
    } catch (LinuxException refused) {
      pipes.close();
      throw failed(refused);
    } catch (RuntimeException failure) {
      pipes.close();
      throw failure;
    }
  }

  /**
   * Spawns one for a further process, in the namespaces of the first one's.
   *
   * @param first the stand-in of the container's first process
   * @param label is seen in the list of processes
   */
  public StandIn further(StandIn first, String label) {
    Pipe orders = Pipe.open();
    try (Descriptor nothing = Descriptor.open("/dev/null", OpenAccess.READ_WRITE)) {
      ChildCommand command =
          command(SHELL, "-c", PlainStandIn.SCRIPT, "casemate-stand-in " + label)
              .withDescriptors(orders.readEnd(), nothing, nothing);
      int pid =
          spawn(() -> {
            enterThoseOf(first.pid());
            return command.start();
          });
      orders.readEnd().close();
      return new PlainStandIn(Pidfd.open(pid), orders);
    } catch (LinuxException refused) {
      orders.close();
      throw failed(refused);
    } catch (RuntimeException failure) {
      orders.close();
      throw failure;
    }
  }

  private static ChildCommand command(String... words) {
    return ChildCommand.of(List.of(words))
        .withEnvironment(ENVIRONMENT)
        .withDirectory("/")
        .withNewSession();
  }

  private static CasemateException failed(LinuxException refused) {
    return new CasemateException(
        ErrorCode.HOST_UNFIT,
        "spawn the container's stand-in",
        String.valueOf(refused.getMessage()),
        "run as root on Linux 5.8 or later",
        refused);
  }

  /** One spawn, on its own thread. */
  private static final class Spawn implements Runnable {
    private final IntSupplier task;
    private int pid;
    private @Nullable RuntimeException failure;

    Spawn(IntSupplier task) {
      this.task = task;
    }

    @Override
    public void run() {
      try {
        pid = task.getAsInt();
      } catch (RuntimeException refused) {
        failure = refused;
      }
    }
  }

  /**
   * Waits for the thread's end, and not for a word of it: whom it wakes might need a new thread,
   * which would be born in the thread's namespaces.
   */
  private static int spawn(IntSupplier task) {
    Spawn spawn = new Spawn(task);
    Thread thread = Thread.ofPlatform().daemon().name("stand-in-spawner").start(spawn);
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        // Bounded by what it does: a few system calls and an exec.
        thread.join();
      } catch (InterruptedException again) {
        // A child that nobody knows of must not stay.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (spawn.failure != null) {
      throw spawn.failure;
    }
    return spawn.pid;
  }

  private static void enter(List<Namespace> namespaces) {
    Map<NamespaceType, dev.casemate.linux.Namespace> kinds = kinds();
    List<dev.casemate.linux.Namespace> fresh = new ArrayList<>();
    for (Namespace namespace : namespaces) {
      dev.casemate.linux.Namespace kind = kinds.get(namespace.type());
      if (kind == null) {
        continue;
      }
      String path = namespace.path();
      if (path == null || path.isEmpty()) {
        fresh.add(kind);
      } else {
        join(namespace.type(), kind, path);
      }
    }
    if (!fresh.isEmpty()) {
      dev.casemate.linux.Namespace.unshare(fresh.toArray(new dev.casemate.linux.Namespace[0]));
    }
  }

  private static void join(NamespaceType type, dev.casemate.linux.Namespace kind, String path) {
    try (Descriptor namespace = Descriptor.open(path, OpenAccess.READ)) {
      kind.enter(namespace);
    } catch (LinuxException refused) {
      throw new CasemateException(
          refused.errno() == Errno.ENOENT ? ErrorCode.NOT_FOUND : ErrorCode.INVALID_ARGUMENT,
          "join the " + type.text() + " namespace " + path,
          String.valueOf(refused.getMessage()),
          "whoever made it has removed it; make the pod or the network again",
          refused);
    }
  }

  private static void enterThoseOf(long pid) {
    try (Pidfd first = Pidfd.open(Math.toIntExact(pid))) {
      dev.casemate.linux.Namespace.enterThoseOf(
          first,
          dev.casemate.linux.Namespace.NETWORK,
          dev.casemate.linux.Namespace.IPC,
          dev.casemate.linux.Namespace.UTS);
    }
  }

  /** What callers look for on the host. Mounts and users are the guest's alone. */
  private static Map<NamespaceType, dev.casemate.linux.Namespace> kinds() {
    Map<NamespaceType, dev.casemate.linux.Namespace> kinds = new EnumMap<>(NamespaceType.class);
    kinds.put(NamespaceType.NETWORK, dev.casemate.linux.Namespace.NETWORK);
    kinds.put(NamespaceType.UTS, dev.casemate.linux.Namespace.UTS);
    kinds.put(NamespaceType.IPC, dev.casemate.linux.Namespace.IPC);
    kinds.put(NamespaceType.PID, dev.casemate.linux.Namespace.PID);
    return kinds;
  }
}
