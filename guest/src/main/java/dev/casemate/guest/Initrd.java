package dev.casemate.guest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The initial RAM file system of the stock kernel: a static busybox, the modules that a container's
 * machine can need, and a script that loads those of the root image's disk and of the devices that
 * are there. The module tree stays reachable in the running guest, where the kernel asks for the
 * rest when it is first used ({@code request_module}). Stateless.
 */
final class Initrd {
  private static final int PROGRAM = 0755;
  private static final int DATA = 0644;

  /** Loaded before anything else can be seen: buses and the root image's file system. */
  private static final List<String> ALWAYS =
      List.of("virtio_mmio", "virtio_pci", "virtio_blk", "erofs", "virtio_console");

  /** Loaded when a device or a system call asks for them. */
  private static final List<String> ON_DEMAND =
      List.of(
          "virtio_net",
          "virtio_rng",
          "virtio_balloon",
          "virtio_mem",
          "virtiofs",
          "overlay",
          "vmw_vsock_virtio_transport",
          "vsock_loopback",
          "9pnet_virtio",
          "9p",
          "virtio_pmem",
          "nd_pmem",
          "dm_verity",
          "loop",
          "squashfs",
          "veth",
          "bridge",
          "tun",
          "dummy",
          "macvlan",
          "nf_tables",
          "nf_nat",
          "nft_ct",
          "nft_nat",
          "nft_masq",
          "nft_redir",
          "nft_chain_nat",
          "nft_compat",
          "nft_reject",
          "nft_reject_inet",
          "nft_tproxy",
          "nft_socket",
          "nft_limit",
          "nft_log",
          "ip_tables",
          "iptable_filter",
          "iptable_nat",
          "iptable_mangle",
          "iptable_raw",
          "ip6_tables",
          "ip6table_filter",
          "ip6table_nat",
          "ip6table_mangle",
          "ip6table_raw",
          "xt_addrtype",
          "xt_comment",
          "xt_conntrack",
          "xt_multiport",
          "xt_owner",
          "xt_mark",
          "xt_connmark",
          "xt_nat",
          "xt_MASQUERADE",
          "xt_REDIRECT",
          "xt_TPROXY",
          "xt_socket",
          "xt_tcpudp",
          "vmgenid");

  /** Modules by their capability's option, for those that a stock kernel has as modules. */
  private static final Map<String, String> MODULE_OF_OPTION =
      Map.ofEntries(
          Map.entry("CONFIG_VIRTIO_BALLOON", "virtio_balloon"),
          Map.entry("CONFIG_DM_VERITY", "dm_verity"),
          Map.entry("CONFIG_EROFS_FS", "erofs"),
          Map.entry("CONFIG_NF_TABLES", "nf_tables"),
          Map.entry("CONFIG_9P_FS", "9p"),
          Map.entry("CONFIG_NET_9P_VIRTIO", "9pnet_virtio"),
          Map.entry("CONFIG_OVERLAY_FS", "overlay"),
          Map.entry("CONFIG_VIRTIO_PCI", "virtio_pci"),
          Map.entry("CONFIG_VIRTIO_PMEM", "virtio_pmem"),
          Map.entry("CONFIG_VIRTIO_MEM", "virtio_mem"),
          Map.entry("CONFIG_VIRTIO_NET", "virtio_net"),
          Map.entry("CONFIG_HW_RANDOM_VIRTIO", "virtio_rng"),
          Map.entry("CONFIG_VIRTIO_CONSOLE", "virtio_console"),
          Map.entry("CONFIG_VIRTIO_FS", "virtiofs"),
          Map.entry("CONFIG_VMGENID", "vmgenid"),
          Map.entry("CONFIG_VIRTIO_VSOCKETS", "vmw_vsock_virtio_transport"));

  private Initrd() {}

  /** An initial RAM file system. Immutable; the archive's bytes are not copied. */
  static final class Built {
    private final byte[] archive;
    private final List<String> modules;

    Built(byte[] archive, List<String> modules) {
      this.archive = archive;
      this.modules = List.copyOf(modules);
    }

    /** The uncompressed cpio archive. */
    byte[] archive() {
      return archive;
    }

    /** The names of all modules in it. */
    List<String> modules() {
      return modules;
    }

    /** Whether the module that a kernel option stands for is in it. */
    boolean holdsModuleOf(String option) {
      String module = MODULE_OF_OPTION.get(option);
      return module != null && modules.contains(module);
    }
  }

  /**
   * Builds it.
   *
   * @param release the kernel's {@code uname -r}
   * @param available the kernel's modules
   * @param busybox a static busybox with sh, mount, modprobe and chroot
   */
  static Built build(String release, KernelModules available, byte[] busybox) throws IOException {
    List<String> wanted = new ArrayList<>(ALWAYS);
    wanted.addAll(ON_DEMAND);
    List<KernelModules.Module> all = available.closure(wanted);
    String tree = "lib/modules/" + release;
    CpioArchive archive = new CpioArchive();
    for (String mountPoint : List.of("dev", "proc", "root", "sys")) {
      archive.directory(mountPoint);
    }
    archive.device("dev/console", 5, 1);
    archive.file("lib/modules/busybox", PROGRAM, busybox);
    archive.link("lib/modules/modprobe", "busybox");
    for (KernelModules.Module module : all) {
      archive.file(tree + "/" + module.name() + ".ko", DATA, module.content());
    }
    archive.file(tree + "/modules.dep", DATA, dependencies(all));
    archive.file(tree + "/modules.alias", DATA, aliases(all));
    archive.file("init", PROGRAM, script());
    return new Built(archive.finish(), all.stream().map(KernelModules.Module::name).toList());
  }

  private static byte[] script() throws IOException {
    try (InputStream in = Initrd.class.getResourceAsStream("initrd-init.sh")) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks initrd-init.sh");
      }
      return in.readAllBytes();
    }
  }

  /** modules.dep(5): each module's file, a colon, the files of all that it needs, deepest last. */
  private static byte[] dependencies(List<KernelModules.Module> modules) {
    Map<String, KernelModules.Module> byName =
        modules.stream().collect(Collectors.toMap(KernelModules.Module::name, m -> m));
    StringBuilder text = new StringBuilder();
    for (KernelModules.Module module : modules) {
      Set<String> needed = new LinkedHashSet<>();
      collect(module, byName, needed);
      text.append(module.name()).append(".ko:");
      needed.forEach(name -> text.append(' ').append(name).append(".ko"));
      text.append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void collect(
      KernelModules.Module module, Map<String, KernelModules.Module> byName, Set<String> needed) {
    for (String name : module.needs()) {
      KernelModules.Module one = byName.get(name);
      if (one != null) {
        needed.remove(name);
        needed.add(name);
        collect(one, byName, needed);
      }
    }
  }

  private static byte[] aliases(List<KernelModules.Module> modules) {
    StringBuilder text = new StringBuilder();
    for (KernelModules.Module module : modules) {
      for (String alias : module.aliases()) {
        text.append("alias ").append(alias).append(' ').append(module.name()).append('\n');
      }
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
