package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.testkit.Await;
import dev.casemate.testkit.CasemateCommand;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The JVM runs the classes in an AOT cache even when the jar that they came from changed
 * (JDK-8377932), so an installation must never find a cache of other jars.
 */
@Tag("vm")
class AotCacheTest {

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
  void theInstalledCommandUsesTheCacheOfItsOwnJars() throws Exception {
    Path home = CasemateCommand.home();
    String launcher = Files.readString(home.resolve("bin/casemate"));

    assertThat(caches(home))
        .hasSize(2)
        .allSatisfy(cache -> assertThat(launcher).contains(cache.replaceAll("^.*-", "-")));
  }

  private void writeProgram(Path jar, String prints) throws IOException {
    Path source = scratch.resolve("Main.java");
    Files.writeString(
        source, "class Main { static void main(String[] a) { IO.println(\"" + prints + "\"); } }");
    int status = ToolProvider.getSystemJavaCompiler().run(null, null, null, source.toString());
    assertThat(status).isZero();
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, "Main");
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream jarOut = new JarOutputStream(out, manifest)) {
      jarOut.putNextEntry(new JarEntry("Main.class"));
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
