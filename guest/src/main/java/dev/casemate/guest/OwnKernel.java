package dev.casemate.guest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Builds our own kernel from the distribution's sources and the configuration fragments of this
 * module. Ten minutes on two cores, once per machine and version. Owned by the building thread.
 */
final class OwnKernel {
  /** The fragments, in the order in which they are joined. */
  static final List<String> FRAGMENTS =
      List.of("base", "devices", "files", "containers", "network", "hardening");

  private static final long SPACE_BYTES = 4L << 30;
  private static final Duration BUILD_BOUND = Duration.ofMinutes(90);

  /** Keeps who built it, where and when out of the kernel. */
  private static final Map<String, String> SAME_EVERYWHERE =
      Map.of(
          "KBUILD_BUILD_TIMESTAMP", Trees.EPOCH.toString(),
          "KBUILD_BUILD_USER", "casemate",
          "KBUILD_BUILD_HOST", "casemate",
          "KBUILD_BUILD_VERSION", "1");

  private final BuildCache cache;
  private final DebianPackages packages;
  private final Progress progress;
  private final String sourcePackage;

  /**
   * @param sourcePackage the Debian package with the kernel's sources
   */
  OwnKernel(BuildCache cache, DebianPackages packages, Progress progress, String sourcePackage) {
    this.cache = cache;
    this.packages = packages;
    this.progress = progress;
    this.sourcePackage = sourcePackage;
  }

  /** The kernel, from the cache when the same sources and options were built before. */
  Kernel make() throws IOException {
    requireTools();
    DebianPackages.Description source = packages.describe(sourcePackage);
    String fragment = fragment();
    progress.note("kernel " + source.name() + " " + source.version());
    String key =
        new ContentKey()
            .add(source.name())
            .add(source.version())
            .add(source.sha256())
            .add(settings(fragment))
            .add(compiler())
            .name();
    packages.note(source.name(), source.version());
    return Kernel.read(
        cache.entry("kernel-own", key, directory -> make(directory, source, fragment)));
  }

  private static void requireTools() {
    HostTool.require("make", "make");
    HostTool.require("gcc", "gcc");
    HostTool.require("ld", "binutils");
    HostTool.require("strip", "binutils");
    HostTool.require("flex", "flex");
    HostTool.require("bison", "bison");
    HostTool.require("bc", "bc");
    HostTool.require("xz", "xz-utils");
    if (!Files.isRegularFile(Path.of("/usr/include/libelf.h"))) {
      throw Failures.host(
          "build a guest", "libelf's headers are missing", "apt-get install libelf-dev");
    }
  }

  private static String compiler() {
    return HostTool.of(Path.of("/"), "gcc", "--version").run("ask for the compiler's version")
        + HostTool.of(Path.of("/"), "ld", "--version").run("ask for the linker's version");
  }

  /** What a fragment sets, without its comments. */
  private static String settings(String fragment) {
    return fragment
        .lines()
        .filter(line -> line.startsWith("CONFIG_"))
        .collect(Collectors.joining("\n"));
  }

  /** All fragments as one text. */
  static String fragment() throws IOException {
    StringBuilder text = new StringBuilder();
    for (String name : FRAGMENTS) {
      try (InputStream in = OwnKernel.class.getResourceAsStream("kernel/" + name + ".config")) {
        if (in == null) {
          throw new IllegalStateException("the jar lacks the fragment " + name);
        }
        text.append(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    return text.toString();
  }

  private void make(Path directory, DebianPackages.Description source, String fragment)
      throws IOException {
    Failures.requireSpace(directory, SPACE_BYTES, "build the kernel");
    try (Scratch own = cache.scratch("own")) {
      Path scratch = own.directory();
      packages.unpack(source, scratch);
      Path tree = unpackSources(scratch);
      Path wanted = scratch.resolve("casemate.config");
      Files.writeString(wanted, fragment);
      make(tree, Map.of("KCONFIG_ALLCONFIG", wanted.toString()), "allnoconfig");
      KernelConfig config = check(Files.readString(tree.resolve(".config")), fragment);
      String jobs = "-j" + Runtime.getRuntime().availableProcessors();
      progress.note("compiling the kernel, ten minutes on two free cores");
      make(tree, Map.of(), jobs, "vmlinux");
      HostTool.of(tree, "strip", "-o", directory.resolve("vmlinux").toString(), "vmlinux")
          .run("strip the kernel");
      String release = Files.readString(tree.resolve("include/config/kernel.release")).strip();
      Files.copy(tree.resolve(".config"), directory.resolve("config"));
      new Kernel(
              directory,
              "vmlinux",
              Optional.empty(),
              release,
              config.capabilities(module -> false),
              config.maximumCpus(),
              List.of())
          .save();
    }
  }

  private static Path unpackSources(Path scratch) throws IOException {
    Path archive;
    try (Stream<Path> files = Files.list(scratch.resolve("usr/src"))) {
      archive =
          files
              .filter(path -> path.toString().endsWith(".tar.xz"))
              .findFirst()
              .orElseThrow(
                  () -> Failures.image("use the kernel's sources", "they are missing", ""));
    }
    HostTool.of(scratch, "tar", "-xJf", archive.toString()).run("unpack the kernel's sources");
    Files.delete(archive);
    String name = String.valueOf(archive.getFileName());
    return scratch.resolve(name.substring(0, name.length() - ".tar.xz".length()));
  }

  private void make(Path tree, Map<String, String> variables, String... targets) {
    java.util.ArrayList<String> command =
        new java.util.ArrayList<>(List.of("nice", "-n", "10", "make", "-s"));
    command.addAll(List.of(targets));
    java.util.HashMap<String, String> environment = new java.util.HashMap<>(SAME_EVERYWHERE);
    environment.putAll(variables);
    new HostTool(command, tree, environment, BUILD_BOUND)
        .run(
            "build the kernel",
            elapsed -> progress.note("compiling the kernel for " + elapsed.toSeconds() + " s"));
  }

  /** Fails when the kernel's configuration dropped something that a fragment asks for. */
  static KernelConfig check(String config, String fragment) {
    KernelConfig actual = KernelConfig.parse(config);
    List<String> dropped = actual.disagreements(fragment);
    if (!dropped.isEmpty()) {
      throw Failures.image(
          "configure the kernel",
          "it does not take " + String.join(", ", dropped),
          "the fragments do not fit this kernel version: choose one with --kernel-source");
    }
    return actual;
  }
}
