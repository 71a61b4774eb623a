package dev.casemate.cli.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.oci.User;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageTest {
  private static final String CONFIG =
      "{\"config\":{\"Env\":[\"A=1\"],\"Entrypoint\":[\"/bin/app\"],\"Cmd\":[\"-v\"],"
          + "\"WorkingDir\":\"/srv\",\"User\":\"daemon:www\"},\"rootfs\":{\"type\":\"layers\","
          + "\"diff_ids\":[%s]}}";

  @TempDir Path directory = Path.of("");
  private Path root = Path.of("");
  private Path outside = Path.of("");

  @BeforeEach
  void makeDirectories() throws IOException {
    root = Files.createDirectory(directory.resolve("root"));
    outside = Files.createDirectory(directory.resolve("outside"));
    Files.writeString(outside.resolve("secret"), "untouched");
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(plain);
    }
    return out.toByteArray();
  }

  private static String digest(byte[] bytes) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (java.security.NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** The files of an OCI layout with these layers, by name. */
  private static Map<String, byte[]> layout(boolean compressed, byte[]... layers)
      throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    List<String> descriptors = new ArrayList<>();
    List<String> diffIds = new ArrayList<>();
    for (byte[] layer : layers) {
      byte[] blob = compressed ? gzip(layer) : layer;
      descriptors.add("{\"digest\":\"" + add(files, blob) + "\"}");
      diffIds.add("\"" + digest(layer) + "\"");
    }
    String config =
        add(files, CONFIG.formatted(String.join(",", diffIds)).getBytes(StandardCharsets.UTF_8));
    String manifest =
        "{\"config\":{\"digest\":\""
            + config
            + "\"},\"layers\":["
            + String.join(",", descriptors)
            + "]}";
    String index =
        "{\"manifests\":[{\"digest\":\""
            + add(files, manifest.getBytes(StandardCharsets.UTF_8))
            + "\",\"annotations\":{\"org.opencontainers.image.ref.name\":\"v1\"}}]}";
    files.put("index.json", index.getBytes(StandardCharsets.UTF_8));
    files.put("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_8));
    return files;
  }

  private static String add(Map<String, byte[]> files, byte[] blob) {
    String digest = digest(blob);
    files.put("blobs/" + digest.replace(':', '/'), blob);
    return digest;
  }

  private Path archive(Map<String, byte[]> files) throws IOException {
    TarWriter tar = new TarWriter();
    files.forEach(tar::bytes);
    return Files.write(directory.resolve("image.tar"), tar.finish());
  }

  private void unpackLayers(byte[]... layers) throws IOException {
    LayerUnpacker unpacker = new LayerUnpacker(root, ImageLimits.DEFAULT);
    for (byte[] layer : layers) {
      unpacker.unpack(new ByteArrayInputStream(layer));
    }
  }

  private static byte[] simpleLayer() {
    return new TarWriter().directory("bin/").file("bin/app", "app").finish();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anOciArchiveIsUnpacked(boolean compressed) throws IOException {
    Path file = archive(layout(compressed, simpleLayer()));
    Image image = Image.find(file.toString());
    assertThat(image.kind()).isEqualTo(Image.Kind.ARCHIVE);
    ImageConfig config = image.unpack(root, directory);
    assertThat(root.resolve("bin/app")).hasContent("app");
    assertThat(config.entrypoint()).containsExactly("/bin/app");
    assertThat(config.command()).containsExactly("-v");
    assertThat(config.environment()).containsExactly("A=1");
    assertThat(config.workingDirectory()).isEqualTo("/srv");
    assertThat(config.user()).isEqualTo("daemon:www");
  }

  @Test
  void aLayoutDirectoryIsUnpackedByItsReference() throws IOException {
    Path layout = directory.resolve("layout");
    for (Map.Entry<String, byte[]> file : layout(true, simpleLayer()).entrySet()) {
      Path path = layout.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.write(path, file.getValue());
    }
    Image.find(layout + ":v1").unpack(root, directory);
    assertThat(root.resolve("bin/app")).hasContent("app");
    assertThat(Image.find(layout.toString()).kind()).isEqualTo(Image.Kind.LAYOUT);
    assertThatThrownBy(() -> Image.find(layout + ":v2").unpack(root, directory))
        .hasMessageContaining("no image 'v2'");
  }

  @Test
  void aDockerArchiveIsUnpackedEvenWhenItIsCompressed() throws IOException {
    byte[] layer = simpleLayer();
    TarWriter tar = new TarWriter();
    tar.bytes(
        "config.json",
        CONFIG.formatted("\"" + digest(layer) + "\"").getBytes(StandardCharsets.UTF_8));
    tar.bytes("one/layer.tar", layer);
    tar.symbolicLink("two/layer.tar", "../one/layer.tar");
    tar.file(
        "manifest.json",
        "[{\"Config\":\"config.json\",\"RepoTags\":[\"a:b\"],\"Layers\":[\"two/layer.tar\"]}]");
    Path file = Files.write(directory.resolve("docker.tar.gz"), gzip(tar.finish()));
    Image.find(file.toString()).unpack(root, directory);
    assertThat(root.resolve("bin/app")).hasContent("app");
  }

  @Test
  void aDirectoryIsItself() {
    assertThat(Image.find(root.toString()).kind()).isEqualTo(Image.Kind.DIRECTORY);
    assertThatThrownBy(() -> Image.find(root + "/missing"))
        .isInstanceOfSatisfying(
            CasemateException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
  }

  @Test
  void modesLinksAndLongNamesAreKept() throws IOException {
    String longName = "d".repeat(90) + "/" + "f".repeat(120);
    unpackLayers(
        new TarWriter()
            .entry('0', "bin/su", "", new byte[] {1}, 04755)
            .hardLink("bin/su2", "bin/su")
            .symbolicLink("lib", "usr/lib")
            .pax("path", longName)
            .file("short", "long")
            .finish());
    assertThat((Integer) Files.getAttribute(root.resolve("bin/su"), "unix:mode") & 07777)
        .isEqualTo(04755);
    assertThat(Files.isSameFile(root.resolve("bin/su"), root.resolve("bin/su2"))).isTrue();
    assertThat(Files.readSymbolicLink(root.resolve("lib"))).hasToString("usr/lib");
    assertThat(root.resolve(longName)).hasContent("long");
    assertThat(Files.getLastModifiedTime(root.resolve(longName)).toMillis())
        .isEqualTo(1_000_000_000L);
  }

  @Test
  void whiteoutsHideLowerLayersOnly() throws IOException {
    unpackLayers(
        new TarWriter()
            .file("a/one", "1")
            .file("a/two", "2")
            .file("b/x/deep", "3")
            .file("b/y", "4")
            .file("c", "5")
            .finish(),
        new TarWriter()
            .file("a/.wh.one", "")
            .file("b/new", "6")
            .file("b/.wh..wh..opq", "")
            .file("c", "7")
            .file(".wh.c", "")
            .file(".wh.missing", "")
            .finish());
    assertThat(root.resolve("a/one")).doesNotExist();
    assertThat(root.resolve("a/two")).hasContent("2");
    assertThat(root.resolve("b")).isDirectoryContaining("glob:**/new");
    assertThat(root.resolve("b/x")).doesNotExist();
    assertThat(root.resolve("b/y")).doesNotExist();
    assertThat(root.resolve("c")).hasContent("7");
  }

  @Test
  void laterLayersReplaceKindsOfFiles() throws IOException {
    unpackLayers(
        new TarWriter().file("a/b/c", "1").file("f", "2").finish(),
        new TarWriter().file("a/b", "file").directory("f/").file("f/g", "3").finish());
    assertThat(root.resolve("a/b")).hasContent("file");
    assertThat(root.resolve("f/g")).hasContent("3");
  }

  @Test
  void symbolicLinksLeadBeneathTheRoot() throws IOException {
    unpackLayers(
        new TarWriter().symbolicLink("lib", "usr/lib").directory("usr/lib/").finish(),
        new TarWriter().file("lib/libc", "c").finish());
    assertThat(root.resolve("usr/lib/libc")).hasContent("c");
    assertThat(Files.isSymbolicLink(root.resolve("lib"))).isTrue();
  }

  @Test
  void noLinkLeadsOutside() throws IOException {
    String far = "../".repeat(30) + outside.toString().substring(1);
    unpackLayers(
        new TarWriter()
            .symbolicLink("absolute", outside.toString())
            .symbolicLink("relative", far)
            .file("absolute/secret", "overwritten")
            .file("relative/secret", "overwritten")
            .finish(),
        new TarWriter().file("absolute/.wh.secret", "").file("relative/.wh..wh..opq", "").finish());
    assertUntouched();
  }

  @Test
  void aFileIsNeverWrittenThroughALink() throws IOException {
    unpackLayers(
        new TarWriter()
            .symbolicLink("link", outside.resolve("secret").toString())
            .file("link", "overwritten")
            .finish());
    assertUntouched();
    assertThat(root.resolve("link")).hasContent("overwritten");
  }

  @Test
  void hardLinksReachNothingOutside() {
    assertThatThrownBy(() ->
            unpackLayers(
                new TarWriter().hardLink("stolen", outside.resolve("secret").toString()).finish()))
        .isInstanceOf(CasemateException.class)
        .hasMessageContaining("hard link");
    assertThatThrownBy(() ->
            unpackLayers(
                new TarWriter()
                    .symbolicLink("out", outside.toString())
                    .hardLink("stolen", "out/secret")
                    .finish()))
        .isInstanceOf(CasemateException.class);
    assertThat(root.resolve("stolen")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"../escaped", "a/../../escaped", "/../escaped", "..", "a/..", "./../escaped"})
  void namesWithDotsAreRefused(String name) throws IOException {
    assertThatThrownBy(() -> unpackLayers(new TarWriter().file(name, "x").finish()))
        .isInstanceOfSatisfying(
            CasemateException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
    assertThat(directory.resolve("escaped")).doesNotExist();
    assertUntouched();
  }

  @Test
  void absoluteNamesLandBeneathTheRoot() throws IOException {
    unpackLayers(new TarWriter().file(outside + "/secret", "inside").finish());
    assertUntouched();
    assertThat(root.resolve(outside.toString().substring(1)).resolve("secret"))
        .hasContent("inside");
  }

  @Test
  void theRootIsNeverReplaced() {
    for (String name : List.of("", ".", "/", "./")) {
      assertThatThrownBy(
              () -> unpackLayers(new TarWriter().symbolicLink(name, outside.toString()).finish()))
          .as("'%s'", name)
          .isInstanceOf(CasemateException.class);
    }
    assertThat(root).isDirectory();
  }

  @Test
  void meaninglessWhiteoutsAreRefused() {
    for (String name : List.of(".wh.", ".wh..", ".wh...")) {
      assertThatThrownBy(() -> unpackLayers(new TarWriter().file("d/" + name, "").finish()))
          .as(name)
          .isInstanceOf(CasemateException.class);
    }
  }

  @Test
  void loopsOfLinksEnd() {
    assertThatThrownBy(() ->
            unpackLayers(
                new TarWriter()
                    .symbolicLink("a", "b")
                    .symbolicLink("b", "a")
                    .file("a/file", "x")
                    .finish()))
        .hasMessageContaining("too many symbolic links");
  }

  @Test
  void deviceNodesAreLeftOut() throws IOException {
    unpackLayers(new TarWriter().device("dev/sda").file("after", "x").finish());
    assertThat(Files.exists(root.resolve("dev/sda"), LinkOption.NOFOLLOW_LINKS)).isFalse();
    assertThat(root.resolve("after")).hasContent("x");
  }

  @Test
  void sizesAndNumbersAreBounded() throws IOException {
    ImageLimits few = new ImageLimits(1000, 3, 1, 4096);
    byte[] large = new TarWriter().bytes("large", new byte[1001]).finish();
    assertThatThrownBy(() -> new LayerUnpacker(root, few).unpack(new ByteArrayInputStream(large)))
        .isInstanceOfSatisfying(
            CasemateException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.EXHAUSTED));
    byte[] many = new TarWriter().file("1", "").file("2", "").file("3", "").file("4", "").finish();
    assertThatThrownBy(() -> new LayerUnpacker(root, few).unpack(new ByteArrayInputStream(many)))
        .isInstanceOf(CasemateException.class);
    Path twoLayers = archive(layout(true, simpleLayer(), simpleLayer()));
    assertThatThrownBy(() ->
            Image.find(twoLayers.toString())
                .unpack(root, directory, new ImageLimits(1000, 100, 1, 4096)))
        .hasMessageContaining("more than 1 layers");
    Path bomb = archive(layout(true, new TarWriter().bytes("z", new byte[1 << 20]).finish()));
    assertThatThrownBy(() ->
            Image.find(bomb.toString())
                .unpack(root, directory, new ImageLimits(1000, 100, 1, 4096)))
        .isInstanceOfSatisfying(
            CasemateException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.EXHAUSTED));
  }

  @Test
  void damagedBlobsAreRefused() throws IOException {
    Map<String, byte[]> files = layout(false, simpleLayer());
    for (String name : List.copyOf(files.keySet())) {
      if (name.startsWith("blobs/")) {
        byte[] good = Objects.requireNonNull(files.get(name));
        byte[] bad = good.clone();
        bad[bad.length - 1] ^= 1;
        files.put(name, bad);
        Path file = archive(files);
        assertThatThrownBy(() -> Image.find(file.toString()).unpack(root, directory))
            .as(name)
            .isInstanceOf(CasemateException.class);
        files.put(name, good);
      }
    }
  }

  @Test
  void blobNamesCannotLeadElsewhere() throws IOException {
    Map<String, byte[]> files = layout(false, simpleLayer());
    for (String digest : List.of("sha256:../../../etc/passwd", "md5:00", "sha256:AB", "", "x")) {
      files.put(
          "index.json",
          ("{\"manifests\":[{\"digest\":\"" + digest + "\"}]}").getBytes(StandardCharsets.UTF_8));
      Path file = archive(files);
      assertThatThrownBy(() -> Image.find(file.toString()).unpack(root, directory))
          .as(digest)
          .isInstanceOf(CasemateException.class);
    }
  }

  @Test
  void damagedArchivesEndInAnError() throws IOException {
    byte[] good = new TarWriter().file("a/b", "content").symbolicLink("l", "a").finish();
    Random random = new Random(42);
    for (int round = 0; round < 500; round++) {
      byte[] bad = good.clone();
      for (int i = 0; i < 1 + round % 4; i++) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
      }
      try {
        unpackLayers(bad);
      } catch (IOException | CasemateException expected) {
        assertThat(expected).hasMessageContaining(" ");
      }
    }
    assertUntouched();
    assertThatThrownBy(
            () -> unpackLayers(new TarWriter().header('0', "cut", "", 100, 0644).unfinished()))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(
            () -> unpackLayers(new TarWriter().entry('S', "s", "", new byte[0], 0).finish()))
        .isInstanceOf(IOException.class);
  }

  @Test
  void usersAreLookedUpInTheImage() throws IOException {
    unpackLayers(
        new TarWriter()
            .file("etc/passwd", "root:x:0:0::/:/bin/sh\ndaemon:x:1:2::/:/bin/sh\nbad\n")
            .file("etc/group", "root:x:0:\nwww:x:33:daemon\nextra:x:44:daemon,root\n")
            .finish());
    assertThat(ImageUser.resolve(root, "")).isEqualTo(new User(0, 0, null, List.of(44L), null));
    assertThat(ImageUser.resolve(root, "daemon"))
        .isEqualTo(new User(1, 2, null, List.of(33L, 44L), null));
    assertThat(ImageUser.resolve(root, "1")).isEqualTo(ImageUser.resolve(root, "daemon"));
    assertThat(ImageUser.resolve(root, "daemon:www").gid()).isEqualTo(33);
    assertThat(ImageUser.resolve(root, "1000:1001"))
        .isEqualTo(new User(1000, 1001, null, List.of(), null));
    assertThatThrownBy(() -> ImageUser.resolve(root, "nobody"))
        .isInstanceOf(CasemateException.class);
    assertThatThrownBy(() -> ImageUser.resolve(root, "-1")).isInstanceOf(CasemateException.class);
  }

  @Test
  void usersAreNeverLookedUpOutside() throws IOException {
    Files.writeString(outside.resolve("passwd"), "intruder:x:7:7::/:/bin/sh\n");
    unpackLayers(
        new TarWriter().symbolicLink("etc/passwd", outside.resolve("passwd").toString()).finish());
    assertThatThrownBy(() -> ImageUser.resolve(root, "intruder"))
        .isInstanceOf(CasemateException.class);
  }

  private void assertUntouched() {
    assertThat(outside.resolve("secret")).hasContent("untouched");
    assertThat(outside.toFile().list()).containsExactly("secret");
  }
}
