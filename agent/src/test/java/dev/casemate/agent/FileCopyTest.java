package dev.casemate.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.casemate.model.CasemateException;
import dev.casemate.protocol.agent.CopyFileRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileCopyTest {
  private static final int REGULAR = 0x8000;
  private static final int DIRECTORY = 0x4000;
  private static final int LINK = 0xa000;

  @TempDir private Path temporary;
  private Path run;
  private Path outside;
  private FileCopy copies;

  @BeforeEach
  void makeTree() throws IOException {
    run = Files.createDirectories(temporary.resolve("run"));
    outside = Files.createDirectories(temporary.resolve("outside"));
    copies = new FileCopy(new GuestTree(run.toString()));
  }

  private static CopyFileRequest.Builder request(String path, int type, String data)
      throws IOException {
    return CopyFileRequest.newBuilder()
        .setPath(path)
        .setFileMode(type | 0x1a0)
        .setDirMode(0x1ed)
        .setUid(id("unix:uid"))
        .setGid(id("unix:gid"))
        .setFileSize(data.length())
        .setData(ByteString.copyFromUtf8(data));
  }

  private static int id(String attribute) throws IOException {
    return (Integer) Files.getAttribute(Path.of("/proc/self"), attribute);
  }

  @Test
  void aFileAppearsWholeAndWithItsMode() throws IOException {
    copies.copy(request("/run/a/b/c", REGULAR, "first").setFileSize(11).build());
    assertThat(run.resolve("a/b/c")).doesNotExist();
    copies.copy(request("/run/a/b/c", REGULAR, " later").setFileSize(11).setOffset(5).build());
    assertThat(run.resolve("a/b/c")).hasContent("first later");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(run.resolve("a/b/c"))))
        .isEqualTo("rw-r-----");
    copies.copy(request("/run/a/b/c", REGULAR, "new").build());
    assertThat(run.resolve("a/b/c")).hasContent("new");
    assertThat(run.resolve("a/b")).isDirectoryContaining("glob:**c");
    try (var names = Files.list(run.resolve("a/b"))) {
      assertThat(names).hasSize(1);
    }
  }

  @Test
  void directoriesAndLinksAreMade() throws IOException {
    copies.copy(request("/run/d", DIRECTORY, "").build());
    copies.copy(request("/run/d/..data", LINK, "v1").build());
    copies.copy(request("/run/d/..data", LINK, "v2/x").build());
    assertThat(Files.readSymbolicLink(run.resolve("d/..data"))).isEqualTo(Path.of("v2/x"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/etc/passwd",
        "/run",
        "/run/",
        "/run/../etc/passwd",
        "/run/a/../../etc/passwd",
        "/run/./a",
        "/run//a",
        "/run/a/",
        "/running/a",
        "run/a",
        "",
        "/run/casemate/bundles/c/config.json",
        "/run/crun/c/status",
        "/run/a\0b"
      })
  void whatIsNotACanonicalPathBelowRunIsRefused(String path) throws IOException {
    CopyFileRequest request = request(path, REGULAR, "x").build();
    assertThatThrownBy(() -> copies.copy(request)).isInstanceOf(CasemateException.class);
    assertThat(outside).isEmptyDirectory();
  }

  @Test
  void noLinkIsFollowedOnTheWay() throws IOException {
    Files.createSymbolicLink(run.resolve("trap"), outside);
    CopyFileRequest request = request("/run/trap/file", REGULAR, "x").build();
    assertThatThrownBy(() -> copies.copy(request)).isInstanceOf(CasemateException.class);
    CopyFileRequest deeper = request("/run/trap/a/file", REGULAR, "x").build();
    assertThatThrownBy(() -> copies.copy(deeper)).isInstanceOf(CasemateException.class);
    assertThat(outside).isEmptyDirectory();
  }

  @Test
  void aLinkAtTheTargetIsReplacedNotFollowed() throws IOException {
    Path victim = Files.writeString(outside.resolve("victim"), "safe");
    Files.createSymbolicLink(run.resolve("file"), victim);
    copies.copy(request("/run/file", REGULAR, "x").build());
    assertThat(victim).hasContent("safe");
    assertThat(Files.isRegularFile(run.resolve("file"), LinkOption.NOFOLLOW_LINKS)).isTrue();
  }

  @Test
  void aLinkWhereThePiecesGatherIsNotFollowed() throws IOException {
    Path victim = Files.writeString(outside.resolve("victim"), "safe");
    copies.copy(request("/run/file", REGULAR, "first").setFileSize(11).build());
    Path partial = run.resolve(".casemate-partial-file");
    Files.delete(partial);
    Files.createSymbolicLink(partial, victim);
    CopyFileRequest second =
        request("/run/file", REGULAR, " later").setFileSize(11).setOffset(5).build();
    assertThatThrownBy(() -> copies.copy(second)).isInstanceOf(CasemateException.class);
    assertThat(victim).hasContent("safe");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/etc/passwd", "../x", "a/../../x", "a/..", ""})
  void linksThatLeaveTheirDirectoryAreNotMade(String target) throws IOException {
    CopyFileRequest request = request("/run/link", LINK, target).build();
    assertThatThrownBy(() -> copies.copy(request)).isInstanceOf(CasemateException.class);
    assertThat(run).isEmptyDirectory();
  }

  @Test
  void devicesAreNotMade() throws IOException {
    CopyFileRequest request = request("/run/dev", 0x6000, "").build();
    assertThatThrownBy(() -> copies.copy(request)).isInstanceOf(CasemateException.class);
    CopyFileRequest negative = request("/run/f", REGULAR, "x").setOffset(-1).build();
    assertThatThrownBy(() -> copies.copy(negative)).isInstanceOf(CasemateException.class);
  }
}
