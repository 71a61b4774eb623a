package dev.casemate.host.state;

import dev.casemate.core.ExitStatus;
import dev.casemate.core.MachineSummary;
import dev.casemate.core.Phases.Phase;
import dev.casemate.model.ContainerId;
import dev.casemate.model.Rfc3339;
import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonLimits;
import dev.casemate.model.json.JsonObject;
import dev.casemate.model.oci.ContainerStatus;
import dev.casemate.model.oci.Hook;
import dev.casemate.model.oci.State;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the verbs need to know of a container without asking anybody, and everything that
 * its removal needs when its monitor is dead.
 *
 * @param id its name
 * @param ociVersion its configuration's version
 * @param status where it was when this was written; a dead monitor makes it stopped
 * @param pid the stand-in's process id, 0 when it has none (any more)
 * @param bundle its bundle
 * @param rootfs its root file system on the host
 * @param annotations of its configuration
 * @param created when it was made
 * @param owner user id of who made it
 * @param monitor the process that looks after it
 * @param runDirectory the sandbox's sockets, pipes and mount points
 * @param cgroups the control groups that were made for it, each a directory
 * @param poststop what to run after its removal
 * @param machine its virtual machine, or null while there is none
 * @param phases how its start went
 * @param exit how its first process ended, or null
 */
public record ContainerRecord(
    ContainerId id,
    String ociVersion,
    ContainerStatus status,
    int pid,
    Path bundle,
    Path rootfs,
    Map<String, String> annotations,
    Instant created,
    int owner,
    ProcessIdentity monitor,
    Path runDirectory,
    List<Path> cgroups,
    List<Hook> poststop,
    @Nullable MachineSummary machine,
    List<Phase> phases,
    @Nullable ExitStatus exit) {
  /** The version of this document; another one is refused. */
  public static final int FORMAT = 1;

  /** It holds annotations and hooks of a configuration, laid out for people, and little else. */
  static final JsonLimits LIMITS =
      new JsonLimits(4 * JsonLimits.OCI.bytes(), JsonLimits.OCI.depth());

  /** Copies what is mutable. */
  public ContainerRecord {
    annotations = Map.copyOf(annotations);
    cgroups = List.copyOf(cgroups);
    poststop = List.copyOf(poststop);
    phases = List.copyOf(phases);
  }

  /** The status now: what is written, unless the monitor died and its machine with it. */
  public ContainerStatus statusNow() {
    return status == ContainerStatus.STOPPED || monitor.isAlive()
        ? status
        : ContainerStatus.STOPPED;
  }

  /** Why it ended, when that was not its first process's own doing. */
  public Optional<String> reasonOfEnd() {
    if (exit != null) {
      return exit.reason();
    }
    return statusNow() == ContainerStatus.STOPPED
        ? Optional.of("the process that looked after it died, and the machine with it")
        : Optional.empty();
  }

  /** The container as the runtime specification shows it. */
  public State ociState() {
    ContainerStatus now = statusNow();
    return new State(
        ociVersion,
        id,
        now,
        now == ContainerStatus.STOPPED ? 0 : pid,
        bundle.toString(),
        annotations);
  }

  /** The socket on which its monitor takes requests. */
  public Path controlSocket() {
    return new RunDirectory(runDirectory).controlSocket();
  }

  /** The same in another state. */
  public ContainerRecord with(ContainerStatus newStatus, @Nullable ExitStatus newExit) {
    return with(newStatus, pid, cgroups, machine, phases, newExit);
  }

  /** The same with the control groups as they came to be. */
  public ContainerRecord in(List<Path> newCgroups) {
    return with(status, pid, newCgroups, machine, phases, exit);
  }

  /**
   * The same with what came to be known when its machine ran; created, unless it ended meanwhile.
   */
  public ContainerRecord made(int newPid, MachineSummary newMachine, List<Phase> newPhases) {
    ContainerStatus newStatus =
        status == ContainerStatus.STOPPED ? status : ContainerStatus.CREATED;
    return with(newStatus, newPid, cgroups, newMachine, newPhases, exit);
  }

  /** The same with other values of all that changes in a container's life. */
  private ContainerRecord with(
      ContainerStatus newStatus,
      int newPid,
      List<Path> newCgroups,
      @Nullable MachineSummary newMachine,
      List<Phase> newPhases,
      @Nullable ExitStatus newExit) {
    return new ContainerRecord(
        id,
        ociVersion,
        newStatus,
        newPid,
        bundle,
        rootfs,
        annotations,
        created,
        owner,
        monitor,
        runDirectory,
        newCgroups,
        poststop,
        newMachine,
        newPhases,
        newExit);
  }

  /** Writes it. */
  public JsonObject toJson() {
    List<JsonObject> hooks = new ArrayList<>();
    for (Hook hook : poststop) {
      hooks.add(hook.toJson());
    }
    List<String> groups = new ArrayList<>();
    for (Path cgroup : cgroups) {
      groups.add(cgroup.toString());
    }
    return JsonObject.builder()
        .put("format", FORMAT)
        .put("id", id.value())
        .put("ociVersion", ociVersion)
        .put("status", status.text())
        .put("pid", pid)
        .put("bundle", bundle.toString())
        .put("rootfs", rootfs.toString())
        .putStrings("annotations", annotations)
        .put("created", Rfc3339.text(created))
        .put("owner", owner)
        .put("monitor", monitor.toJson())
        .put("runDirectory", runDirectory.toString())
        .putStrings("cgroups", groups)
        .putArray("poststop", hooks)
        .put("machine", machine == null ? null : machineJson(machine))
        .putArray("phases", phasesJson(phases))
        .put("exit", exit == null ? null : exitJson(exit))
        .build();
  }

  /** Phases as messages and records carry them. */
  public static List<JsonObject> phasesJson(List<Phase> phases) {
    List<JsonObject> written = new ArrayList<>();
    for (Phase phase : phases) {
      written.add(
          JsonObject.builder()
              .put("name", phase.name())
              .put("endMicros", phase.end().toNanos() / 1000)
              .build());
    }
    return written;
  }

  /** Phases read back. */
  public static List<Phase> phases(JsonCursor at, String name) {
    List<Phase> phases = new ArrayList<>();
    for (JsonCursor phase : at.elements(name)) {
      phases.add(
          new Phase(
              phase.require("name").text(),
              Duration.ofNanos(
                  phase.require("endMicros").integer(0, Long.MAX_VALUE / 1000) * 1000)));
    }
    return phases;
  }

  /** A machine as messages and records carry it. */
  public static JsonObject machineJson(MachineSummary machine) {
    return JsonObject.builder()
        .put("vmm", machine.vmm())
        .put("machine", machine.machine())
        .put("accelerator", machine.accelerator().name())
        .put("channel", machine.channel())
        .put("kernelRelease", machine.kernelRelease())
        .put("vcpus", machine.vcpus())
        .put("memoryBytes", machine.memoryBytes())
        .build();
  }

  /** A machine read back. */
  public static MachineSummary machine(JsonCursor at) {
    return new MachineSummary(
        at.require("vmm").text(),
        at.require("machine").text(),
        accelerator(at.require("accelerator")),
        at.require("channel").text(),
        at.require("kernelRelease").text(),
        at.require("vcpus").int32(),
        at.require("memoryBytes").integer(0, Long.MAX_VALUE));
  }

  /** By a loop: valueOf reflects, which costs the interpreted JVM of a command milliseconds. */
  private static MachineSummary.Accelerator accelerator(JsonCursor at) {
    for (MachineSummary.Accelerator accelerator : MachineSummary.Accelerator.values()) {
      if (accelerator.name().equals(at.text())) {
        return accelerator;
      }
    }
    throw at.error("there is no such accelerator", "");
  }

  private static JsonObject exitJson(ExitStatus exit) {
    return JsonObject.builder()
        .put("code", exit.code())
        .put("at", Rfc3339.text(exit.at()))
        .put("reason", exit.reason().orElse(null))
        .build();
  }

  /** Reads it back. */
  public static ContainerRecord parse(JsonCursor at) {
    at.require("format").integer(FORMAT, FORMAT);
    List<Path> cgroups = new ArrayList<>();
    for (String cgroup : at.texts("cgroups")) {
      cgroups.add(Path.of(cgroup));
    }
    JsonCursor machine = at.find("machine");
    JsonCursor exit = at.find("exit");
    return new ContainerRecord(
        new ContainerId(at.require("id").text()),
        at.require("ociVersion").text(),
        status(at.require("status")),
        at.require("pid").int32(),
        Path.of(at.require("bundle").text()),
        Path.of(at.require("rootfs").text()),
        at.textMap("annotations"),
        Rfc3339.parse(at.require("created").text()),
        at.require("owner").int32(),
        ProcessIdentity.parse(at.require("monitor")),
        Path.of(at.require("runDirectory").text()),
        cgroups,
        poststop(at),
        machine == null ? null : machine(machine),
        phases(at, "phases"),
        exit == null ? null : exit(exit));
  }

  private static List<Hook> poststop(JsonCursor at) {
    List<Hook> hooks = new ArrayList<>();
    for (JsonCursor hook : at.elements("poststop")) {
      hooks.add(Hook.parse(hook));
    }
    return hooks;
  }

  private static ContainerStatus status(JsonCursor at) {
    for (ContainerStatus status : ContainerStatus.values()) {
      if (status.text().equals(at.text())) {
        return status;
      }
    }
    throw at.error("there is no such status", "");
  }

  private static ExitStatus exit(JsonCursor at) {
    return new ExitStatus(
        at.require("code").int32(),
        Rfc3339.parse(at.require("at").text()),
        Optional.ofNullable(at.text("reason")));
  }
}
