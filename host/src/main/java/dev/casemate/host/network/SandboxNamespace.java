package dev.casemate.host.network;

import dev.casemate.linux.Descriptor;
import dev.casemate.linux.Errno;
import dev.casemate.linux.FileStatus;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.OpenAccess;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.oci.Namespace;
import dev.casemate.model.oci.NamespaceType;
import dev.casemate.model.oci.Spec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The network namespace of a sandbox, given by others or made here; never the host's. Thread-safe.
 */
public final class SandboxNamespace implements AutoCloseable {
  /** The host's namespace is that of its first process; in a container's it is our own. */
  private static final List<Path> HOSTS =
      List.of(Path.of("/proc/self/ns/net"), Path.of("/proc/1/ns/net"));

  private static final Path OF_THIS_THREAD = Path.of("/proc/thread-self/ns/net");

  private final Descriptor descriptor;
  private final Path file;
  private final boolean made;

  private SandboxNamespace(Descriptor descriptor, Path file, boolean made) {
    this.descriptor = descriptor;
    this.file = file;
    this.made = made;
  }

  /**
   * The one that a container's configuration names, or a new one when it names none.
   *
   * @throws CasemateException UNSUPPORTED when it asks for the host's, NOT_FOUND when there is none
   *     where it says, INVALID_ARGUMENT when there is something else
   */
  public static SandboxNamespace of(Spec spec) {
    Namespace asked = spec.linux().namespace(NamespaceType.NETWORK);
    if (asked == null) {
      throw new CasemateException(
          ErrorCode.UNSUPPORTED,
          "share the host's network",
          "the container is in a machine with a kernel and a network of its own",
          "add a namespace of type network to linux.namespaces");
    }
    String path = asked.path();
    return path == null || path.isEmpty() ? make() : open(Path.of(path));
  }

  /**
   * Opens a namespace.
   *
   * @param file one of {@code /proc/PID/ns/net}, or a bind mount of it
   * @throws CasemateException UNSUPPORTED for the host's, NOT_FOUND when there is none,
   *     INVALID_ARGUMENT when it is something else
   */
  static SandboxNamespace open(Path file) {
    String tried = "use the network namespace " + file;
    Descriptor descriptor;
    try {
      descriptor = Descriptor.open(file.toString(), OpenAccess.READ);
    } catch (LinuxException failure) {
      throw new CasemateException(
          failure.errno() == Errno.ENOENT ? ErrorCode.NOT_FOUND : ErrorCode.HOST_UNFIT,
          tried,
          String.valueOf(failure.getMessage()),
          "whoever made the namespace has removed it, or its process has ended",
          failure);
    }
    try {
      if (isHosts(descriptor.status())) {
        throw new CasemateException(
            ErrorCode.UNSUPPORTED,
            tried,
            "it is the host's own, and a machine has a network of its own",
            "give the container a network namespace; hostNetwork pods need another runtime class");
      }
      requireNetwork(descriptor, tried);
      return new SandboxNamespace(descriptor, file, false);
    } catch (RuntimeException failure) {
      descriptor.close();
      throw failure;
    }
  }

  private static void requireNetwork(Descriptor descriptor, String tried) {
    try {
      dev.casemate.linux.Namespace.NETWORK.within(descriptor, () -> true);
    } catch (LinuxException refused) {
      throw new CasemateException(
          refused.errno() == Errno.EINVAL ? ErrorCode.INVALID_ARGUMENT : ErrorCode.HOST_UNFIT,
          tried,
          refused.errno() == Errno.EINVAL
              ? "it is no network namespace"
              : String.valueOf(refused.getMessage()),
          "name a file of /proc/PID/ns/net, or one that it is bind-mounted to; run as root",
          refused);
    }
  }

  /**
   * Makes a namespace. It lives as long as this process has it open, a process is in it, or it is
   * mounted somewhere.
   */
  static SandboxNamespace make() {
    dev.casemate.linux.Namespace network = dev.casemate.linux.Namespace.NETWORK;
    try (Descriptor ours = Descriptor.open(HOSTS.getFirst().toString(), OpenAccess.READ)) {
      Descriptor descriptor =
          network.within(
              ours,
              () -> {
                dev.casemate.linux.Namespace.unshare(network);
                return Descriptor.open(OF_THIS_THREAD.toString(), OpenAccess.READ);
              });
      Path file =
          Path.of(
              "/proc",
              Long.toString(ProcessHandle.current().pid()),
              "fd",
              Integer.toString(descriptor.number()));
      return new SandboxNamespace(descriptor, file, true);
    } catch (LinuxException refused) {
      throw new CasemateException(
          ErrorCode.HOST_UNFIT,
          "make a network namespace",
          String.valueOf(refused.getMessage()),
          "run as root; user.max_net_namespaces may be exhausted",
          refused);
    }
  }

  /** Opens a namespace that was opened before, if that is still its name. */
  static Optional<SandboxNamespace> find(Path file, long inode) {
    Descriptor descriptor;
    try {
      descriptor = Descriptor.open(file.toString(), OpenAccess.READ);
    } catch (LinuxException gone) {
      return Optional.empty();
    }
    if (descriptor.status().inode() == inode) {
      return Optional.of(new SandboxNamespace(descriptor, file, false));
    }
    descriptor.close();
    return Optional.empty();
  }

  private static boolean isHosts(FileStatus namespace) {
    for (Path file : HOSTS) {
      try (Descriptor host = Descriptor.open(file.toString(), OpenAccess.READ)) {
        if (host.status().isSameFile(namespace)) {
          return true;
        }
      } catch (LinuxException unseen) {
        // The first process of another user, or /proc without it: then ours is what counts.
        if (unseen.errno() != Errno.EACCES && unseen.errno() != Errno.ENOENT) {
          throw unseen;
        }
      }
    }
    return false;
  }

  /** Where other processes find it, for as long as this object is open. */
  public Path file() {
    return file;
  }

  /** Whether it was made here, so that its interfaces are yet to come. */
  boolean isMade() {
    return made;
  }

  /**
   * The namespaces of a container in this one: it takes the place of a new one that the container
   * asks for.
   */
  public List<Namespace> forContainer(List<Namespace> namespaces) {
    return namespaces.stream()
        .map(each -> isNewNetwork(each) ? new Namespace(each.type(), file.toString()) : each)
        .toList();
  }

  private static boolean isNewNetwork(Namespace namespace) {
    String path = namespace.path();
    return namespace.type() == NamespaceType.NETWORK && (path == null || path.isEmpty());
  }

  /** The namespace's number, by which it is known again. */
  long inode() {
    return descriptor.status().inode();
  }

  /** Does short work in the namespace, on a thread of its own. */
  <T> T within(Supplier<T> work) {
    return dev.casemate.linux.Namespace.NETWORK.within(descriptor, work);
  }

  @Override
  public String toString() {
    return file.toString();
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
