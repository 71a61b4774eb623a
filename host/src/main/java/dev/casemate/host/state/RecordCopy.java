package dev.casemate.host.state;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.json.Json;
import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.util.Optional;

/**
 * A container's record as its run directory holds it, {@code RUN/records/ID}: whoever loses the
 * state file finds by it what runs and must be removed.
 *
 * @param root the state root that the container belongs to
 */
record RecordCopy(Path root, ContainerRecord container) {
  /** Where a run directory holds copies, one for each of its containers. */
  static Path directory(Path runDirectory) {
    return runDirectory.resolve("records");
  }

  /** Writes it. */
  JsonObject toJson() {
    return JsonObject.builder()
        .put("root", root.toString())
        .put("container", container.toJson())
        .build();
  }

  /** The copy of a container, in one of the run directories below the given directory. */
  static Optional<ContainerRecord> find(Path runDirectories, Path root, ContainerId id) {
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(runDirectories)) {
      for (Path run : directories) {
        Optional<RecordCopy> copy = read(directory(run).resolve(id.value()));
        if (copy.isPresent()
            && copy.get().root.equals(root)
            && copy.get().container.id().value().equals(id.value())
            && copy.get().container.runDirectory().equals(run)) {
          return Optional.of(copy.get().container);
        }
      }
    } catch (IOException nothingRuns) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  private static Optional<RecordCopy> read(Path file) {
    try {
      JsonCursor at =
          JsonCursor.of(
              Json.parse(Files.readAllBytes(file), "record", ContainerRecord.LIMITS), "record");
      return Optional.of(
          new RecordCopy(
              Path.of(at.require("root").text()), ContainerRecord.parse(at.require("container"))));
    } catch (IOException gone) {
      return Optional.empty();
    } catch (CasemateException | IllegalArgumentException | DateTimeException damaged) {
      return Optional.empty();
    }
  }
}
