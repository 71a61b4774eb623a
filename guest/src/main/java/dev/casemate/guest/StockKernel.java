package dev.casemate.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Makes a bootable kernel of the distribution's cloud kernel. Owned by the building thread. */
final class StockKernel {
  private static final String META_PACKAGE = "linux-image-cloud-amd64";
  private static final String IMAGE_PREFIX = "linux-image-";
  private static final String BUSYBOX_PACKAGE = "busybox-static";
  private static final long SPACE_BYTES = 512L << 20;

  private final BuildCache cache;
  private final DebianPackages packages;
  private final Progress progress;

  StockKernel(BuildCache cache, DebianPackages packages, Progress progress) {
    this.cache = cache;
    this.packages = packages;
    this.progress = progress;
  }

  /** The kernel, from the cache when this version was made before. */
  Kernel make() throws IOException {
    DebianPackages.Description image = imagePackage();
    byte[] busybox = busybox();
    progress.note("kernel " + image.name() + " " + image.version());
    String key =
        new ContentKey()
            .add(image.name())
            .add(image.version())
            .add(image.sha256())
            .addBytes(busybox)
            .add(ImageBuilder.version())
            .name();
    packages.note(image.name(), image.version());
    return Kernel.read(
        cache.entry("kernel-stock", key, directory -> make(directory, image, busybox)));
  }

  private DebianPackages.Description imagePackage() {
    DebianPackages.Description meta = packages.describe(META_PACKAGE);
    String name =
        meta.dependencies().stream()
            .filter(one -> one.startsWith(IMAGE_PREFIX))
            .findFirst()
            .orElseThrow(() ->
                Failures.host(
                    "find the distribution's kernel",
                    META_PACKAGE + " depends on no " + IMAGE_PREFIX + "… package",
                    "run apt-get update"));
    return packages.describe(name);
  }

  private byte[] busybox() throws IOException {
    Path installed = Path.of("/bin/busybox");
    Optional<String> version = packages.installedVersion(BUSYBOX_PACKAGE);
    if (version.isPresent() && Files.isRegularFile(installed)) {
      packages.note(BUSYBOX_PACKAGE, version.get());
      return Files.readAllBytes(installed);
    }
    try (Scratch scratch = cache.scratch("busybox")) {
      packages.unpack(packages.describe(BUSYBOX_PACKAGE), scratch.directory());
      return Files.readAllBytes(firstOf(scratch.directory(), "bin/busybox", "usr/bin/busybox"));
    }
  }

  private static Path firstOf(Path directory, String... names) {
    return Stream.of(names)
        .map(directory::resolve)
        .filter(Files::isRegularFile)
        .findFirst()
        .orElseThrow(() ->
            Failures.image(
                "use a Debian package", "it holds no " + String.join(" or ", names), ""));
  }

  private void make(Path directory, DebianPackages.Description image, byte[] busybox)
      throws IOException {
    Failures.requireSpace(directory, SPACE_BYTES, "unpack the distribution's kernel");
    try (Scratch stock = cache.scratch("stock")) {
      Path scratch = stock.directory();
      packages.unpack(image, scratch);
      String release = release(scratch);
      byte[] bzImage =
          Files.readAllBytes(
              firstOf(
                  scratch, "boot/vmlinuz-" + release, "usr/lib/modules/" + release + "/vmlinuz"));
      String config =
          Files.readString(
              firstOf(scratch, "boot/config-" + release, "usr/lib/modules/" + release + "/config"));
      Optional<byte[]> elf = KernelImage.elf(bzImage, scratch);
      String name = elf.isPresent() ? "vmlinux" : "vmlinuz";
      if (elf.isEmpty()) {
        progress.note("no program here unpacks this kernel: its boot will take longer");
      }
      Files.write(directory.resolve(name), elf.orElse(bzImage));
      Initrd.Built initrd =
          Initrd.build(release, new KernelModules(modules(scratch, release), scratch), busybox);
      Files.write(directory.resolve("initrd.img"), initrd.archive());
      KernelConfig options = KernelConfig.parse(config);
      new Kernel(
              directory,
              name,
              Optional.of("initrd.img"),
              release,
              options.capabilities(initrd::holdsModuleOf),
              options.maximumCpus(),
              initrd.modules())
          .save();
    }
  }

  private static Path modules(Path unpacked, String release) {
    Path usr = unpacked.resolve("usr/lib/modules").resolve(release);
    return Files.isDirectory(usr) ? usr : unpacked.resolve("lib/modules").resolve(release);
  }

  private static String release(Path unpacked) throws IOException {
    for (String parent : new String[] {"usr/lib/modules", "lib/modules"}) {
      Path modules = unpacked.resolve(parent);
      if (Files.isDirectory(modules)) {
        try (Stream<Path> releases = Files.list(modules)) {
          return releases
              .map(path -> String.valueOf(path.getFileName()))
              .sorted()
              .findFirst()
              .orElseThrow(() -> Failures.image("use the kernel package", "it is empty", ""));
        }
      }
    }
    throw Failures.image("use the kernel package", "it holds no modules", "");
  }
}
