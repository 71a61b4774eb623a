package dev.casemate.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes the read-only EROFS root image; the same for every kernel. Owned by the building thread.
 */
final class RootImage {
  /** The image's name in the cache and in a guest. */
  static final String FILE = "root.erofs";

  // A fixed one: a random one would make every image differ.
  private static final String UUID = "8e1f2d0c-6c1b-4c43-9f0e-ca5e3a7e0001";
  private static final String PACKER = "mkfs.erofs";
  // 5 MB smaller than with 4 KiB and as fast; 64 KiB would save 2 MB more and cost 0.2 s of a boot.
  private static final int CLUSTER_BYTES = 16 << 10;
  private static final long SPACE_BYTES = 512L << 20;

  private final BuildCache cache;
  private final DebianPackages packages;
  private final Progress progress;

  RootImage(BuildCache cache, DebianPackages packages, Progress progress) {
    this.cache = cache;
    this.packages = packages;
    this.progress = progress;
  }

  /**
   * The directory that holds the image.
   *
   * @param javaHome the JDK that the runtime is linked from
   * @param agent where the agent's jars are
   */
  Path make(Path javaHome, Path agent) throws IOException {
    try (Scratch scratch = cache.scratch("root")) {
      Failures.requireSpace(scratch.directory(), SPACE_BYTES, "lay out the root image");
      Path root = Files.createDirectory(scratch.directory().resolve("root"));
      RootTree tree = new RootTree(root, packages, cache);
      tree.layOut();
      tree.addAgent(agent);
      progress.note("linking the Java runtime");
      tree.addRuntime(javaHome);
      tree.addContainerRuntime();
      Trees.settleTimes(root);
      new AotTraining(tree, cache, progress).addCache();
      Trees.settleTimes(root);
      progress.step("root image: packing");
      String key = new ContentKey().addTree(root).add(packer()).add(ImageBuilder.version()).name();
      return cache.entry("root", key, directory -> pack(root, directory));
    }
  }

  /** The program itself stands for its version, which not every release tells. */
  private static String packer() throws IOException {
    HostTool.require(PACKER, "erofs-utils");
    return ContentKey.sha256Of(HostTool.find(PACKER).orElseThrow());
  }

  private static void pack(Path root, Path directory) {
    HostTool.of(
            directory,
            PACKER,
            "-zlz4hc,12",
            "-C" + CLUSTER_BYTES,
            "-Eforce-inode-extended",
            "--all-root",
            "-T" + Trees.EPOCH.getEpochSecond(),
            "-U" + UUID,
            directory.resolve(FILE).toString(),
            root.toString())
        .run("pack the root image");
  }
}
