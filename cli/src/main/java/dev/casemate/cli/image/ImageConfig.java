package dev.casemate.cli.image;

import dev.casemate.model.json.JsonCursor;
import java.util.ArrayList;
import java.util.List;

/**
 * What an image says of how to run it (OCI image specification, "Image Configuration").
 *
 * @param environment as {@code NAME=VALUE}
 * @param entrypoint the program with its first arguments
 * @param command further arguments, or the program when there is no entry point
 * @param workingDirectory where to run it, {@code /} when the image says nothing
 * @param user as {@code USER[:GROUP]}, names or numbers; empty for root
 * @param diffIds the digests of the uncompressed layers, lowest first
 */
public record ImageConfig(
    List<String> environment,
    List<String> entrypoint,
    List<String> command,
    String workingDirectory,
    String user,
    List<String> diffIds) {
  /** What is true of a directory that is no image. */
  public static final ImageConfig NONE =
      new ImageConfig(List.of(), List.of(), List.of(), "/", "", List.of());

  /** Copies the lists. */
  public ImageConfig {
    environment = List.copyOf(environment);
    entrypoint = List.copyOf(entrypoint);
    command = List.copyOf(command);
    diffIds = List.copyOf(diffIds);
  }

  static ImageConfig parse(JsonCursor at) {
    JsonCursor config = at.find("config");
    JsonCursor rootfs = at.find("rootfs");
    List<String> diffIds = rootfs == null ? List.of() : rootfs.texts("diff_ids");
    if (config == null) {
      return new ImageConfig(List.of(), List.of(), List.of(), "/", "", diffIds);
    }
    String directory = config.textOrEmpty("WorkingDir");
    return new ImageConfig(
        orEmpty(config, "Env"),
        orEmpty(config, "Entrypoint"),
        orEmpty(config, "Cmd"),
        directory.isEmpty() ? "/" : directory,
        config.textOrEmpty("User"),
        diffIds);
  }

  private static List<String> orEmpty(JsonCursor at, String name) {
    JsonCursor member = at.find(name);
    return member == null ? List.of() : new ArrayList<>(at.texts(name));
  }
}
