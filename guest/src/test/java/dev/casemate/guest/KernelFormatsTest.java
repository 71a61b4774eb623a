package dev.casemate.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The formats that the build reads and writes by itself, and the kernel's configuration. */
class KernelFormatsTest {
  @TempDir Path scratch;

  /** "abcabcabcabc!" as one block: literals, an overlapping match, last literals. */
  private static byte[] lz4Frame() {
    byte[] block = {0x35, 'a', 'b', 'c', 3, 0, 0x10, '!'};
    return ByteBuffer.allocate(8 + block.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(0x184c2102)
        .putInt(block.length)
        .put(block)
        .array();
  }

  @Test
  void unpacksLz4() {
    assertThat(new String(Lz4.unpack(lz4Frame()), StandardCharsets.US_ASCII))
        .isEqualTo("abcabcabcabc!");
  }

  @Test
  void refusesDamagedLz4() {
    byte[] far = lz4Frame();
    far[12] = 9;
    byte[] cut = Arrays.copyOf(lz4Frame(), 12);

    assertThatThrownBy(() -> Lz4.unpack(far)).hasMessageContaining("damaged");
    assertThatThrownBy(() -> Lz4.unpack(cut)).hasMessageContaining("damaged");
  }

  @Test
  void refusesWhatIsNoKernelImage() {
    assertThatThrownBy(() -> KernelImage.elf(new byte[4096], scratch))
        .hasMessageContaining("no bzImage");
    assertThatThrownBy(() -> KernelImage.elf(new byte[3], scratch))
        .hasMessageContaining("too short");
  }

  @Test
  void readsWhatARealLibraryNeeds() throws IOException {
    Path library = Path.of(System.getProperty("java.home"), "lib", "libjava.so");

    ElfFile elf = ElfFile.read(library).orElseThrow();

    assertThat(elf.needed()).contains("libjvm.so", "libc.so.6");
    assertThat(elf.interpreter()).isEmpty();
    assertThat(elf.section(".dynstr")).isPresent();
    assertThat(ElfFile.parse(elf.loadedPart(), "cut").orElseThrow().needed())
        .isEqualTo(elf.needed());
  }

  @Test
  void refusesAnElfFileThatPointsOutsideOfItself() throws IOException {
    byte[] content =
        Files.readAllBytes(Path.of(System.getProperty("java.home"), "lib", "libjava.so"));
    ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).putLong(32, Long.MAX_VALUE - 8);

    ElfFile elf = ElfFile.parse(content, "libjava.so").orElseThrow();

    assertThatThrownBy(elf::needed).hasMessageContaining("outside");
    assertThat(ElfFile.parse("#!/bin/sh".getBytes(StandardCharsets.US_ASCII), "x")).isEmpty();
  }

  @Test
  void cutsTheSignatureOffAModule() {
    byte[] module = "the module".getBytes(StandardCharsets.US_ASCII);
    byte[] mark = "~Module signature appended~\n".getBytes(StandardCharsets.US_ASCII);
    ByteBuffer signed = ByteBuffer.allocate(module.length + 2 + 3 + 300 + 12 + mark.length);
    signed.put(module).position(module.length + 2 + 3 + 300);
    signed.put(new byte[] {0, 4, 2, 2, 3, 0, 0, 0}).putInt(300).put(mark);

    assertThat(ModuleSignature.cut(signed.array())).isEqualTo(module);
    assertThat(ModuleSignature.cut(module)).isSameAs(module);
    signed.putInt(module.length + 2 + 3 + 300 + 8, Integer.MAX_VALUE);
    assertThatThrownBy(() -> ModuleSignature.cut(signed.array())).hasMessageContaining("longer");
  }

  @Test
  void writesCpioThatTheSystemReads() throws IOException {
    byte[] archive =
        new CpioArchive()
            .file("etc/greeting", 0644, "hello".getBytes(StandardCharsets.US_ASCII))
            .link("etc/other", "greeting")
            .finish();
    Path file = Files.write(scratch.resolve("a.cpio"), archive);
    Files.createDirectory(scratch.resolve("out"));

    HostTool.of(scratch.resolve("out"), "busybox", "cpio", "-i", "-F", file.toString())
        .run("unpack");

    assertThat(scratch.resolve("out/etc/other")).isSymbolicLink().hasContent("hello");
    assertThat(archive.length % 4).isZero();
  }

  @Test
  void derivesCapabilities() {
    KernelConfig config =
        KernelConfig.parse(
            """
            # CONFIG_9P_FS is not set
            CONFIG_VIRTIO_FS=m
            CONFIG_PVH=y
            CONFIG_VIRTIO_VSOCKETS=m
            CONFIG_NR_CPUS=64
            """);

    assertThat(config.capabilities("CONFIG_VIRTIO_FS"::equals)).containsExactly("pvh", "virtiofs");
    assertThat(config.maximumCpus()).isEqualTo(64);
  }

  @Test
  void refusesAKernelThatDropsAnOption() {
    String fragment = "CONFIG_A=y\nCONFIG_B=n\nCONFIG_C=64\n";

    assertThat(OwnKernel.check("CONFIG_A=y\nCONFIG_C=64\n", fragment).options()).hasSize(2);
    assertThatThrownBy(() -> OwnKernel.check("CONFIG_B=y\nCONFIG_C=64\n", fragment))
        .hasMessageContaining("CONFIG_A=y (it is n), CONFIG_B=n (it is y)");
  }

  @Test
  void fragmentsNameEachOptionOnceAndSayWhy() throws IOException {
    Set<String> seen = new HashSet<>();
    boolean explained = false;
    for (String line : OwnKernel.fragment().lines().toList()) {
      if (line.isEmpty()) {
        explained = false;
      } else if (line.startsWith("#")) {
        explained = true;
      } else {
        assertThat(line).matches("CONFIG_[A-Z0-9_]+=(y|n|-?[0-9]+|\"[^\"]*\")");
        assertThat(explained).as("a comment above " + line).isTrue();
        assertThat(seen.add(line.substring(0, line.indexOf('=')))).as(line + " twice").isTrue();
      }
    }
    assertThat(seen).contains("CONFIG_SECCOMP", "CONFIG_CPU_MITIGATIONS", "CONFIG_VMGENID");
  }

  @Test
  void namesInitBeforeItsArgument() {
    for (KernelFlavour flavour : KernelFlavour.values()) {
      List<String> parameters = ImageBuilder.parameters(flavour);

      assertThat(parameters.getLast()).startsWith("@/").doesNotContain(".");
      assertThat(parameters).contains("init=/opt/casemate/jre/bin/java").doesNotHaveDuplicates();
      assertThat(parameters).noneMatch(word -> word.contains("tsc_early_khz"));
    }
  }

  @Test
  void readsAPackageDescription() {
    var fields =
        DebianPackages.parse(
            "Package: crun\nVersion: 1.8.1-1\nDepends: libc6 (>= 2.36), a | b\n more\n\nVersion: 9\n");
    var description = new DebianPackages.Description("crun", fields);

    assertThat(description.version()).isEqualTo("1.8.1-1");
    assertThat(description.dependencies()).containsExactly("libc6", "a");
  }
}
