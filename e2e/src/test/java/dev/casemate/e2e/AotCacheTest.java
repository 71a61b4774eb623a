package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.testkit.Await;
import dev.casemate.testkit.CasemateCommand;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The JVM runs the classes in an AOT cache even when the jar that they came from changed
 * (JDK-8377932), so an installation must never find a cache of other jars.
 */
@Tag("vm")
class AotCacheTest {

  /** The record of a container whose monitor is gone. */
  private static final String STOPPED =
      """
      {"format": 1, "id": "stopped", "ociVersion": "1.0.2", "status": "running", "pid": 4711,
       "bundle": "/b", "rootfs": "/b/rootfs", "annotations": {"a": "b"},
       "created": "2026-11-27T10:00:00.123456789Z", "owner": 0,
       "monitor": {"pid": 1, "startTicks": 5}, "runDirectory": "/run/casemate/vm/abc",
       "cgroups": ["/sys/fs/cgroup/casemate/c1"],
       "poststop": [{"path": "/bin/true", "args": ["true"], "env": ["A=b"], "timeout": 5}],
       "machine": {"vmm": "qemu 7.2.22", "machine": "microvm", "accelerator": "TCG",
         "channel": "virtio-serial", "kernelRelease": "6.1", "vcpus": 1, "memoryBytes": 2147483648},
       "phases": [{"name": "boot", "endMicros": 1234}],
       "exit": {"code": 137, "at": "2026-11-27T10:00:01Z", "reason": "the machine died"}}
      """;

  @TempDir Path scratch;

  @Test
  void aChangedJarRunsItsNewCodeAndGetsACacheOfItsOwn() throws Exception {
    Path installation = Files.createDirectories(scratch.resolve("installation"));
    Files.createSymbolicLink(
        installation.resolve("jre"), CasemateCommand.home().resolve("jre").toRealPath());
    Path lib = Files.createDirectories(installation.resolve("lib"));
    for (String flags : List.of("cli.jvm", "monitor.jvm")) {
      Files.copy(CasemateCommand.home().resolve("lib").resolve(flags), lib.resolve(flags));
    }

    writeProgram(lib.resolve("cli.jar"), "first");
    train(installation);
    List<String> first = caches(installation);
    assertThat(casemate(installation)).isEqualTo("first\n");
    assertThat(first).as("one cache for each kind of process").hasSize(2);

    writeProgram(lib.resolve("cli.jar"), "other");
    train(installation);
    assertThat(casemate(installation)).isEqualTo("other\n");
    assertThat(caches(installation)).hasSize(2).doesNotContainAnyElementsOf(first);
  }

  @Test
  void theInstalledProgramsUseTheCachesOfTheirOwnJars() throws Exception {
    Path home = CasemateCommand.home();
    String launcher =
        Files.readString(home.resolve("bin/casemate"))
            + Files.readString(home.resolve("bin/containerd-shim-casemate-v2"));

    assertThat(caches(home))
        .hasSize(3)
        .allSatisfy(cache -> assertThat(launcher).contains(cache.replaceAll("^.*-", "-")));
  }

  /** What a verb loads from elsewhere was no part of the training, and costs it milliseconds. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "--version",
        "features",
        "list",
        "list --format json",
        "state stopped",
        "state missing",
        "kill stopped",
        "kill --all stopped"
      })
  void verbsThatNeedNoMachineLoadNothingFromOutsideTheCache(String verb) throws Exception {
    Path home = CasemateCommand.home();
    String cache =
        caches(home).stream().filter(c -> c.startsWith("cli-")).findFirst().orElseThrow();
    Path root = scratch.resolve("root");
    Files.writeString(
        Files.createDirectories(root.resolve("stopped")).resolve("state.json"), STOPPED);
    Path log = scratch.resolve("classes");
    List<String> command = new ArrayList<>();
    command.add(home.resolve("jre/bin/java").toString());
    command.add("@" + home.resolve("lib/cli.jvm"));
    command.add("-XX:AOTCache=" + home.resolve("aot").resolve(cache));
    command.add("-Xlog:class+load:file=" + log);
    command.add("-Dcasemate.home=" + home);
    command.addAll(List.of("-cp", home.resolve("lib/cli.jar").toString()));
    command.add("dev.casemate.cli.Main");
    command.addAll(List.of("--root", root.toString()));
    command.addAll(List.of(verb.split(" ", -1)));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(process.waitFor(Await.BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();

    assertThat(Files.readAllLines(log))
        .hasSizeGreaterThan(100)
        // What the JDK spins at run time is no part of any training.
        .allSatisfy(line -> assertThat(line).doesNotContain("source: jrt:", "source: file:"));
  }

  private void writeProgram(Path jar, String prints) throws IOException {
    Path source = scratch.resolve("Main.java");
    Files.writeString(
        source,
        "package dev.casemate.cli;"
            + "class Main { static void main(String[] a) { IO.println(\""
            + prints
            + "\"); } }");
    int status = ToolProvider.getSystemJavaCompiler().run(null, null, null, source.toString());
    assertThat(status).isZero();
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream jarOut = new JarOutputStream(out)) {
      jarOut.putNextEntry(new JarEntry("dev/casemate/cli/Main.class"));
      jarOut.write(Files.readAllBytes(scratch.resolve("Main.class")));
    }
  }

  private void train(Path installation) throws Exception {
    run(System.getProperty("casemate.checkout") + "/x", "train", installation.toString());
  }

  private String casemate(Path installation) throws Exception {
    return run(installation.resolve("bin/casemate").toString());
  }

  private String run(String... command) throws Exception {
    Path output = Files.createTempFile(scratch, "output", "");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(output.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(process.waitFor(Await.BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(String.join(" ", command)).isZero();
    return Files.readString(output, StandardCharsets.UTF_8);
  }

  private static List<String> caches(Path installation) throws IOException {
    try (Stream<Path> files = Files.list(installation.resolve("aot"))) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }
}
