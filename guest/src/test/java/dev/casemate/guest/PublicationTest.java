package dev.casemate.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.model.guest.GuestManifest;
import dev.casemate.model.guest.GuestManifest.FileEntry;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublicationTest {
  @TempDir Path directory;

  private static GuestManifest manifest(List<FileEntry> files) {
    return new GuestManifest(
        "own",
        "6.12",
        "vmlinux",
        Optional.empty(),
        "root.erofs",
        List.of("quiet"),
        List.of(),
        1,
        List.of(),
        Map.of(),
        files);
  }

  private void publish(String kernel) throws IOException {
    Path sources = Files.createTempDirectory(directory, "sources");
    Path vmlinux = Files.writeString(sources.resolve("k"), kernel);
    Path root = Files.writeString(sources.resolve("r"), "root");
    Progress quiet = new Progress(new PrintStream(OutputStream.nullOutputStream()), 1);
    new Publication(directory.resolve("guest/own"), new BuildCache(directory, quiet))
        .publish(Map.of("vmlinux", vmlinux, "root.erofs", root), PublicationTest::manifest);
  }

  private GuestManifest published() throws IOException {
    return GuestManifest.parse(
        Files.readAllBytes(directory.resolve("guest/own/guest.json")), "guest.json");
  }

  @Test
  void replacesTheGuestAsAWhole() throws IOException {
    publish("old kernel");
    Files.writeString(directory.resolve("guest/own/stray"), "");

    publish("new");

    assertThat(directory.resolve("guest/own/vmlinux")).hasContent("new");
    assertThat(directory.resolve("guest/own/stray")).doesNotExist();
    assertThat(published().files())
        .contains(
            new FileEntry(
                "vmlinux", 3, ContentKey.sha256Of(directory.resolve("guest/own/vmlinux"))));
  }

  @Test
  void repairsWhatAKilledBuildLeft() throws IOException {
    publish("old kernel");
    Files.move(directory.resolve("guest/own"), directory.resolve("guest/.own-old"));
    Files.createDirectory(directory.resolve("guest/.own-new123"));

    publish("new");

    assertThat(directory.resolve("guest/own/vmlinux")).hasContent("new");
    assertThat(directory.resolve("guest/.own-old")).doesNotExist();
    assertThat(directory.resolve("guest/.own-new123")).doesNotExist();
  }
}
