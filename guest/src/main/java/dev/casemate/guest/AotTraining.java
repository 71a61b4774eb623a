package dev.casemate.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Makes the agent's AOT cache by running the agent's {@code --train} in the root image's tree: same
 * paths, same flags, same libraries as in the guest. The JVM does not write the same bytes twice,
 * so the cache is kept by the digest of all that shapes it; and since it does not notice a jar that
 * changed (JDK-8377932), nothing else ever decides whether a cache fits. Owned by the building
 * thread.
 */
final class AotTraining {
  private static final String FILE = "agent.aot";
  private static final String TRAINED = "tmp/agent.aot";

  private final RootTree tree;
  private final BuildCache cache;
  private final Progress progress;

  AotTraining(RootTree tree, BuildCache cache, Progress progress) {
    this.tree = tree;
    this.cache = cache;
    this.progress = progress;
  }

  /** Adds the AOT cache to the tree; file times in the tree must be settled already. */
  void addCache() throws IOException {
    Path root = tree.root();
    String key =
        new ContentKey()
            .addTree(root.resolve(RootTree.RUNTIME))
            .addTree(root.resolve(RootTree.AGENT))
            .addTree(root.resolve("usr/lib"))
            .add(Trees.EPOCH.toString())
            .name();
    Path entry = cache.entry("aot", key, this::train);
    Trees.install(entry.resolve(FILE), root.resolve(RootTree.AOT_CACHE), "rw-r--r--");
  }

  private void train(Path directory) throws IOException {
    progress.note("training the AOT cache");
    Path trained = tree.root().resolve(TRAINED);
    try {
      run("train the agent's AOT cache", List.of("-XX:AOTCacheOutput=/" + TRAINED));
      if (!Files.isRegularFile(trained)) {
        throw Failures.image(
            "train the agent's AOT cache", "the JVM wrote none", "the agent's --train must exit");
      }
      // AOTMode=on: a cache that the JVM would refuse in the guest fails here instead.
      run("use the agent's AOT cache", List.of("-XX:AOTCache=/" + TRAINED, "-XX:AOTMode=on"));
      Files.copy(trained, directory.resolve(FILE), StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(trained);
    }
  }

  private void run(String purpose, List<String> aot) {
    List<String> command = new ArrayList<>(chroot(tree.root()));
    command.add("/" + RootTree.RUNTIME + "/bin/java");
    command.addAll(RootTree.flags());
    command.addAll(aot);
    command.addAll(RootTree.program());
    command.add("--train");
    new HostTool(command, tree.root(), environment(), HostTool.SHORT).run(purpose);
  }

  /** What the kernel's command line puts into the agent's environment. */
  static Map<String, String> environment() {
    return Map.of("LD_LIBRARY_PATH", "/" + RootTree.RUNTIME + "/lib", "MALLOC_ARENA_MAX", "1");
  }

  /** How this user changes its root directory. */
  private static List<String> chroot(Path root) {
    List<String> chroot = List.of("chroot", root.toString());
    if ("root".equals(System.getProperty("user.name"))) {
      return chroot;
    }
    List<String> command = new ArrayList<>(List.of("unshare", "--map-root-user"));
    command.addAll(chroot);
    return command;
  }
}
