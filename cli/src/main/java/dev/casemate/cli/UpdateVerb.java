package dev.casemate.cli;

import dev.casemate.cli.line.Flag;
import dev.casemate.cli.line.Flags;
import dev.casemate.cli.line.ParsedLine;
import dev.casemate.core.ContainerState;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.DataSize;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.JsonLimits;
import dev.casemate.model.oci.BlockIo;
import dev.casemate.model.oci.ContainerStatus;
import dev.casemate.model.oci.CpuLimits;
import dev.casemate.model.oci.MemoryLimits;
import dev.casemate.model.oci.PidsLimit;
import dev.casemate.model.oci.Resources;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code update}: changes limits, from flags or from a document. */
final class UpdateVerb implements Action {
  private static final int LEAST_WEIGHT = 10;
  private static final int GREATEST_WEIGHT = 1000;

  @Override
  public int run(Invocation invocation) {
    ContainerId id = invocation.container();
    ContainerStatus status = invocation.host().find(id).status();
    if (status == ContainerStatus.STOPPED) {
      throw new CasemateException(
          ErrorCode.WRONG_STATE,
          "update container " + id,
          "container not running",
          ContainerState.Stopped.ADVICE);
    }
    ParsedLine line = invocation.line();
    refuseRdt(line);
    Resources resources = line.has(Flags.RESOURCES) ? fromDocument(invocation) : fromFlags(line);
    for (String note : invocation.host().update(id, resources)) {
      invocation.log().warn("update of container " + id + ": " + note);
    }
    return 0;
  }

  private static void refuseRdt(ParsedLine line) {
    for (Flag flag : List.of(Flags.L3_CACHE_SCHEMA, Flags.MEM_BW_SCHEMA)) {
      if (!line.text(flag).isEmpty()) {
        throw new CasemateException(
            ErrorCode.UNSUPPORTED,
            "update with --" + flag.name(),
            "Intel RDT of the host does not reach into a virtual machine",
            "leave --" + flag.name() + " away");
      }
    }
  }

  private static Resources fromDocument(Invocation invocation) {
    String file = invocation.line().text(Flags.RESOURCES);
    int bound = JsonLimits.SMALL.bytes();
    String tried = "read the resources";
    byte[] document =
        file.equals("-")
            ? Bundle.read(invocation.input(), bound, tried, "standard input")
            : Bundle.read(Path.of(Invocation.absolute(file)), bound, tried);
    return Resources.parse(document, "resources");
  }

  private static Resources fromFlags(ParsedLine line) {
    Long pids = number(line, Flags.PIDS_LIMIT);
    Integer weight = weight(line);
    return new Resources(
        List.of(),
        memory(line),
        cpu(line),
        pids == null ? null : new PidsLimit(pids),
        weight == null
            ? null
            : new BlockIo(weight, null, List.of(), List.of(), List.of(), List.of(), List.of()),
        List.of(),
        null,
        Map.of(),
        Map.of());
  }

  private static @Nullable MemoryLimits memory(ParsedLine line) {
    if (!hasAny(line, Flags.MEMORY, Flags.MEMORY_RESERVATION, Flags.MEMORY_SWAP)) {
      return null;
    }
    return new MemoryLimits(
        bytes(line, Flags.MEMORY),
        bytes(line, Flags.MEMORY_RESERVATION),
        bytes(line, Flags.MEMORY_SWAP),
        null,
        null,
        null,
        null,
        null,
        null);
  }

  private static @Nullable CpuLimits cpu(ParsedLine line) {
    if (!hasAny(
        line,
        Flags.CPU_SHARE,
        Flags.CPU_QUOTA,
        Flags.CPU_PERIOD,
        Flags.CPU_RT_RUNTIME,
        Flags.CPU_RT_PERIOD,
        Flags.CPUSET_CPUS,
        Flags.CPUSET_MEMS)) {
      return null;
    }
    return new CpuLimits(
        number(line, Flags.CPU_SHARE),
        number(line, Flags.CPU_QUOTA),
        null,
        number(line, Flags.CPU_PERIOD),
        number(line, Flags.CPU_RT_RUNTIME),
        number(line, Flags.CPU_RT_PERIOD),
        line.has(Flags.CPUSET_CPUS) ? line.text(Flags.CPUSET_CPUS) : null,
        line.has(Flags.CPUSET_MEMS) ? line.text(Flags.CPUSET_MEMS) : null,
        null);
  }

  private static boolean hasAny(ParsedLine line, Flag... flags) {
    for (Flag flag : flags) {
      if (line.has(flag)) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable Long number(ParsedLine line, Flag flag) {
    return line.has(flag) ? (Long) line.number(flag, 0) : null;
  }

  private static @Nullable Integer weight(ParsedLine line) {
    if (!line.has(Flags.BLKIO_WEIGHT)) {
      return null;
    }
    long weight = line.number(Flags.BLKIO_WEIGHT, 0);
    if (weight < LEAST_WEIGHT || weight > GREATEST_WEIGHT) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "update with --blkio-weight",
          weight + " is not from " + LEAST_WEIGHT + " to " + GREATEST_WEIGHT,
          "choose one in between");
    }
    return (int) weight;
  }

  /** A size, or -1 for none. */
  private static @Nullable Long bytes(ParsedLine line, Flag flag) {
    if (!line.has(flag)) {
      return null;
    }
    String text = line.text(flag);
    return Long.valueOf(text.equals("-1") ? -1 : DataSize.parse(text).bytes());
  }
}
