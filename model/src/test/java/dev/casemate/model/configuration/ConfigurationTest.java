package dev.casemate.model.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.model.CasemateException;
import dev.casemate.model.DataSize;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationTest {
  @Test
  void defaultsHoldWithoutAnyFile() {
    QemuConfiguration qemu = qemu(Configuration.defaults());
    assertThat(qemu.machineType()).isEqualTo(MachineType.MICROVM);
    assertThat(qemu.defaultMemory()).isEqualTo(DataSize.ofMebibytes(2048));
    assertThat(qemu.path()).isEmpty();
    assertThat(Configuration.defaults().runtime().disableGuestSeccomp()).isFalse();
  }

  @Test
  void valuesReachTheirRecords() {
    QemuConfiguration qemu =
        qemu(
            Configuration.of(
                Map.of(
                    ConfigurationKey.QEMU_PATH, "/opt/qemu",
                    ConfigurationKey.QEMU_DEFAULT_VCPUS, "4",
                    ConfigurationKey.QEMU_MACHINE_TYPE, "q35",
                    ConfigurationKey.QEMU_VIRTIO_FS_CACHE, "never",
                    ConfigurationKey.QEMU_ENABLE_DEBUG, "true")));
    assertThat(qemu.path()).contains(Path.of("/opt/qemu"));
    assertThat(qemu.defaultVcpus()).isEqualTo(4);
    assertThat(qemu.machineType()).isEqualTo(MachineType.Q35);
    assertThat(qemu.virtioFsCache()).isEqualTo(VirtioFsCache.NEVER);
    assertThat(qemu.enableDebug()).isTrue();
  }

  private static QemuConfiguration qemu(Configuration configuration) {
    return switch (configuration.hypervisor()) {
      case QemuConfiguration qemu -> qemu;
    };
  }

  @ParameterizedTest
  @CsvSource({
    "QEMU_PATH,relative,not an absolute path",
    "QEMU_DEFAULT_VCPUS,0,not a whole number from 1 to 255",
    "QEMU_DEFAULT_MEMORY,lots,not a whole number",
    "QEMU_MACHINE_TYPE,virt,'none of microvm, q35'",
    "RUNTIME_ENABLE_DEBUG,yes,neither true nor false"
  })
  void wrongValuesAreNamed(ConfigurationKey key, String value, String why) {
    assertThatThrownBy(() -> Configuration.of(Map.of(key, value)))
        .isInstanceOf(CasemateException.class)
        .hasMessageContaining(key.key())
        .hasMessageContaining(why);
  }

  @Test
  void aParameterCannotHoldLineBreaks() {
    assertThatThrownBy(() -> Configuration.of(Map.of(ConfigurationKey.QEMU_KERNEL_PARAMS, "a\nb")))
        .hasMessageContaining("not one line");
  }

  @Test
  void keysAndDefaultsAreConsistent() {
    assertThat(
            new HashSet<>(
                Arrays.stream(ConfigurationKey.values()).map(ConfigurationKey::key).toList()))
        .hasSize(ConfigurationKey.values().length);
    for (ConfigurationKey key : ConfigurationKey.values()) {
      assertThat(key.kind().complaint(key.defaultText())).as(key.key()).isNull();
      assertThat(ConfigurationKey.find(key.key())).isEqualTo(key);
    }
  }

  @Test
  void choicesAreTheConstantsOfTheirEnums() {
    assertThat(words(ConfigurationKey.QEMU_GUEST))
        .isEqualTo(texts(GuestKind.values(), GuestKind::text));
    assertThat(words(ConfigurationKey.QEMU_MACHINE_TYPE))
        .isEqualTo(texts(MachineType.values(), MachineType::text));
    assertThat(words(ConfigurationKey.QEMU_ACCELERATOR))
        .isEqualTo(texts(Accelerator.values(), Accelerator::text));
    assertThat(words(ConfigurationKey.QEMU_SHARED_FS))
        .isEqualTo(texts(SharedFileSystem.values(), SharedFileSystem::text));
    assertThat(words(ConfigurationKey.QEMU_VIRTIO_FS_CACHE))
        .isEqualTo(texts(VirtioFsCache.values(), VirtioFsCache::text));
  }

  private static List<String> words(ConfigurationKey key) {
    return ((ConfigurationKind.Choice) key.kind()).words();
  }

  private static <T> List<String> texts(T[] values, Function<T, String> text) {
    return Stream.of(values).map(text).toList();
  }

  @Test
  void suggestsTheNearestKey() {
    assertThat(ConfigurationKey.nearest("hypervisor.qemu.default_memroy"))
        .isEqualTo("hypervisor.qemu.default_memory");
    assertThat(ConfigurationKey.nearest("runtime.debug")).isEqualTo("runtime.enable_debug");
  }
}
