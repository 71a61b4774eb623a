package dev.casemate.guest;

import dev.casemate.model.CasemateException;
import dev.casemate.model.guest.GuestManifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Builds a guest: fetches or compiles the kernel, makes the root image, publishes both with their
 * manifest. One builder builds once, on the calling thread; several may run at once, on one cache
 * and one output.
 */
public final class ImageBuilder {
  // Part of every cache key: raised when the same inputs must give other bytes than before.
  private static final String VERSION = "2";

  // Kernel parameters that hold on every host. The VMM driver adds console and tsc_early_khz.
  private static final List<String> COMMON_PARAMETERS =
      List.of(
          "quiet",
          "tsc=reliable",
          "no_timer_check",
          "noreplace-smp",
          "reboot=t",
          "panic=-1",
          "random.trust_cpu=on",
          "cryptomgr.notests",
          "rcupdate.rcu_expedited=1");

  // What a distribution's kernel sets up for uses that a guest does not have, by the emulated
  // instructions that each costs (docs/design/guest.md): tracing, and keys for the signatures of
  // modules, which the initial RAM disk has cut off. No security module has a policy in a guest;
  // programs bring their own for Landlock.
  private static final List<String> STOCK_PARAMETERS =
      List.of(
          "initcall_blacklist=init_kprobe_trace,trace_eval_init,tracer_init_tracefs,"
              + "ftrace_check_for_weak_functions,load_system_certificate_list,"
              + "load_revocation_certificate_list",
          "lsm=landlock");

  private final BuildOptions options;
  private final Progress progress;
  private final BuildCache cache;
  private final DebianPackages packages;

  ImageBuilder(BuildOptions options, Progress progress) {
    this.options = options;
    this.progress = progress;
    this.cache = new BuildCache(options.cache(), progress);
    this.packages = new DebianPackages(cache, progress);
  }

  /** How many steps a build reports. */
  static int steps() {
    return 5;
  }

  /** What stands for the builder itself in cache keys. */
  static String version() {
    return VERSION;
  }

  /**
   * Builds and publishes.
   *
   * @throws CasemateException HOST_UNFIT, EXHAUSTED, GUEST_IMAGE, TIMED_OUT or CANCELLED; the
   *     output is then as it was before
   */
  void build() {
    try {
      progress.step("tools of this machine");
      requireTools();
      cache.sweep();
      progress.step("kernel: " + options.kernel().text());
      Kernel kernel = kernel();
      progress.step("root image: laying out");
      Path root =
          new RootImage(cache, packages, progress).make(options.javaHome(), options.agent());
      progress.step("publishing to " + options.output());
      publish(kernel, root);
    } catch (IOException e) {
      throw Failures.io("build a guest", options.cache(), e);
    }
  }

  private static void requireTools() {
    if (!"amd64".equals(System.getProperty("os.arch"))) {
      throw Failures.host("build a guest", "this machine is not an x86-64", "");
    }
    HostTool.require("apt-get", "apt");
    HostTool.require("dpkg-deb", "dpkg");
    HostTool.require("mkfs.erofs", "erofs-utils");
    HostTool.require("strip", "binutils");
    HostTool.require("chroot", "coreutils");
  }

  private Kernel kernel() throws IOException {
    return switch (options.kernel()) {
      case STOCK -> new StockKernel(cache, packages, progress).make();
      case OWN -> new OwnKernel(cache, packages, progress, options.kernelSource()).make();
    };
  }

  private void publish(Kernel kernel, Path root) throws IOException {
    Map<String, Path> files = new TreeMap<>();
    files.put(kernel.image(), kernel.directory().resolve(kernel.image()));
    kernel.initrd().ifPresent(name -> files.put(name, kernel.directory().resolve(name)));
    files.put(RootImage.FILE, root.resolve(RootImage.FILE));
    Map<String, String> sources = new TreeMap<>(packages.used());
    sources.put("java", Runtime.version().toString());
    new Publication(options.output(), cache)
        .publish(
            files,
            entries ->
                new GuestManifest(
                    options.kernel().text(),
                    kernel.release(),
                    kernel.image(),
                    kernel.initrd(),
                    RootImage.FILE,
                    parameters(options.kernel()),
                    kernel.capabilities(),
                    kernel.maximumCpus(),
                    kernel.modules(),
                    sources,
                    entries));
  }

  /**
   * The kernel's parameters. {@code init} comes before the word for the agent, which the kernel
   * hands on since it does not know it.
   */
  static List<String> parameters(KernelFlavour flavour) {
    List<String> parameters = new ArrayList<>(COMMON_PARAMETERS);
    parameters.addAll(
        switch (flavour) {
          case STOCK -> STOCK_PARAMETERS;
          case OWN -> List.of("root=/dev/vda", "rootfstype=erofs", "ro");
        });
    parameters.add("init=/" + RootTree.RUNTIME + "/bin/java");
    new TreeMap<>(AotTraining.environment())
        .forEach((name, value) -> parameters.add(name + "=" + value));
    parameters.add("@/" + RootTree.ARGUMENTS);
    return parameters;
  }
}
