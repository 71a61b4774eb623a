package dev.casemate.cli;

import dev.casemate.cli.image.ImageConfig;
import dev.casemate.cli.image.ImageUser;
import dev.casemate.cli.line.Flag;
import dev.casemate.cli.line.Flags;
import dev.casemate.cli.line.ParsedLine;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.DataSize;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.oci.Capabilities;
import dev.casemate.model.oci.CpuLimits;
import dev.casemate.model.oci.LinuxSpec;
import dev.casemate.model.oci.MemoryLimits;
import dev.casemate.model.oci.Mount;
import dev.casemate.model.oci.ProcessSpec;
import dev.casemate.model.oci.Resources;
import dev.casemate.model.oci.Rlimit;
import dev.casemate.model.oci.Root;
import dev.casemate.model.oci.Spec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The configuration of an image's container: what the image says, changed by the flags. */
final class ImageSpec {
  /** Microseconds; the period that Docker and the kernel use by default. */
  private static final long CPU_PERIOD = 100_000;

  private static final double MOST_CPUS = 1024;
  private static final int LONGEST_HOST_NAME = 63;
  private static final long OPEN_FILES = 1 << 20;

  private ImageSpec() {}

  static Spec of(Invocation invocation, ImageConfig config, Path rootfs, ContainerId id) {
    ParsedLine line = invocation.line();
    List<String> capabilities = StartingSpec.IMAGE_CAPABILITIES;
    ProcessSpec process =
        new ProcessSpec(
            line.has(Flags.TTY),
            null,
            ImageUser.resolve(rootfs, line.textOr(Flags.RUN_USER, config.user())),
            command(line, config),
            environment(invocation, config),
            absolute(line.textOr(Flags.WORKDIR, config.workingDirectory()), Flags.WORKDIR),
            new Capabilities(capabilities, capabilities, List.of(), capabilities, List.of()),
            List.of(new Rlimit("RLIMIT_NOFILE", OPEN_FILES, OPEN_FILES)),
            false,
            null,
            null,
            null,
            null,
            null,
            null);
    String hostname = line.textOr(Flags.HOSTNAME, id.value());
    hostname = hostname.substring(0, Math.min(hostname.length(), LONGEST_HOST_NAME));
    List<Mount> mounts = new ArrayList<>(StartingSpec.mounts());
    for (String volume : line.list(Flags.VOLUME)) {
      mounts.add(volume(volume));
    }
    Root root = new Root(rootfs.toString(), line.has(Flags.READ_ONLY));
    Spec spec = StartingSpec.of(process, root, hostname, mounts);
    return spec.withLinux(limited(spec.linux(), line));
  }

  private static List<String> command(ParsedLine line, ImageConfig config) {
    List<String> command = new ArrayList<>();
    if (line.has(Flags.ENTRYPOINT)) {
      command.add(line.text(Flags.ENTRYPOINT));
    } else {
      command.addAll(config.entrypoint());
    }
    if (!line.arguments().isEmpty()) {
      command.addAll(line.arguments());
    } else if (!line.has(Flags.ENTRYPOINT)) {
      command.addAll(config.command());
    }
    if (command.isEmpty()) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "run the image",
          "there is no command, and the image names none",
          "write one behind the flags: casemate run --image IMAGE COMMAND");
    }
    return command;
  }

  private static List<String> environment(Invocation invocation, ImageConfig config) {
    ParsedLine line = invocation.line();
    List<String> environment = new ArrayList<>();
    if (!hasPath(config.environment())) {
      environment.add(StartingSpec.PATH);
    }
    environment.addAll(config.environment());
    if (line.has(Flags.TTY)) {
      environment.add("TERM=" + invocation.environment().getOrDefault("TERM", "xterm"));
    }
    for (String variable : line.list(Flags.ENV)) {
      String value = invocation.environment().get(variable);
      if (variable.indexOf('=') > 0) {
        environment.add(variable);
      } else if (value != null) {
        // As in docker run: a name alone passes the caller's own value on.
        environment.add(variable + "=" + value);
      }
    }
    return environment;
  }

  private static boolean hasPath(List<String> environment) {
    for (String variable : environment) {
      if (variable.startsWith("PATH=")) {
        return true;
      }
    }
    return false;
  }

  private static Mount volume(String text) {
    String[] parts = text.split(":", -1);
    boolean valid =
        parts.length == 2
            || (parts.length == 3 && (parts[2].equals("ro") || parts[2].equals("rw")));
    if (!valid || parts[0].isEmpty()) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "share '" + text + "'",
          "it is not SOURCE:DESTINATION or SOURCE:DESTINATION:ro",
          "write for example --volume /data:/data:ro");
    }
    String source = Invocation.absolute(parts[0]);
    if (!Files.exists(Path.of(source))) {
      throw new CasemateException(
          ErrorCode.NOT_FOUND, "share " + source, "it does not exist", "make it first");
    }
    String access = parts.length == 3 ? parts[2] : "rw";
    return new Mount(
        absolute(parts[1], Flags.VOLUME),
        "bind",
        source,
        List.of("rbind", access),
        List.of(),
        List.of());
  }

  private static String absolute(String path, Flag flag) {
    if (!path.startsWith("/")) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "use '" + path + "' with --" + flag.name(),
          "paths in the container start with /",
          "write it as /" + path);
    }
    return path;
  }

  private static LinuxSpec limited(LinuxSpec linux, ParsedLine line) {
    Resources before = linux.resources() == null ? Resources.NONE : linux.resources();
    Resources resources =
        new Resources(
            before.devices(),
            memory(line),
            cpu(line),
            null,
            null,
            List.of(),
            null,
            Map.of(),
            Map.of());
    return new LinuxSpec(
        linux.uidMappings(),
        linux.gidMappings(),
        linux.sysctl(),
        resources,
        linux.cgroupsPath(),
        linux.namespaces(),
        linux.devices(),
        linux.seccomp(),
        linux.rootfsPropagation(),
        linux.maskedPaths(),
        linux.readonlyPaths(),
        linux.mountLabel(),
        linux.intelRdt(),
        linux.personality(),
        linux.timeOffsets());
  }

  private static @Nullable MemoryLimits memory(ParsedLine line) {
    if (!line.has(Flags.RUN_MEMORY)) {
      return null;
    }
    long bytes = DataSize.parse(line.text(Flags.RUN_MEMORY)).bytes();
    return new MemoryLimits(bytes, null, null, null, null, null, null, null, null);
  }

  private static @Nullable CpuLimits cpu(ParsedLine line) {
    if (!line.has(Flags.CPUS)) {
      return null;
    }
    double cpus;
    try {
      cpus = Double.parseDouble(line.text(Flags.CPUS));
    } catch (NumberFormatException _) {
      cpus = 0;
    }
    // The kernel takes no quota below a millisecond.
    if (!(cpus >= 0.01 && cpus <= MOST_CPUS)) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "use --cpus " + line.text(Flags.CPUS),
          "it is no number from 0.01 to 1024",
          "write for example --cpus 1.5");
    }
    long quota = Math.round(cpus * CPU_PERIOD);
    return new CpuLimits(null, quota, null, CPU_PERIOD, null, null, null, null, null);
  }
}
