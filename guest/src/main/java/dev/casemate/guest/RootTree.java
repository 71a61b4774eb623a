package dev.casemate.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Lays out the files of the root image in a directory: the Java runtime, the agent, crun, the
 * libraries of both, and the few files and directories that a running guest expects. No shell.
 * Owned by the building thread.
 */
final class RootTree {
  /** Where the runtime is in the guest. */
  static final String RUNTIME = "opt/casemate/jre";

  /** Where the agent's jars, its AOT cache and the runtime's arguments are in the guest. */
  static final String AGENT = "opt/casemate/agent";

  /** The runtime's arguments; no dot, since the kernel keeps words with dots to itself. */
  static final String ARGUMENTS = AGENT + "/arguments";

  /** The AOT cache in the guest. */
  static final String AOT_CACHE = AGENT + "/agent.aot";

  private static final String PROGRAM = "agent.jar";
  private static final String CRUN_PACKAGE = "crun";
  private static final String RUNTIME_MODULES = "java.base,java.logging,jdk.unsupported";

  /** For an emulated CPU each stub and barrier counts: measured in docs/design/guest.md. */
  private static final List<String> JVM_FLAGS =
      List.of(
          "-XX:TieredStopAtLevel=1",
          // A start compiles next to nothing: a quarter less CPU time until the first answer.
          "-XX:CompileThresholdScaling=20",
          "-XX:+UseSerialGC",
          "-Xms8m",
          "-Xmx32m",
          "-Xss256k",
          "-XX:ReservedCodeCacheSize=8m",
          "-XX:CompressedClassSpaceSize=32m",
          // No collection only because the first classes were loaded.
          "-XX:MetaspaceSize=64m",
          "-XX:MaxMetaspaceSize=64m",
          "-XX:-UsePerfData",
          "-XX:-UseContainerSupport",
          "-XX:-CreateCoredumpOnCrash",
          "-XX:+ErrorFileToStdout",
          "-XX:+ExitOnOutOfMemoryError",
          "-XX:+UnlockDiagnosticVMOptions",
          "-XX:ArchiveRelocationMode=0",
          // Machine code for the CPU that the cache was made on: the JVM does not look whether the
          // guest's has the same instructions, and dies of SIGILL where it has not.
          "-XX:-AOTAdapterCaching",
          "-XX:-AOTStubCaching",
          "--sun-misc-unsafe-memory-access=allow");

  private static final List<String> DIRECTORIES =
      List.of(
          "dev",
          "etc",
          "mnt",
          "opt",
          "proc",
          "root",
          "run",
          "sys",
          "tmp",
          "usr/bin",
          "usr/lib",
          "usr/lib/modules",
          "usr/lib64",
          "usr/sbin",
          "var/lib",
          "var/log");

  private static final List<List<String>> LINKS =
      List.of(
          List.of("bin", "usr/bin"),
          List.of("sbin", "usr/sbin"),
          List.of("lib", "usr/lib"),
          List.of("lib64", "usr/lib64"),
          List.of("var/run", "/run"),
          List.of("var/tmp", "/tmp"),
          List.of("etc/mtab", "/proc/self/mounts"),
          List.of("etc/hostname", "/run/casemate/hostname"),
          List.of("etc/hosts", "/run/casemate/hosts"),
          List.of("etc/resolv.conf", "/run/casemate/resolv.conf"),
          List.of("etc/machine-id", "/run/casemate/machine-id"),
          // Where a stock kernel looks for its loader; the initrd puts one there.
          List.of("usr/sbin/modprobe", "/usr/lib/modules/modprobe"));

  private final Path root;
  private final DebianPackages packages;
  private final BuildCache cache;

  /**
   * @param root an empty directory
   */
  RootTree(Path root, DebianPackages packages, BuildCache cache) {
    this.root = root;
    this.packages = packages;
    this.cache = cache;
  }

  /** Where the tree is. */
  Path root() {
    return root;
  }

  /** The runtime's arguments without the AOT cache: the same when it is trained and used. */
  static List<String> flags() {
    return JVM_FLAGS;
  }

  /** The arguments that start the agent. */
  static List<String> program() {
    return List.of("-jar", "/" + AGENT + "/" + PROGRAM);
  }

  /** Makes directories, links and the files of /etc. */
  void layOut() throws IOException {
    for (String directory : DIRECTORIES) {
      Files.createDirectories(root.resolve(directory));
    }
    for (List<String> link : LINKS) {
      Files.createSymbolicLink(root.resolve(link.getFirst()), Path.of(link.getLast()));
    }
    Files.writeString(
        root.resolve("etc/passwd"),
        "root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n");
    Files.writeString(root.resolve("etc/group"), "root:x:0:\nnogroup:x:65534:\n");
    Files.writeString(root.resolve("etc/nsswitch.conf"), "hosts: files dns\n");
    Files.writeString(root.resolve("etc/os-release"), "ID=casemate\nNAME=\"Casemate guest\"\n");
  }

  /** Links a runtime from a JDK and takes out what a guest never opens. */
  void addRuntime(Path javaHome) throws IOException {
    Path jlink = javaHome.resolve("bin/jlink");
    if (!Files.isExecutable(jlink)) {
      throw Failures.host(
          "link the guest's Java runtime",
          javaHome + " has no jlink",
          "name a JDK, not a JRE, with --java-home");
    }
    Path runtime = root.resolve(RUNTIME);
    Files.createDirectories(root.resolve("opt/casemate"));
    HostTool.of(
            root,
            jlink.toString(),
            "--add-modules",
            RUNTIME_MODULES,
            "--strip-debug",
            "--no-header-files",
            "--no-man-pages",
            "--output",
            runtime.toString())
        .run("link the guest's Java runtime");
    Trees.delete(runtime.resolve("legal"));
    Trees.delete(runtime.resolve("lib/jrt-fs.jar"));
    for (Path file : Trees.sorted(runtime)) {
      String name = String.valueOf(file.getFileName());
      if (runtime.resolve("bin").equals(file.getParent()) && !name.equals("java")) {
        Trees.delete(file);
      } else if (name.endsWith(".so") && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        HostTool.of(root, "strip", "--strip-unneeded", file.toString()).run("strip " + name);
      }
    }
  }

  /** Adds the agent's jars and the arguments that start it. */
  void addAgent(Path directory) throws IOException {
    List<Path> jars = jars(directory);
    if (jars.stream().noneMatch(jar -> jar.endsWith(PROGRAM))) {
      throw Failures.image(
          "add the agent to the root image",
          "there is no " + PROGRAM + " in " + directory,
          "build it first: ./x build");
    }
    for (Path jar : jars) {
      Trees.install(jar, root.resolve(AGENT).resolve(jar.getFileName()), "rw-r--r--");
    }
    List<String> lines = new ArrayList<>(flags());
    lines.add("-XX:AOTCache=/" + AOT_CACHE);
    lines.addAll(program());
    Files.write(root.resolve(ARGUMENTS), lines);
  }

  private static List<Path> jars(Path directory) throws IOException {
    List<Path> found = new ArrayList<>();
    for (Path place : List.of(directory, directory.resolve("lib"))) {
      if (Files.isDirectory(place)) {
        try (Stream<Path> files = Files.list(place)) {
          files.filter(RootTree::isProgramJar).sorted().forEach(found::add);
        }
      }
    }
    return found;
  }

  private static boolean isProgramJar(Path file) {
    String name = file.toString();
    return name.endsWith(".jar")
        && !name.endsWith("-tests.jar")
        && !name.endsWith("-sources.jar")
        && !name.endsWith("-javadoc.jar");
  }

  /** Adds crun and the shared libraries of everything, from this machine or from packages. */
  void addContainerRuntime() throws IOException {
    Optional<String> installed = packages.installedVersion(CRUN_PACKAGE);
    if (installed.isPresent() && Files.isRegularFile(Path.of("/usr/bin/crun"))) {
      packages.note(CRUN_PACKAGE, installed.get());
      packages.installedVersion("libc6").ifPresent(version -> packages.note("libc6", version));
      addFrom(Path.of("/"));
      return;
    }
    try (Scratch scratch = cache.scratch("crun")) {
      Path unpacked = scratch.directory();
      List<String> todo = new ArrayList<>(List.of(CRUN_PACKAGE));
      for (int i = 0; i < todo.size(); i++) {
        DebianPackages.Description one = packages.describe(todo.get(i));
        packages.unpack(one, unpacked);
        one.dependencies().stream().filter(name -> !todo.contains(name)).forEach(todo::add);
      }
      addFrom(unpacked);
    }
  }

  private void addFrom(Path source) throws IOException {
    Trees.install(source.resolve("usr/bin/crun"), root.resolve("usr/bin/crun"), "rwxr-xr-x");
    SharedLibraries.complete(source, root);
  }
}
