package dev.casemate.guest;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A kernel's configuration: options to {@code y}, {@code m} or a value; what is off is absent.
 *
 * @param options by name, with the CONFIG_ prefix
 */
record KernelConfig(Map<String, String> options) {
  // Capability to the options that it needs, all of them.
  private static final Map<String, List<String>> CAPABILITIES = capabilities();

  /** Copies the map. */
  KernelConfig {
    options = Map.copyOf(options);
  }

  private static Map<String, List<String>> capabilities() {
    Map<String, List<String>> needs = new TreeMap<>();
    needs.put("acpi-cpu-hotplug", List.of("CONFIG_ACPI_HOTPLUG_CPU"));
    needs.put("acpi-memory-hotplug", List.of("CONFIG_ACPI_HOTPLUG_MEMORY"));
    needs.put("balloon", List.of("CONFIG_VIRTIO_BALLOON", "CONFIG_PAGE_REPORTING"));
    needs.put("dm-verity", List.of("CONFIG_DM_VERITY"));
    needs.put("dm-verity-boot", List.of("CONFIG_DM_VERITY", "CONFIG_DM_INIT"));
    needs.put("erofs", List.of("CONFIG_EROFS_FS"));
    needs.put("ext4", List.of("CONFIG_EXT4_FS"));
    needs.put("mmio-cmdline", List.of("CONFIG_VIRTIO_MMIO_CMDLINE_DEVICES"));
    needs.put("netfilter", List.of("CONFIG_NF_TABLES"));
    needs.put("ninep", List.of("CONFIG_9P_FS", "CONFIG_NET_9P_VIRTIO"));
    needs.put("overlay", List.of("CONFIG_OVERLAY_FS"));
    needs.put("pci", List.of("CONFIG_VIRTIO_PCI"));
    needs.put("pci-hotplug", List.of("CONFIG_HOTPLUG_PCI_PCIE"));
    needs.put("pmem", List.of("CONFIG_VIRTIO_PMEM", "CONFIG_FS_DAX"));
    needs.put("pvh", List.of("CONFIG_PVH"));
    needs.put("ttynull", List.of("CONFIG_NULL_TTY"));
    needs.put("virtio-mem", List.of("CONFIG_VIRTIO_MEM"));
    needs.put("virtio-net", List.of("CONFIG_VIRTIO_NET"));
    needs.put("virtio-rng", List.of("CONFIG_HW_RANDOM_VIRTIO"));
    needs.put("virtio-serial", List.of("CONFIG_VIRTIO_CONSOLE"));
    needs.put("virtiofs", List.of("CONFIG_VIRTIO_FS"));
    needs.put("vmgenid", List.of("CONFIG_VMGENID"));
    needs.put("vsock", List.of("CONFIG_VIRTIO_VSOCKETS"));
    return needs;
  }

  /** Reads a {@code .config} or a fragment of one; {@code =n} counts as off. */
  static KernelConfig parse(String text) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      int equals = line.indexOf('=');
      if (line.startsWith("CONFIG_") && equals > 0) {
        String value = line.substring(equals + 1);
        if (value.equals("n")) {
          options.remove(line.substring(0, equals));
        } else {
          options.put(line.substring(0, equals), value);
        }
      }
    }
    return new KernelConfig(options);
  }

  /** The options that a fragment sets otherwise than this configuration, as lines. */
  List<String> disagreements(String fragment) {
    List<String> found = new ArrayList<>();
    for (String line : fragment.lines().toList()) {
      int equals = line.indexOf('=');
      if (line.startsWith("CONFIG_") && equals > 0) {
        String actual = options.getOrDefault(line.substring(0, equals), "n");
        if (!actual.equals(line.substring(equals + 1))) {
          found.add(line + " (it is " + actual + ")");
        }
      }
    }
    return found;
  }

  /**
   * What a guest with this kernel can do, sorted by name.
   *
   * @param loadable whether options that are modules count, since the guest can load them
   */
  List<String> capabilities(java.util.function.Predicate<String> loadable) {
    return CAPABILITIES.entrySet().stream()
        .filter(entry -> entry.getValue().stream().allMatch(option -> isUsable(option, loadable)))
        .map(Map.Entry::getKey)
        .toList();
  }

  private boolean isUsable(String option, java.util.function.Predicate<String> loadable) {
    return switch (options.getOrDefault(option, "n")) {
      case "y" -> true;
      case "m" -> loadable.test(option);
      default -> false;
    };
  }

  /** The most CPUs that the kernel can use. */
  int maximumCpus() {
    return Integer.parseInt(options.getOrDefault("CONFIG_NR_CPUS", "1"));
  }
}
