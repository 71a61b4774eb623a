package dev.casemate.core;

import dev.casemate.model.ContainerId;
import dev.casemate.model.oci.Spec;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The files of a sandbox's containers, made reachable from its machine. */
public interface ContainerStorage extends AutoCloseable {
  /**
   * Makes a container's root file system and volumes reachable, and rewrites its spec for the
   * guest; before the machine starts or while it runs.
   *
   * @param bundle the directory that relative paths of the spec are relative to
   */
  GuestContainer share(ContainerId id, Path bundle, Spec spec);

  /**
   * Takes a container's files away from the machine again; a container that has none is no error.
   * Never touches what was shared.
   */
  void release(ContainerId id);

  /** Starts what serves the files; the devices that a machine needs to reach it. */
  List<MachineDevice> open();

  /** What the guest mounts to reach it. */
  List<GuestMount> guestMounts();

  /**
   * Completes when what serves the files ends before {@link #close}. A machine's end takes it
   * along, so this alone does not tell who died first.
   */
  CompletableFuture<FileServiceEnd> ended();

  /** Undoes everything; mounts, file daemon, directories. Never touches what it shared. */
  @Override
  void close();
}
