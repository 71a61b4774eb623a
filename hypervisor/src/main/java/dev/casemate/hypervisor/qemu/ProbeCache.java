package dev.casemate.hypervisor.qemu;

import dev.casemate.core.MachineSummary.Accelerator;
import dev.casemate.model.CasemateException;
import dev.casemate.model.json.Json;
import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonLimits;
import dev.casemate.model.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Keeps a probe's result in one small file, so that a host is probed once per boot and QEMU build.
 * The file is replaced atomically; one that is missing, damaged or of other circumstances is as
 * good as none, and one that cannot be written costs the next start a probe.
 */
final class ProbeCache {
  private static final int FORMAT = 1;
  private static final JsonLimits LIMITS = new JsonLimits(16 * 1024, 4);

  private final Path file;

  ProbeCache(Path directory, QemuMachine machine) {
    file = directory.resolve("probe-" + machine.label() + ".json");
  }

  /** The result kept for these circumstances. */
  Optional<ProbeResult> load(String key) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] content = in.readNBytes(LIMITS.bytes());
      JsonCursor cursor =
          JsonCursor.of(Json.parse(content, file.toString(), LIMITS), file.toString());
      if (cursor.require("format").int32() != FORMAT || !cursor.require("key").text().equals(key)) {
        return Optional.empty();
      }
      Long khz = cursor.optionalLong("tscKhz");
      return Optional.of(
          new ProbeResult(
              Accelerator.valueOf(cursor.require("accelerator").text()),
              cursor.require("reason").text(),
              khz == null ? OptionalLong.empty() : OptionalLong.of(khz)));
    } catch (IOException | CasemateException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Keeps a result. */
  void store(String key, ProbeResult result) {
    JsonObject.Builder content =
        JsonObject.builder()
            .put("format", Integer.valueOf(FORMAT))
            .put("key", key)
            .put("accelerator", result.accelerator().name())
            .put("reason", result.reason());
    result.tscKhz().ifPresent(khz -> content.put("tscKhz", Long.valueOf(khz)));
    try {
      Files.createDirectories(file.getParent());
      Path fresh = Files.createTempFile(file.getParent(), "probe", ".tmp");
      Files.write(fresh, content.build().toJson().getBytes(StandardCharsets.UTF_8));
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      // Without a cache the next start probes again.
    }
  }
}
