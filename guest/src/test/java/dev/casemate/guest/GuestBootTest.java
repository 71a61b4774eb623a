package dev.casemate.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.casemate.model.guest.GuestManifest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Builds guests around a stand-in for the agent, and boots one. Needs root, as building does. */
class GuestBootTest {
  // A boot takes two seconds when the machine is idle; this is for one that is not at all.
  private static final long BOUND_SECONDS = 240;

  @TempDir Path directory;
  private Path agent;
  private final List<Process> machines = new ArrayList<>();

  @BeforeEach
  void makeAgent() throws IOException {
    assumeThat(System.getProperty("user.name")).isEqualTo("root");
    agent = Files.createDirectory(directory.resolve("agent"));
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, EchoAgent.class.getName());
    try (JarOutputStream jar =
        new JarOutputStream(Files.newOutputStream(agent.resolve("agent.jar")), manifest)) {
      String name = EchoAgent.class.getName().replace('.', '/') + ".class";
      jar.putNextEntry(new ZipEntry(name));
      try (InputStream program = EchoAgent.class.getResourceAsStream("EchoAgent.class")) {
        program.transferTo(jar);
      }
    }
  }

  @AfterEach
  void endMachines() throws InterruptedException {
    for (Process machine : machines) {
      machine.destroyForcibly().waitFor();
    }
  }

  private static Path rootImage(Path cacheRoot, Path agent) throws IOException {
    Progress quiet = new Progress(new PrintStream(OutputStream.nullOutputStream()), 1);
    BuildCache cache = new BuildCache(cacheRoot, quiet);
    return new RootImage(cache, new DebianPackages(cache, quiet), quiet)
        .make(Path.of(System.getProperty("java.home")), agent)
        .resolve(RootImage.FILE);
  }

  @Test
  void sameInputsGiveTheSameImageAndOtherInputsAnother() throws IOException {
    Path first = rootImage(directory.resolve("one"), agent);
    // The AOT cache is an input: the JVM does not write the same one twice.
    Path aot = directory.resolve("one/aot");
    for (Path path : Trees.sorted(aot)) {
      Path copy = directory.resolve("two/aot").resolve(aot.relativize(path));
      Files.createDirectories(copy.getParent());
      Files.copy(path, copy);
    }

    Path second = rootImage(directory.resolve("two"), agent);

    assertThat(second).isNotEqualTo(first).hasSameBinaryContentAs(first);
    Files.writeString(agent.resolve("more.jar"), "not the same agent");
    assertThat(ContentKey.sha256Of(rootImage(directory.resolve("two"), agent)))
        .isNotEqualTo(ContentKey.sha256Of(first));
  }

  @Test
  void bootsToTheAgent() throws Exception {
    Path guest = directory.resolve("guest");
    ByteArrayOutputStream progress = new ByteArrayOutputStream();
    int status =
        Main.run(
            List.of("--output", guest.toString(), "--agent", agent.toString()),
            new PrintStream(progress, true, StandardCharsets.UTF_8));
    assertThat(status).as(progress.toString(StandardCharsets.UTF_8)).isZero();
    GuestManifest manifest =
        GuestManifest.parse(Files.readAllBytes(guest.resolve("guest.json")), "guest.json");
    assertThat(manifest.capabilities()).contains("virtiofs", "virtio-serial", "overlay");

    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("port"));
    try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listening.bind(address);
      Process machine = machine(guest, manifest);
      machines.add(machine);
      CompletableFuture<Object> said = CompletableFuture.supplyAsync(() -> converse(listening));
      CompletableFuture<Object> died = machine.onExit().thenApply(ended -> "died: " + log());
      Object first =
          CompletableFuture.anyOf(said, died)
              .completeOnTimeout("silent: " + log(), BOUND_SECONDS, TimeUnit.SECONDS)
              .get();

      assertThat(first).isEqualTo("up\nping");
    }
  }

  private String log() {
    try {
      return Files.readString(directory.resolve("qemu.log"), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static String converse(ServerSocketChannel listening) {
    try (SocketChannel port = listening.accept()) {
      InputStream in = Channels.newInputStream(port);
      byte[] greeting = in.readNBytes(3);
      Channels.newOutputStream(port).write("ping".getBytes(StandardCharsets.US_ASCII));
      return new String(greeting, StandardCharsets.US_ASCII)
          + new String(in.readNBytes(4), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private Process machine(Path guest, GuestManifest manifest) throws IOException {
    List<String> command =
        new ArrayList<>(List.of("qemu-system-x86_64", "-M", "microvm,pic=off", "-accel", "tcg"));
    // A CPU without AVX: nothing in an image may need more than every x86-64 of the last decade
    // has, whatever the machine had that made it.
    command.addAll(List.of("-cpu", "max,-avx,-avx2,-erms,-fsrm"));
    command.addAll(List.of("-m", "256", "-nodefaults", "-no-user-config", "-display", "none"));
    command.addAll(List.of("-serial", "stdio"));
    command.addAll(List.of("-no-reboot", "-global", "virtio-mmio.force-legacy=false"));
    command.addAll(List.of("-kernel", guest.resolve(manifest.kernel()).toString()));
    command.addAll(List.of("-initrd", guest.resolve(manifest.initrd().orElseThrow()).toString()));
    command.addAll(
        List.of(
            "-drive",
            "if=none,id=root,format=raw,readonly=on,file=" + guest.resolve(manifest.rootImage())));
    command.addAll(List.of("-device", "virtio-blk-device,drive=root"));
    command.addAll(List.of("-device", "virtio-serial-device,max_ports=2"));
    command.addAll(List.of("-chardev", "socket,id=port,path=" + directory.resolve("port")));
    command.addAll(List.of("-device", "virtserialport,chardev=port,name=agent"));
    command.add("-append");
    command.add(
        String.join(" ", manifest.kernelParameters()) + " console=ttyS0 tsc_early_khz=" + tscKhz());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectErrorStream(true).redirectOutput(directory.resolve("qemu.log").toFile());
    return builder.start();
  }

  /** An emulated CPU counts as the host's does; measuring it hangs a guest on a busy host. */
  private static long tscKhz() throws IOException {
    return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
        .filter(line -> line.startsWith("cpu MHz"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .mapToLong(mhz -> Math.round(Double.parseDouble(mhz) * 1000))
        .findFirst()
        .orElseThrow();
  }
}
