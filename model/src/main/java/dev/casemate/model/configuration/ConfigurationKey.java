package dev.casemate.model.configuration;

import dev.casemate.model.configuration.ConfigurationKind.Choice;
import dev.casemate.model.configuration.ConfigurationKind.Flag;
import dev.casemate.model.configuration.ConfigurationKind.HostPath;
import dev.casemate.model.configuration.ConfigurationKind.Text;
import dev.casemate.model.configuration.ConfigurationKind.WholeNumber;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Every key that a configuration may hold; there are no others. */
public enum ConfigurationKey {
  /** The program of the VMM. */
  QEMU_PATH(
      "hypervisor.qemu.path",
      new HostPath(),
      "",
      "QEMU's program; empty looks for qemu-system-* on the usual paths"),
  /** Which guest to boot. */
  QEMU_GUEST(
      "hypervisor.qemu.guest",
      new Choice(List.of("auto", "stock", "own")),
      "auto",
      "which installed guest to boot; kernel, image and initrd override its files"),
  /** The guest kernel. */
  QEMU_KERNEL(
      "hypervisor.qemu.kernel",
      new HostPath(),
      "",
      "the guest's kernel; empty for the guest's own"),
  /** The guest's root image. */
  QEMU_IMAGE(
      "hypervisor.qemu.image",
      new HostPath(),
      "",
      "the guest's read-only root image; empty for the guest's own"),
  /** The guest's initrd. */
  QEMU_INITRD(
      "hypervisor.qemu.initrd",
      new HostPath(),
      "",
      "the guest's initrd; empty for the guest's own, if it has one"),
  /** Further kernel parameters. */
  QEMU_KERNEL_PARAMS(
      "hypervisor.qemu.kernel_params",
      new Text(),
      "",
      "added at the end of the guest kernel's command line"),
  /** The machine. */
  QEMU_MACHINE_TYPE(
      "hypervisor.qemu.machine_type",
      new Choice(List.of("microvm", "q35")),
      "microvm",
      "the machine that QEMU is"),
  /** How the guest's instructions are run. */
  QEMU_ACCELERATOR(
      "hypervisor.qemu.accelerator",
      new Choice(List.of("auto", "kvm", "tcg")),
      "auto",
      "auto takes KVM where it was seen to work"),
  /** Processors without a limit. */
  QEMU_DEFAULT_VCPUS(
      "hypervisor.qemu.default_vcpus",
      new WholeNumber(1, 255),
      "1",
      "processors of a container that has no CPU limit"),
  /** The most processors. */
  QEMU_DEFAULT_MAXVCPUS(
      "hypervisor.qemu.default_maxvcpus",
      new WholeNumber(0, 255),
      "0",
      "the most processors that any limit leads to; 0 for the host's number"),
  /** Memory without a limit. */
  QEMU_DEFAULT_MEMORY(
      "hypervisor.qemu.default_memory",
      new WholeNumber(64, 1 << 24),
      "2048",
      "memory in MiB of a container that has no memory limit; only what is touched is used"),
  /** How directories get into the guest. */
  QEMU_SHARED_FS(
      "hypervisor.qemu.shared_fs",
      new Choice(List.of("auto", "virtio-fs", "virtio-9p")),
      "auto",
      "auto takes virtio-fs where its daemon is installed"),
  /** The virtio-fs daemon. */
  QEMU_VIRTIO_FS_DAEMON(
      "hypervisor.qemu.virtio_fs_daemon",
      new HostPath(),
      "",
      "virtiofsd; empty looks for /usr/libexec/virtiofsd and /usr/lib/qemu/virtiofsd"),
  /** What the guest may remember. */
  QEMU_VIRTIO_FS_CACHE(
      "hypervisor.qemu.virtio_fs_cache",
      new Choice(List.of("never", "auto", "always")),
      "auto",
      "what the guest may remember of the host's files; never costs speed, always hides changes"),
  /** Queues of a network card. */
  QEMU_NETWORK_QUEUES(
      "hypervisor.qemu.network_queues",
      new WholeNumber(1, 256),
      "1",
      "queues of each network card; more than one pays with vhost and several processors"),
  /** Whether network cards are served by the VMM itself. */
  QEMU_DISABLE_VHOST_NET(
      "hypervisor.qemu.disable_vhost_net",
      new Flag(),
      "false",
      "has QEMU move packets itself even where the host's kernel could (/dev/vhost-net, KVM only)"),
  /** Network cards for interfaces that come later. */
  QEMU_NETWORK_SPARE_CARDS(
      "hypervisor.qemu.network_spare_cards",
      new WholeNumber(0, 8),
      "1",
      "network cards for interfaces that come late, where none are there when the machine starts"),
  /** How fast a guest may receive. */
  QEMU_RX_RATE_LIMITER_MAX_RATE(
      "hypervisor.qemu.rx_rate_limiter_max_rate",
      new WholeNumber(0, 1_000_000_000_000L),
      "0",
      "bits per second that each interface may receive; 0 for no limit"),
  /** How fast a guest may send. */
  QEMU_TX_RATE_LIMITER_MAX_RATE(
      "hypervisor.qemu.tx_rate_limiter_max_rate",
      new WholeNumber(0, 1_000_000_000_000L),
      "0",
      "bits per second that each interface may send; 0 for no limit"),
  /** More output of VMM and guest kernel. */
  QEMU_ENABLE_DEBUG(
      "hypervisor.qemu.enable_debug",
      new Flag(),
      "false",
      "lets the guest's kernel print all it does"),
  /** More output of the agent. */
  AGENT_ENABLE_DEBUG(
      "agent.kata.enable_debug", new Flag(), "false", "lets the guest's agent log all it does"),
  /** How long the agent may take to answer for the first time. */
  AGENT_DIAL_TIMEOUT(
      "agent.kata.dial_timeout_ms",
      new WholeNumber(1_000, 600_000),
      "180000",
      "milliseconds that the guest may take from power-on to the agent's first answer"),
  /** How long the agent may take to create a container. */
  AGENT_CREATE_CONTAINER_TIMEOUT(
      "agent.kata.create_container_timeout",
      new WholeNumber(1, 3_600),
      "60",
      "seconds that the agent may take to create a container"),
  /** More output of the runtime. */
  RUNTIME_ENABLE_DEBUG(
      "runtime.enable_debug", new Flag(), "false", "lets the runtime log all it does"),
  /** How the guest's network is connected. */
  RUNTIME_INTERNETWORKING_MODEL(
      "runtime.internetworking_model",
      new Choice(List.of("tcfilter", "none")),
      "tcfilter",
      "tcfilter gives the guest all that comes in by an interface; none gives it no network"),
  /** Whether seccomp profiles are left out. */
  RUNTIME_DISABLE_GUEST_SECCOMP(
      "runtime.disable_guest_seccomp",
      new Flag(),
      "false",
      "runs containers in the guest without their seccomp profiles");

  private final String key;

  // Records of immutable content, which the checker cannot know of List.copyOf.
  @SuppressWarnings("ImmutableEnumChecker")
  private final ConfigurationKind kind;

  private final String defaultText;
  private final String meaning;

  ConfigurationKey(String key, ConfigurationKind kind, String defaultText, String meaning) {
    this.key = key;
    this.kind = kind;
    this.defaultText = defaultText;
    this.meaning = meaning;
  }

  /** Its dotted name, section first. */
  public String key() {
    return key;
  }

  /** What values it takes. */
  public ConfigurationKind kind() {
    return kind;
  }

  /** The value where no file says anything. */
  public String defaultText() {
    return defaultText;
  }

  /** What it does, one line for people. */
  public String meaning() {
    return meaning;
  }

  /** The key with this dotted name, or null. */
  public static @Nullable ConfigurationKey find(String key) {
    for (ConfigurationKey candidate : values()) {
      if (candidate.key.equals(key)) {
        return candidate;
      }
    }
    return null;
  }

  /** The dotted name that takes the fewest edits to become the given one. */
  public static String nearest(String key) {
    String nearest = "";
    int least = Integer.MAX_VALUE;
    for (ConfigurationKey candidate : values()) {
      int distance = distance(key, candidate.key);
      if (distance < least) {
        least = distance;
        nearest = candidate.key;
      }
    }
    return nearest;
  }

  /** The Levenshtein distance. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
