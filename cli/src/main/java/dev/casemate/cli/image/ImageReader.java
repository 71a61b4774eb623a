package dev.casemate.cli.image;

import dev.casemate.model.CasemateException;
import dev.casemate.model.json.Json;
import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonLimits;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Finds the parts of an image in its source and unpacks them. Owned by one thread. */
final class ImageReader {
  private static final String OCI_INDEX = "index.json";
  private static final String DOCKER_MANIFEST = "manifest.json";
  private static final String REFERENCE = "org.opencontainers.image.ref.name";
  private static final int DEPTH = 16;

  /** An index that points to an index that points to a manifest: nobody nests deeper. */
  private static final int MOST_INDEXES = 4;

  private final ImageSource source;
  private final ImageLimits limits;

  ImageReader(ImageSource source, ImageLimits limits) {
    this.source = source;
    this.limits = limits;
  }

  /** A layer: its file, and the digest of that file where the image tells it. */
  private record Layer(String file, @Nullable Digest digest) {}

  /** Unpacks the image of that name, or the only one for an empty name. */
  ImageConfig unpack(String reference, LayerUnpacker unpacker) throws IOException {
    JsonCursor index = document(OCI_INDEX, null);
    if (index != null) {
      return unpackOci(index, reference, unpacker);
    }
    JsonCursor manifest = document(DOCKER_MANIFEST, null);
    if (manifest != null) {
      return unpackDocker(manifest, reference, unpacker);
    }
    throw ImageProblem.malformed("it has neither index.json (OCI) nor manifest.json (docker save)");
  }

  private ImageConfig unpackOci(JsonCursor index, String reference, LayerUnpacker unpacker)
      throws IOException {
    JsonCursor at = choose(index, reference);
    JsonCursor manifest = blob(at);
    for (int i = 0; manifest.find("manifests") != null; i++) {
      if (i == MOST_INDEXES) {
        throw ImageProblem.malformed("its indexes are nested too deeply");
      }
      manifest = blob(choose(manifest, ""));
    }
    ImageConfig config = ImageConfig.parse(blob(manifest.require("config")));
    List<Layer> layers = new ArrayList<>();
    for (JsonCursor layer : manifest.elements("layers")) {
      Digest digest = Digest.parse(layer.require("digest").text());
      layers.add(new Layer(digest.blobName(), digest));
    }
    unpack(layers, config, unpacker);
    return config;
  }

  private ImageConfig unpackDocker(JsonCursor manifest, String reference, LayerUnpacker unpacker)
      throws IOException {
    JsonCursor chosen = null;
    for (JsonCursor image : manifest.elements()) {
      if (reference.isEmpty() || image.texts("RepoTags").contains(reference)) {
        chosen = image;
        break;
      }
    }
    if (chosen == null) {
      throw ImageProblem.malformed("it has no image '" + reference + "'");
    }
    String configName = chosen.require("Config").text();
    JsonCursor document = document(configName, null);
    if (document == null) {
      throw ImageProblem.malformed("it lacks its configuration '" + configName + "'");
    }
    ImageConfig config = ImageConfig.parse(document);
    List<Layer> layers = new ArrayList<>();
    for (String layer : chosen.texts("Layers")) {
      layers.add(new Layer(layer, null));
    }
    unpack(layers, config, unpacker);
    return config;
  }

  /** The manifest of that name for this machine, or the only one there is. */
  private JsonCursor choose(JsonCursor index, String reference) {
    List<JsonCursor> named = new ArrayList<>();
    for (JsonCursor manifest : index.elements("manifests")) {
      JsonCursor annotations = manifest.find("annotations");
      String name = annotations == null ? "" : annotations.textOrEmpty(REFERENCE);
      if (reference.isEmpty() || reference.equals(name)) {
        named.add(manifest);
      }
    }
    if (named.isEmpty()) {
      throw ImageProblem.malformed(
          reference.isEmpty() ? "it is empty" : "it has no image '" + reference + "'");
    }
    if (named.size() == 1) {
      return named.get(0);
    }
    for (JsonCursor manifest : named) {
      JsonCursor platform = manifest.find("platform");
      if (platform != null
          && platform.textOrEmpty("os").equals("linux")
          && platform.textOrEmpty("architecture").equals(architecture())) {
        return manifest;
      }
    }
    throw ImageProblem.malformed(
        "it has " + named.size() + " images, and none is marked for linux/" + architecture());
  }

  private static String architecture() {
    return System.getProperty("os.arch", "").equals("aarch64") ? "arm64" : "amd64";
  }

  private void unpack(List<Layer> layers, ImageConfig config, LayerUnpacker unpacker)
      throws IOException {
    if (layers.size() > limits.layers()) {
      throw ImageProblem.tooLarge("it has more than " + limits.layers() + " layers");
    }
    if (!config.diffIds().isEmpty() && config.diffIds().size() != layers.size()) {
      throw ImageProblem.malformed(
          "it has " + layers.size() + " layers and " + config.diffIds().size() + " diff ids");
    }
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      InputStream file = source.open(layer.file);
      if (file == null) {
        throw ImageProblem.malformed("it lacks the layer '" + layer.file + "'");
      }
      try (InputStream raw = new BufferedInputStream(file, 1 << 16)) {
        unpackLayer(
            raw, layer, config.diffIds().isEmpty() ? "" : config.diffIds().get(i), unpacker);
      }
    }
  }

  private void unpackLayer(InputStream raw, Layer layer, String diffId, LayerUnpacker unpacker)
      throws IOException {
    DigestInputStream watched = layer.digest == null ? null : layer.digest.watch(raw);
    InputStream plain = plain(new BufferedInputStream(watched == null ? raw : watched, 1 << 16));
    InputStream bounded = new TarSource.BoundedInputStream(plain, 2 * limits.bytes());
    if (diffId.isEmpty()) {
      unpacker.unpack(bounded);
    } else {
      Digest expected = Digest.parse(diffId);
      DigestInputStream content = expected.watch(bounded);
      unpacker.unpack(content);
      expected.check(content, "a layer's content");
    }
    if (watched != null && layer.digest != null) {
      layer.digest.check(watched, "a layer");
    }
  }

  private static InputStream plain(BufferedInputStream in) throws IOException {
    in.mark(Compression.MAGIC_BYTES);
    Compression compression = Compression.of(in.readNBytes(Compression.MAGIC_BYTES));
    in.reset();
    return switch (compression) {
      case NONE -> in;
      case GZIP -> new GZIPInputStream(in, 1 << 16);
      case ZSTD ->
          throw ImageProblem.unsupported(
              "a layer is compressed with zstd, which this runtime cannot read",
              "convert it, for example with: skopeo copy --dest-compress-format gzip …");
    };
  }

  private JsonCursor blob(JsonCursor descriptor) throws IOException {
    Digest digest = Digest.parse(descriptor.require("digest").text());
    JsonCursor found = document(digest.blobName(), digest);
    if (found == null) {
      throw ImageProblem.malformed("it lacks the blob " + digest);
    }
    return found;
  }

  private @Nullable JsonCursor document(String name, @Nullable Digest digest) throws IOException {
    byte[] bytes;
    try (InputStream in = source.open(name)) {
      if (in == null) {
        return null;
      }
      bytes = in.readNBytes(limits.documentBytes() + 1);
    }
    if (bytes.length > limits.documentBytes()) {
      throw ImageProblem.tooLarge(name + " is larger than " + limits.documentBytes() + " bytes");
    }
    if (digest != null) {
      digest.check(digest.watch(new java.io.ByteArrayInputStream(bytes)), name);
    }
    try {
      return JsonCursor.of(
          Json.parse(bytes, name, new JsonLimits(limits.documentBytes(), DEPTH)), name);
    } catch (CasemateException malformed) {
      throw ImageProblem.malformed(malformed.why());
    }
  }
}
