package dev.casemate.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** An image of busybox, made by the programs that users make images with. */
public final class ImageArchive {
  private static final String OCI = "oci-archive";

  private ImageArchive() {}

  /**
   * Writes an OCI archive, for {@code ctr image import}.
   *
   * @param scratch a directory that does not exist yet
   * @param name the image's, with a host part, so that nobody goes and asks a registry
   */
  public static Path make(Path scratch, String name) {
    return make(scratch, OCI, name, List.of());
  }

  /**
   * Likewise, for a pod's sandbox: its command does nothing but live.
   *
   * @param scratch a directory that does not exist yet
   */
  public static Path makePause(Path scratch, String name) {
    return make(
        scratch, OCI, name, List.of("--config.entrypoint", "sleep", "--config.cmd", "2147483647"));
  }

  /**
   * Writes a Docker archive, for {@code docker load} and {@code podman load}; else as {@link
   * #make}.
   */
  public static Path makeForDocker(Path scratch, String name) {
    return make(scratch, "docker-archive", name, List.of());
  }

  private static Path make(Path scratch, String format, String name, List<String> settings) {
    String layout = scratch.resolve("layout") + ":latest";
    String unpacked = scratch.resolve("unpacked").toString();
    Path archive = scratch.resolve("archive.tar");
    try {
      Files.createDirectories(scratch);
      run(scratch, "umoci", "init", "--layout", scratch.resolve("layout").toString());
      run(scratch, "umoci", "new", "--image", layout);
      run(scratch, "umoci", "unpack", "--image", layout, unpacked);
      Bundle.writeRootfs(scratch.resolve("unpacked/rootfs"));
      run(scratch, "umoci", "repack", "--image", layout, unpacked);
      List<String> config = new ArrayList<>();
      config.addAll(List.of("umoci", "config", "--image", layout, "--config.env", "PATH=/bin"));
      config.addAll(settings);
      run(scratch, config.toArray(String[]::new));
      run(
          scratch,
          "skopeo",
          "--insecure-policy",
          "copy",
          "oci:" + layout,
          format + ":" + archive + ":" + name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return archive;
  }

  private static void run(Path scratch, String... command) {
    RunningCommand.start(List.of(command), scratch, RunningCommand.NO_INPUT, Map.of())
        .await()
        .mustSucceed();
  }
}
