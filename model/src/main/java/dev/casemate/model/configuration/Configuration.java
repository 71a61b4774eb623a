package dev.casemate.model.configuration;

import dev.casemate.model.CasemateException;
import dev.casemate.model.DataSize;
import dev.casemate.model.ErrorCode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * All that can be configured.
 *
 * @param hypervisor which VMM, and how
 * @param agent the guest's agent
 * @param runtime the rest
 */
public record Configuration(
    HypervisorConfiguration hypervisor, AgentConfiguration agent, RuntimeConfiguration runtime) {
  /** What holds without any file. */
  public static Configuration defaults() {
    return of(Map.of());
  }

  /**
   * Builds the configuration out of the values of keys; keys that are not there have their default.
   *
   * @throws CasemateException INVALID_ARGUMENT when a value is none that its key takes
   */
  public static Configuration of(Map<ConfigurationKey, String> values) {
    Values all = new Values(values);
    return new Configuration(qemu(all), agent(all), runtime(all));
  }

  private static QemuConfiguration qemu(Values all) {
    return new QemuConfiguration(
        all.path(ConfigurationKey.QEMU_PATH),
        all.choice(ConfigurationKey.QEMU_GUEST, GuestKind.values(), GuestKind::text),
        all.path(ConfigurationKey.QEMU_KERNEL),
        all.path(ConfigurationKey.QEMU_IMAGE),
        all.path(ConfigurationKey.QEMU_INITRD),
        all.text(ConfigurationKey.QEMU_KERNEL_PARAMS),
        all.choice(ConfigurationKey.QEMU_MACHINE_TYPE, MachineType.values(), MachineType::text),
        all.choice(ConfigurationKey.QEMU_ACCELERATOR, Accelerator.values(), Accelerator::text),
        (int) all.number(ConfigurationKey.QEMU_DEFAULT_VCPUS),
        (int) all.number(ConfigurationKey.QEMU_DEFAULT_MAXVCPUS),
        DataSize.ofMebibytes(all.number(ConfigurationKey.QEMU_DEFAULT_MEMORY)),
        all.choice(
            ConfigurationKey.QEMU_SHARED_FS, SharedFileSystem.values(), SharedFileSystem::text),
        all.path(ConfigurationKey.QEMU_VIRTIO_FS_DAEMON),
        all.choice(
            ConfigurationKey.QEMU_VIRTIO_FS_CACHE, VirtioFsCache.values(), VirtioFsCache::text),
        (int) all.number(ConfigurationKey.QEMU_NETWORK_QUEUES),
        all.flag(ConfigurationKey.QEMU_DISABLE_VHOST_NET),
        (int) all.number(ConfigurationKey.QEMU_NETWORK_SPARE_CARDS),
        all.number(ConfigurationKey.QEMU_RX_RATE_LIMITER_MAX_RATE),
        all.number(ConfigurationKey.QEMU_TX_RATE_LIMITER_MAX_RATE),
        all.flag(ConfigurationKey.QEMU_ENABLE_DEBUG));
  }

  private static AgentConfiguration agent(Values all) {
    return new AgentConfiguration(
        all.flag(ConfigurationKey.AGENT_ENABLE_DEBUG),
        Duration.ofMillis(all.number(ConfigurationKey.AGENT_DIAL_TIMEOUT)),
        Duration.ofSeconds(all.number(ConfigurationKey.AGENT_CREATE_CONTAINER_TIMEOUT)));
  }

  private static RuntimeConfiguration runtime(Values all) {
    return new RuntimeConfiguration(
        all.flag(ConfigurationKey.RUNTIME_ENABLE_DEBUG),
        all.choice(
            ConfigurationKey.RUNTIME_INTERNETWORKING_MODEL,
            NetworkModel.values(),
            NetworkModel::text),
        all.flag(ConfigurationKey.RUNTIME_DISABLE_GUEST_SECCOMP));
  }

  /** Checked values, one for each key. */
  private static final class Values {
    private final Map<ConfigurationKey, String> texts = new EnumMap<>(ConfigurationKey.class);

    Values(Map<ConfigurationKey, String> given) {
      for (ConfigurationKey key : ConfigurationKey.values()) {
        String text = given.getOrDefault(key, key.defaultText());
        String complaint = key.kind().complaint(text);
        if (complaint != null) {
          throw new CasemateException(
              ErrorCode.INVALID_ARGUMENT,
              "read the configuration",
              key.key() + ": " + complaint,
              "correct it; its default is "
                  + (key.defaultText().isEmpty() ? "empty" : key.defaultText()));
        }
        texts.put(key, text);
      }
    }

    String text(ConfigurationKey key) {
      return texts.getOrDefault(key, key.defaultText());
    }

    Optional<Path> path(ConfigurationKey key) {
      String text = text(key);
      return text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text));
    }

    long number(ConfigurationKey key) {
      return Long.parseLong(text(key));
    }

    boolean flag(ConfigurationKey key) {
      return text(key).equals("true");
    }

    <T> T choice(ConfigurationKey key, T[] values, Function<T, String> spelling) {
      String text = text(key);
      for (T value : values) {
        if (spelling.apply(value).equals(text)) {
          return value;
        }
      }
      throw new IllegalStateException(key + " takes " + text + ", which is no constant");
    }
  }
}
