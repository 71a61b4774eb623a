package dev.casemate.hypervisor.qemu;

import dev.casemate.core.GuestSoftware;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Debian's stock cloud kernel and a RAM disk of busybox around it, fetched once per checkout into
 * the module's build directory.
 */
final class StockGuest {
  private static final Path CACHE = Path.of("target", "stock-guest");
  private static final String KERNEL_PACKAGE = "linux-image-cloud-amd64";
  private static final long FETCH_BOUND_SECONDS = 300;
  private static final List<String> MODULES =
      List.of(
          "virtio/virtio_ring",
          "virtio/virtio",
          "virtio/virtio_mmio",
          "virtio/virtio_pci_modern_dev",
          "virtio/virtio_pci_legacy_dev",
          "virtio/virtio_pci",
          "char/virtio_console",
          "block/virtio_blk");

  /** Loads the drivers, then does as a test says, then turns the machine off. */
  private static final String INIT =
      """
      #!/bin/busybox sh
      b=/bin/busybox
      $b mount -t proc proc /proc
      $b mount -t sysfs sys /sys
      $b mount -t devtmpfs dev /dev
      for m in virtio_ring virtio virtio_mmio virtio_pci_modern_dev virtio_pci_legacy_dev \
          virtio_pci virtio_console virtio_blk; do $b insmod /lib/$m.ko; done
      port() {
        while :; do
          for p in /sys/class/virtio-ports/*; do
            [ "$($b cat $p/name)" = agent ] && echo /dev/${p##*/} && return
          done
          $b usleep 10000
        done 2>/dev/null
      }
      %s
      $b poweroff -f
      """;

  private StockGuest() {}

  /** The kernel, with a root image that it does not even look at, and that init script. */
  static GuestSoftware booting(Path directory, String script) {
    GuestSoftware bare = withoutInit(directory);
    try {
      Path initrd = directory.resolve("initrd.img");
      Cpio cpio = new Cpio();
      List.of("bin", "dev", "lib", "proc", "sys").forEach(cpio::directory);
      cpio.program("bin/busybox", Files.readAllBytes(CACHE.resolve("busybox")));
      for (String module : MODULES) {
        String name = Path.of(module).getFileName() + ".ko";
        cpio.program("lib/" + name, Files.readAllBytes(CACHE.resolve(name)));
      }
      cpio.program("init", INIT.replace("%s", script).getBytes(StandardCharsets.UTF_8));
      Files.write(initrd, cpio.end());
      return new GuestSoftware(
          bare.kernel(),
          Optional.of(initrd),
          bare.rootImage(),
          bare.kernelParameters(),
          bare.kernelRelease());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The kernel alone: it panics, since it finds nothing to run. */
  static GuestSoftware withoutInit(Path directory) {
    fetch();
    try {
      Path kernel = directory.resolve("vmlinuz");
      Files.copy(CACHE.resolve("vmlinuz"), kernel, StandardCopyOption.REPLACE_EXISTING);
      Path root = directory.resolve("root.img");
      Files.write(root, image());
      return new GuestSoftware(kernel, Optional.empty(), root, List.of(), "stock");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** 64 KiB with an ext4 superblock's magic number. */
  static byte[] image() {
    byte[] image = new byte[64 * 1024];
    image[1024 + 56] = 0x53;
    image[1024 + 57] = (byte) 0xEF;
    return image;
  }

  private static synchronized void fetch() {
    if (Files.exists(CACHE.resolve("busybox"))) {
      return;
    }
    try {
      Files.createDirectories(CACHE);
      run(
          """
          set -e
          rm -rf parts; mkdir parts; cd parts
          image=$(apt-cache depends %s | sed -n 's/^ *Depends: *\\(linux-image-[0-9].*\\)/\\1/p' | head -n1)
          apt-get -q download "$image" busybox-static
          for p in *.deb; do dpkg-deb -x "$p" tree; done
          cp tree/boot/vmlinuz-* ../vmlinuz
          for m in %s; do cp tree/lib/modules/*/kernel/drivers/$m.ko ..; done
          cp tree/bin/busybox ../busybox.new
          cd ..; rm -rf parts; mv busybox.new busybox
          """
              .formatted(KERNEL_PACKAGE, String.join(" ", MODULES)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void run(String script) throws IOException {
    Path log = CACHE.resolve("fetch.log");
    Process process =
        new ProcessBuilder("/bin/sh", "-c", script)
            .directory(CACHE.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      if (!process.waitFor(FETCH_BOUND_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IOException("the stock kernel could not be fetched: " + Files.readString(log));
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
