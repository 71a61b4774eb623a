package dev.casemate.host.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.host.configuration.ConfigurationFile.Effective;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.configuration.Configuration;
import dev.casemate.model.configuration.ConfigurationKey;
import dev.casemate.model.configuration.QemuConfiguration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationFileTest {
  @TempDir private Path directory;

  private Path main() {
    return directory.resolve("configuration.toml");
  }

  private void dropIn(String name, String text) throws IOException {
    Files.createDirectories(directory.resolve("configuration.d"));
    Files.writeString(directory.resolve("configuration.d").resolve(name), text);
  }

  private Effective effective(ConfigurationKey key) {
    return ConfigurationFile.read(main()).effective().stream()
        .filter(e -> e.key() == key)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void withoutFilesTheDefaultsHold() {
    ConfigurationFile files = ConfigurationFile.read(main());
    assertThat(files.configuration()).isEqualTo(Configuration.defaults());
    assertThat(files.effective())
        .hasSize(ConfigurationKey.values().length)
        .allSatisfy(e -> assertThat(e.origin()).isEqualTo("default"));
  }

  @Test
  void valuesComeFromTheMainFile() throws IOException {
    Files.writeString(
        main(),
        """
        # comment
        [hypervisor.qemu]
        path = "/opt/qemu"
        default_vcpus = 4

        [runtime]
        enable_debug = true
        """);
    Configuration configuration = ConfigurationFile.read(main()).configuration();
    assertThat(configuration.hypervisor())
        .isInstanceOfSatisfying(
            QemuConfiguration.class,
            qemu -> {
              assertThat(qemu.path()).contains(Path.of("/opt/qemu"));
              assertThat(qemu.defaultVcpus()).isEqualTo(4);
            });
    assertThat(configuration.runtime().enableDebug()).isTrue();
    assertThat(effective(ConfigurationKey.QEMU_DEFAULT_VCPUS).origin()).isEqualTo(main() + ":4");
  }

  @Test
  void laterDropInsWin() throws IOException {
    Files.writeString(main(), "hypervisor.qemu.default_vcpus = 1\n");
    dropIn("20-b.toml", "[hypervisor.qemu]\ndefault_vcpus = 3\n");
    dropIn("10-a.toml", "[hypervisor.qemu]\ndefault_vcpus = 2\ndefault_memory = 512\n");
    dropIn("99-ignored.conf", "nonsense");
    assertThat(effective(ConfigurationKey.QEMU_DEFAULT_VCPUS).value()).isEqualTo("3");
    assertThat(effective(ConfigurationKey.QEMU_DEFAULT_VCPUS).origin()).endsWith("20-b.toml:2");
    assertThat(effective(ConfigurationKey.QEMU_DEFAULT_MEMORY).value()).isEqualTo("512");
  }

  @Test
  void dropInsNeedNoMainFile() throws IOException {
    dropIn("a.toml", "[runtime]\nenable_debug = true\n");
    assertThat(ConfigurationFile.read(main()).configuration().runtime().enableDebug()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          [hypervisor.qemu]\\ndefault_memroy = 1 | line 2: there is no key 'hypervisor.qemu.default_memroy'; did you mean hypervisor.qemu.default_memory?
          [hypervisor.clh]\\npath = "/x" | there is no key 'hypervisor.clh.path'
          [hypervisor.qemu]\\ndefault_vcpus = "4" | line 2: hypervisor.qemu.default_vcpus expects a number and is a string; write it without quotes
          [hypervisor.qemu]\\ndefault_vcpus = 4.0 | expects a number and is a fraction
          [hypervisor.qemu]\\ndefault_vcpus = 0 | hypervisor.qemu.default_vcpus is '0': it is not a whole number from 1 to 255
          [hypervisor.qemu]\\nmachine_type = 5 | expects a string and is a number; put it in quotes
          [hypervisor.qemu]\\nmachine_type = "virt" | it is none of microvm, q35
          [runtime]\\nenable_debug = "true" | expects true or false and is a string
          [runtime]\\nenable_debug = [true] | is an array
          [hypervisor]\\nqemu = 5 | there is no key 'hypervisor.qemu'
          [[hypervisor]]\\nqemu = 5 | there is no key 'hypervisor'
          key | line 1:
          [hypervisor.qemu\\n | line 1:
          a = 1\\na = 2 | line 2:
          """)
  void namesWhatIsWrong(String text, String expected) throws IOException {
    Files.writeString(main(), text.replace("\\n", "\n"));
    assertThatThrownBy(() -> ConfigurationFile.read(main()))
        .isInstanceOfSatisfying(
            CasemateException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining(main().toString())
        .hasMessageContaining(expected);
  }

  @Test
  void anyTextIsTakenOrRefused() throws IOException {
    byte[] good =
        "[hypervisor.qemu]\npath = \"/opt/qemu\"\ndefault_vcpus = 4\n[runtime]\nenable_debug=true\n"
            .getBytes(StandardCharsets.UTF_8);
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      byte[] text = good.clone();
      for (int i = random.nextInt(5); i >= 0; i--) {
        text[random.nextInt(text.length)] = (byte) random.nextInt(256);
      }
      Files.write(main(), text);
      try {
        ConfigurationFile.read(main()).configuration();
      } catch (CasemateException refused) {
        assertThat(refused.code()).as("seed %d", seed).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      }
    }
  }
}
