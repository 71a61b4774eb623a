package dev.casemate.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.model.json.Json;
import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonLimits;
import dev.casemate.model.oci.Spec;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleTest {

  @TempDir Path scratch;

  @Test
  void membersAreSetAddedAndRemovedByPath() throws Exception {
    Path directory =
        Bundle.in(scratch.resolve("bundle"))
            .args("sh", "-c", "exit 7")
            .set("linux.resources.memory.limit", "134217728")
            .add("mounts", "{\"destination\": \"/x\", \"type\": \"tmpfs\", \"source\": \"tmpfs\"}")
            .remove("hostname")
            .write();

    String config = Files.readString(directory.resolve("config.json"));
    JsonCursor cursor =
        JsonCursor.of(Json.parse(config, "config.json", JsonLimits.OCI), "config.json");
    assertThat(cursor.require("process").texts("args")).containsExactly("sh", "-c", "exit 7");
    assertThat(cursor.require("linux").require("resources").require("memory").optionalLong("limit"))
        .isEqualTo(134217728L);
    assertThat(cursor.elements("mounts").getLast().text("destination")).isEqualTo("/x");
    assertThat(cursor.find("hostname")).isNull();
    assertThat(Spec.parse(Json.parseObject(config, "config.json", JsonLimits.OCI))).isNotNull();
    assertThat(directory.resolve("rootfs/bin/sh")).exists();
  }
}
