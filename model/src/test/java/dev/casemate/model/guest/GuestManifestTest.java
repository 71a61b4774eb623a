package dev.casemate.model.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GuestManifestTest {
  private static final String DIGEST = "0123456789abcdef".repeat(4);

  private static GuestManifest manifest(String... files) {
    return new GuestManifest(
        "stock",
        "6.1.0",
        "vmlinux",
        Optional.of("initrd.img"),
        "root.erofs",
        List.of("quiet", "init=/x"),
        List.of("virtiofs"),
        64,
        List.of("erofs"),
        Map.of("crun", "1.8.1", "bc", "1"),
        java.util.Arrays.stream(files)
            .map(name -> new GuestManifest.FileEntry(name, 3, DIGEST))
            .toList());
  }

  @Test
  void readsWhatItWrote() {
    GuestManifest written = manifest("vmlinux", "initrd.img", "root.erofs");

    byte[] text = JsonWriter.pretty(written.toJson()).getBytes(StandardCharsets.UTF_8);

    assertThat(GuestManifest.parse(text, "guest.json")).isEqualTo(written);
    assertThat(written.has("virtiofs")).isTrue();
    assertThat(written.has("ninep")).isFalse();
  }

  @Test
  void refusesAFileThatIsNotListedOrIsAPath() {
    assertThatThrownBy(() -> manifest("vmlinux", "root.erofs"))
        .isInstanceOfSatisfying(
            CasemateException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.GUEST_IMAGE))
        .hasMessageContaining("initrd.img");
    assertThatThrownBy(() -> new GuestManifest.FileEntry("../etc/shadow", 1, DIGEST))
        .hasMessageContaining("plain name");
  }

  @Test
  void refusesAnotherFormat() {
    byte[] text = "{\"format\":2}".getBytes(StandardCharsets.UTF_8);

    assertThatThrownBy(() -> GuestManifest.parse(text, "guest.json"))
        .hasMessageContaining("format 2");
  }
}
