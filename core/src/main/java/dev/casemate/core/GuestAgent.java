package dev.casemate.core;

import dev.casemate.model.ContainerId;
import dev.casemate.model.network.PodNetwork;
import dev.casemate.model.oci.ProcessSpec;
import dev.casemate.model.oci.Resources;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The agent in the guest, in domain words. Thread-safe; calls run side by side. Each call has a
 * bound of its own unless it says that it waits for as long as a process lives.
 *
 * <p>Every method throws {@link dev.casemate.model.CasemateException}: AGENT_SILENT when the bound
 * runs out or the channel breaks, else what the agent reported. The guest is not trusted: replies
 * are bounded.
 */
public interface GuestAgent extends GuestDialer, AutoCloseable {
  /** Waits for the agent's first answer, within the bound; tells the agent's version. */
  String greet(Duration bound);

  /** Sets host name, mounts the shares; once, before any container. */
  void prepareSandbox(GuestSandbox sandbox);

  /** Makes the guest's network what is described; what was told before and is not now goes. */
  void configureNetwork(PodNetwork network);

  /** Makes a container, its first process waiting to be started. */
  void createContainer(GuestContainer container);

  /** Lets the container's first process go. */
  void startContainer(ContainerId container);

  /** Starts a further process in a container. */
  void exec(ProcessId id, ProcessSpec process);

  /**
   * Waits for as long as the process lives, then tells its exit code: 0 to 255, 128+n for signal n.
   */
  int waitFor(ProcessId id);

  /** Sends a signal, 1 to 64, to one process. */
  void signal(ProcessId id, int signal);

  /** Sends a signal, 1 to 64, to every process of a container. */
  void signalAll(ContainerId container, int signal);

  /** The process's standard output, or its terminal; ends when nobody can write to it any more. */
  InputStream standardOutput(ProcessId id);

  /** The process's standard error; empty with a terminal. */
  InputStream standardError(ProcessId id);

  /**
   * The process's standard input, or its terminal; closing it gives the process its end of file.
   */
  OutputStream standardInput(ProcessId id);

  /** Sets the size of the process's terminal; rows and columns 1 to 65535. */
  void resizeTerminal(ProcessId id, TerminalSize size);

  /**
   * Hangs up a process's terminal, as when a modem's line is cut: who reads from it finds the end,
   * and its foreground processes get a SIGHUP.
   */
  void hangUp(ProcessId id);

  /** Freezes every process of the container. */
  void pause(ContainerId container);

  /** Undoes {@link #pause}. */
  void resume(ContainerId container);

  /** Changes the container's limits; absent ones stay. */
  void update(ContainerId container, Resources resources);

  /** What the container uses at this moment. */
  ContainerStats stats(ContainerId container);

  /** The container's processes as its guest's kernel sees them. */
  List<GuestProcessInfo> processes(ContainerId container);

  /** Removes a container, killing what is left of it. */
  void removeContainer(ContainerId container);

  /**
   * Waits, for as long as the sandbox lives, for the next container in which the guest's kernel
   * killed a process for memory.
   */
  ContainerId awaitOutOfMemory();

  /** Sets the guest's clock. */
  void setClock(Instant now);

  /** Stops talking to the agent; waiting calls fail. */
  @Override
  void close();
}
