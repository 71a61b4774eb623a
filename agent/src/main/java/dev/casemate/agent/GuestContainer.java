package dev.casemate.agent;

import dev.casemate.protocol.agent.Mount;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One container that the runtime has made: its processes, its cgroup, and what goes with it.
 * Thread-safe; no lock is held while anything runs or waits.
 */
final class GuestContainer {
  /** A further process beyond this many is refused. */
  private static final int MAX_PROCESSES = 1024;

  // Kept after their end for whoever asks late; beyond it the oldest are forgotten.
  private static final int MAX_ENDED = 128;

  private final String id;
  private final CgroupFiles cgroup;
  private final Facts facts;
  private final ContainerProcess first;
  private final Map<String, ContainerProcess> further = new LinkedHashMap<>();
  private boolean started;
  private boolean paused;

  /**
   * What later requests ask about a container.
   *
   * @param storages that {@link Storages#remove} takes
   * @param mounts of the spec
   * @param terminationLog the path in the container that Kubernetes reads a last message from;
   *     empty for none
   * @param oomScoreAdj of all its processes, -1000 to 1000
   */
  record Facts(List<String> storages, List<Mount> mounts, String terminationLog, int oomScoreAdj) {
    Facts {
      storages = List.copyOf(storages);
      mounts = List.copyOf(mounts);
    }
  }

  /** A container whose first process waits for its start. */
  GuestContainer(String id, CgroupFiles cgroup, Facts facts, ContainerProcess first) {
    this.id = id;
    this.cgroup = cgroup;
    this.facts = facts;
    this.first = first;
  }

  String id() {
    return id;
  }

  CgroupFiles cgroup() {
    return cgroup;
  }

  Facts facts() {
    return facts;
  }

  ContainerProcess first() {
    return first;
  }

  /** The process with the exec id, the first one for the empty id; null when there is none. */
  synchronized @Nullable ContainerProcess process(String execId) {
    // The container's own id names its first process too, as in the reference.
    if (execId.isEmpty() || execId.equals(id)) {
      return first;
    }
    return further.get(execId);
  }

  /** All processes that requests started and that are not forgotten. */
  synchronized List<ContainerProcess> processes() {
    List<ContainerProcess> all = new ArrayList<>(further.size() + 1);
    all.add(first);
    all.addAll(further.values());
    return all;
  }

  /** Whether its first process still is. */
  boolean alive() {
    return !first.child().ended();
  }

  /**
   * Notes that its first process is to run.
   *
   * @throws dev.casemate.model.CasemateException WRONG_STATE when it was started before or has
   *     ended
   */
  synchronized void start() {
    if (started || !alive()) {
      throw RequestError.wrongState(
          "start the container " + id, started ? "it was started before" : "it has ended");
    }
    started = true;
  }

  /** Takes {@link #start()} back. */
  synchronized void startFailed() {
    started = false;
  }

  /**
   * Refuses an exec that cannot go well.
   *
   * @throws dev.casemate.model.CasemateException WRONG_STATE when the container has ended or is
   *     paused; ALREADY_EXISTS, EXHAUSTED
   */
  synchronized void checkExec(String execId) {
    String tried = "execute a process in the container " + id;
    if (!alive()) {
      throw RequestError.wrongState(tried, "it has ended");
    }
    if (paused) {
      throw RequestError.wrongState(tried, "it is paused");
    }
    ContainerProcess same = further.get(execId);
    if (execId.isEmpty() || execId.equals(id) || (same != null && !same.finished())) {
      throw RequestError.alreadyExists(tried, "the exec id is in use");
    }
    forgetEnded();
    if (further.size() >= MAX_PROCESSES) {
      throw RequestError.exhausted(tried, "it has " + MAX_PROCESSES + " processes");
    }
  }

  /** Enters a further process. */
  synchronized void add(ContainerProcess process) {
    ContainerProcess before = further.put(process.execId(), process);
    if (before != null) {
      before.streams().close();
    }
  }

  private void forgetEnded() {
    int ended = count(further.values());
    Iterator<ContainerProcess> each = further.values().iterator();
    while (ended > MAX_ENDED && each.hasNext()) {
      ContainerProcess process = each.next();
      if (process.child().ended()) {
        process.streams().close();
        each.remove();
        ended--;
      }
    }
  }

  private static int count(Collection<ContainerProcess> processes) {
    int ended = 0;
    for (ContainerProcess process : processes) {
      if (process.child().ended()) {
        ended++;
      }
    }
    return ended;
  }

  /** Notes whether it is frozen. */
  synchronized void paused(boolean now) {
    paused = now;
  }

  /** Whether it is frozen. */
  synchronized boolean paused() {
    return paused;
  }

  /** Gives up all streams. */
  void closeStreams() {
    for (ContainerProcess process : processes()) {
      process.streams().close();
    }
  }
}
