package dev.casemate.host.storage;

import dev.casemate.core.ContainerStorage;
import dev.casemate.core.FileServiceEnd;
import dev.casemate.core.GuestContainer;
import dev.casemate.core.GuestMount;
import dev.casemate.core.MachineDevice;
import dev.casemate.core.VmmCredentials;
import dev.casemate.hypervisor.Supervisor;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.configuration.QemuConfiguration;
import dev.casemate.model.configuration.SharedFileSystem;
import dev.casemate.model.oci.Mount;
import dev.casemate.model.oci.Spec;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Containers' files as directories of the host: one shared directory a sandbox, {@code RUN/shared},
 * which virtiofsd serves, or else the VMM itself by 9p. Must be used in a mount namespace of the
 * sandbox's own. Thread-safe.
 */
public final class DirectoryStorage implements ContainerStorage {
  private static final String NINE_P_TYPE = "9p";

  /**
   * Largest message of 9p in bytes. Beyond it QEMU's transport splits nothing and gains nothing.
   */
  private static final int NINE_P_MESSAGE_BYTES = 512 * 1024;

  private final Supervisor supervisor;
  private final Path runDirectory;
  private final VmmCredentials vmm;
  private final Options options;
  private final Consumer<String> notes;
  private final CompletableFuture<FileServiceEnd> ended = new CompletableFuture<>();

  /** The host's directories that memory of the guest stands for, in the order of its names. */
  private final List<Path> sharedMemories = new ArrayList<>();

  private @Nullable Shared shared;
  private @Nullable VirtioFsDaemon daemon;

  /**
   * What is to be chosen.
   *
   * @param qemu which file system, daemon and cache
   * @param ninePInGuest whether the guest's kernel has 9p
   * @param scratch where writes to root file systems go that are thrown away with the sandbox, a
   *     directory that is made for them; empty when they go to the root file systems themselves
   * @param seccomp whether containers keep their seccomp profiles
   */
  public record Options(
      QemuConfiguration qemu, boolean ninePInGuest, Optional<Path> scratch, boolean seccomp) {}

  /**
   * Storage of one sandbox.
   *
   * @param runDirectory the sandbox's directory; {@code shared} and the daemon's socket and log are
   *     made in it
   * @param vmm who may connect to the daemon
   * @param notes is told what of a specification is left out, a sentence each
   */
  public DirectoryStorage(
      Supervisor supervisor,
      Path runDirectory,
      VmmCredentials vmm,
      Options options,
      Consumer<String> notes) {
    this.supervisor = supervisor;
    this.runDirectory = runDirectory;
    this.vmm = vmm;
    this.options = options;
    this.notes = notes;
  }

  /**
   * Whether the VMM must run as root: only then can it serve the files of all users by 9p.
   *
   * @throws CasemateException HOST_UNFIT when no way of sharing is there
   */
  public static boolean needsPrivilegedVmm(QemuConfiguration qemu, boolean ninePInGuest) {
    return program(qemu, ninePInGuest).isEmpty();
  }

  /** The daemon to use; empty for 9p. */
  private static Optional<VirtioFsProgram> program(QemuConfiguration qemu, boolean ninePInGuest) {
    Optional<VirtioFsProgram> installed =
        qemu.sharedFs() == SharedFileSystem.VIRTIO_9P
            ? Optional.empty()
            : VirtioFsProgram.find(qemu.virtioFsDaemon());
    if (installed.isPresent()) {
      return installed;
    }
    if (qemu.sharedFs() == SharedFileSystem.VIRTIO_FS) {
      throw new CasemateException(
          ErrorCode.HOST_UNFIT,
          "share files with the machine",
          "no virtiofsd is installed",
          "install the package virtiofsd (Debian 13) or qemu-system-common (Debian 12)");
    }
    if (!ninePInGuest) {
      throw new CasemateException(
          ErrorCode.HOST_UNFIT,
          "share files with the machine",
          "no virtiofsd is installed, and the guest's kernel has no 9p",
          "install the package virtiofsd (Debian 13) or qemu-system-common (Debian 12)");
    }
    return Optional.empty();
  }

  @Override
  public synchronized GuestContainer share(ContainerId id, Path bundle, Spec spec) {
    Path rootfs = rootfs(bundle, spec);
    List<MountDecision> decisions = new MountDecisions(bundle).of(spec.mounts());
    SpecForGuest rewritten =
        SpecForGuest.of(spec, GuestPaths.rootfs(id), "/casemate/" + id.value(), options.seccomp());
    shareRoot(shared().tree(), id, rootfs, spec.root().readonly(), decisions);
    Spec complete = rewritten.spec().withMounts(guestMounts(id, decisions));
    rewritten.notes().forEach(notes);
    return new GuestContainer(id, complete, guestOwn(decisions), false);
  }

  /** What is shared: the directory, and the volumes in it. */
  private record Shared(SharedTree tree, SharedVolumes volumes) {}

  private Shared shared() {
    if (shared == null) {
      SharedTree tree = new SharedTree(runDirectory.resolve("shared"));
      shared = new Shared(tree, new SharedVolumes(tree));
    }
    return shared;
  }

  private static Path rootfs(Path bundle, Spec spec) {
    String path = spec.root().path();
    try {
      Path rootfs = bundle.resolve(path).toRealPath();
      if (Files.isDirectory(rootfs)) {
        return rootfs;
      }
    } catch (NoSuchFileException missing) {
      throw new CasemateException(
          ErrorCode.NOT_FOUND,
          "use the root file system " + path,
          "the directory " + bundle.resolve(path) + " does not exist",
          "correct root.path in config.json, or unpack the image there",
          missing);
    } catch (IOException unreachable) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "use the root file system " + path,
          String.valueOf(unreachable.getMessage()),
          "",
          unreachable);
    }
    throw new CasemateException(
        ErrorCode.INVALID_ARGUMENT,
        "use the root file system " + path,
        bundle.resolve(path) + " is not a directory",
        "correct root.path in config.json");
  }

  private void shareRoot(
      SharedTree tree,
      ContainerId id,
      Path rootfs,
      boolean readOnly,
      List<MountDecision> decisions) {
    if (options.scratch().isPresent()) {
      tree.overlay(
          id.value(),
          GuestPaths.ROOTFS,
          rootfs,
          options.scratch().get().resolve(id.value()),
          false);
      return;
    }
    if (readOnly) {
      MountTargets.make(rootfs, decisions);
    }
    tree.bind(
        id.value(), GuestPaths.ROOTFS, new SharedTree.Binding(rootfs, true, true, false, readOnly));
  }

  /** What the guest mounts before the container, once for all that name it. */
  private List<GuestMount> guestOwn(List<MountDecision> decisions) {
    List<GuestMount> mounts = new ArrayList<>();
    for (MountDecision decision : decisions) {
      if (decision instanceof MountDecision.SharedMemory memory) {
        mounts.addAll(ofGuest(memory));
      }
    }
    return mounts;
  }

  private List<GuestMount> ofGuest(MountDecision.SharedMemory memory) {
    GuestMount whole =
        new GuestMount("ephemeral", "shm", "tmpfs", memory.options(), sharedMemory(memory.source()))
            .outliving();
    if (memory.below().isEmpty()) {
      return List.of(whole);
    }
    String mode = "mode=" + Integer.toOctalString(memory.mode());
    return List.of(
        whole, new GuestMount("local", "local", "local", List.of(mode), place(memory)).outliving());
  }

  private String place(MountDecision.SharedMemory memory) {
    String whole = sharedMemory(memory.source());
    return memory.below().isEmpty() ? whole : whole + "/" + memory.below();
  }

  private String sharedMemory(Path source) {
    int index = sharedMemories.indexOf(source);
    if (index < 0) {
      index = sharedMemories.size();
      sharedMemories.add(source);
    }
    return GuestPaths.sharedMemory(index);
  }

  /** Shares what is to be shared; the mounts as the guest makes them. */
  private List<Mount> guestMounts(ContainerId id, List<MountDecision> decisions) {
    List<Mount> mounts = new ArrayList<>();
    for (MountDecision decision : decisions) {
      mounts.add(
          switch (decision) {
            case MountDecision.InGuest inGuest -> inGuest.mount();
            case MountDecision.Share share ->
                share
                    .mount()
                    .withSource(
                        "bind", GuestPaths.volume(bind(id, share)), share.mount().options());
            case MountDecision.SharedMemory memory ->
                memory.mount().withSource("bind", place(memory), memory.mount().options());
          });
    }
    return mounts;
  }

  private String bind(ContainerId id, MountDecision.Share share) {
    return shared()
        .volumes()
        .bind(
            id,
            new SharedTree.Binding(
                share.source(),
                share.directory(),
                share.recursive(),
                share.followsHost(),
                share.mount().isReadOnly()));
  }

  @Override
  public synchronized void release(ContainerId id) {
    if (shared != null) {
      shared.volumes().release(id);
      shared.tree().remove(id.value());
    }
  }

  @Override
  public synchronized List<MachineDevice> open() {
    Path root = shared().tree().root();
    Optional<VirtioFsProgram> program = program(options.qemu(), options.ninePInGuest());
    if (program.isEmpty()) {
      return List.of(new MachineDevice.NineP(GuestPaths.TAG, root));
    }
    Path socket = socket(runDirectory);
    daemon =
        VirtioFsDaemon.start(
            supervisor,
            program.get(),
            root,
            options.qemu().virtioFsCache(),
            socket,
            vmm,
            runDirectory.resolve("virtiofsd.log"));
    var _ = daemon.ended().thenAccept(ended::complete);
    return List.of(new MachineDevice.VirtioFs(GuestPaths.TAG, socket));
  }

  private static Path socket(Path runDirectory) {
    return runDirectory.resolve("virtiofsd.sock");
  }

  /** Removes what a killed daemon leaves outside of its sandbox's directory. */
  public static void removeTraces(Path runDirectory) {
    VirtioFsDaemon.removeTraces(socket(runDirectory));
  }

  /** The daemon's process id; empty before {@link #open} and with 9p. */
  public synchronized Optional<Long> daemonPid() {
    return daemon == null ? Optional.empty() : Optional.of(daemon.pid());
  }

  @Override
  public CompletableFuture<FileServiceEnd> ended() {
    return ended.copy();
  }

  @Override
  public List<GuestMount> guestMounts() {
    // No device file on it may be opened: those of a container are on its own /dev.
    if (program(options.qemu(), options.ninePInGuest()).isPresent()) {
      return List.of(
          new GuestMount(
              "virtio-fs", GuestPaths.TAG, "virtiofs", List.of("nodev"), GuestPaths.SHARED));
    }
    return List.of(
        new GuestMount(
            NINE_P_TYPE,
            GuestPaths.TAG,
            NINE_P_TYPE,
            List.of(
                "nodev",
                "trans=virtio",
                "version=9p2000.L",
                "cache=mmap",
                "msize=" + NINE_P_MESSAGE_BYTES),
            GuestPaths.SHARED));
  }

  @Override
  public synchronized void close() {
    CasemateException first = null;
    try {
      if (daemon != null) {
        daemon.close();
      }
    } catch (CasemateException failure) {
      first = failure;
    }
    daemon = null;
    try {
      if (shared != null) {
        shared.tree().close();
      }
      options.scratch().ifPresent(DirectoryStorage::deleteAll);
    } catch (CasemateException failure) {
      first = first == null ? failure : first;
    }
    shared = null;
    if (first != null) {
      throw first;
    }
  }

  /**
   * Removes the layers of root file systems: nothing is mounted in there, links are not followed.
   */
  private static void deleteAll(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    try {
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
                throws IOException {
              if (failure != null) {
                throw failure;
              }
              Files.delete(visited);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException failure) {
      throw new CasemateException(
          ErrorCode.HOST_UNFIT,
          "remove " + directory,
          String.valueOf(failure.getMessage()),
          "",
          failure);
    }
  }
}
