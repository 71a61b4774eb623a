package dev.casemate.model.guest;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.Json;
import dev.casemate.model.json.JsonArray;
import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonLimits;
import dev.casemate.model.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The manifest of a built guest, {@code guest.json}: written by the guest builder beside the files
 * that it names, read by the host before it boots them.
 *
 * @param flavour {@code stock} or {@code own}
 * @param kernelRelease {@code uname -r} of the kernel
 * @param kernel the kernel's file, a bzImage or a PVH ELF
 * @param initrd the initial RAM file system, when the kernel cannot mount the root image by itself
 * @param rootImage the read-only EROFS image; it must be the guest's first block device
 * @param kernelParameters what the kernel must be told, in this order; a host adds its console and
 *     its clock's frequency behind them
 * @param capabilities what the kernel can do, by the names in docs/design/guest.md
 * @param maximumCpus the most vCPUs that the kernel can use, at least 1
 * @param modules the kernel modules that the initrd holds, by name
 * @param sources what it was made of: package or program to version
 * @param files every file beside the manifest, including the three above
 */
public record GuestManifest(
    String flavour,
    String kernelRelease,
    String kernel,
    Optional<String> initrd,
    String rootImage,
    List<String> kernelParameters,
    List<String> capabilities,
    int maximumCpus,
    List<String> modules,
    Map<String, String> sources,
    List<FileEntry> files) {
  /** The name of the manifest's file. */
  public static final String FILE_NAME = "guest.json";

  private static final int FORMAT = 1;
  private static final int MOST_CPUS = 8192;
  private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  /**
   * A file of the guest.
   *
   * @param name a plain file name, never a path
   * @param size in bytes
   * @param sha256 of its content, 64 lower-case hexadecimal digits
   */
  public record FileEntry(String name, long size, String sha256) {
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    /** Checks name, size and digest. */
    public FileEntry {
      if (!PLAIN_NAME.matcher(name).matches()) {
        throw damaged("it names the file '" + name + "', which is not a plain name");
      }
      if (size < 0 || !DIGEST.matcher(sha256).matches()) {
        throw damaged("size or digest of '" + name + "' cannot be right");
      }
    }
  }

  /** Copies the collections and checks that every named file is listed. */
  public GuestManifest {
    Objects.requireNonNull(initrd, "initrd is null");
    kernelParameters = List.copyOf(kernelParameters);
    capabilities = List.copyOf(capabilities);
    modules = List.copyOf(modules);
    sources = Map.copyOf(sources);
    files = List.copyOf(files);
    requireListed(files, kernel);
    requireListed(files, rootImage);
    if (initrd.isPresent()) {
      requireListed(files, initrd.get());
    }
    if (maximumCpus < 1 || maximumCpus > MOST_CPUS) {
      throw damaged("it allows " + maximumCpus + " CPUs");
    }
  }

  private static void requireListed(List<FileEntry> files, String name) {
    if (files.stream().noneMatch(file -> file.name().equals(name))) {
      throw damaged("it does not list the file '" + name + "' that it uses");
    }
  }

  private static CasemateException damaged(String why) {
    return new CasemateException(
        ErrorCode.GUEST_IMAGE, "read the guest's manifest", why, "build the guest again");
  }

  /** Whether the kernel has a capability. */
  public boolean has(String capability) {
    return capabilities.contains(capability);
  }

  /**
   * Reads a manifest; members that this version does not know are ignored.
   *
   * @param what names the document in errors
   * @throws CasemateException INVALID_ARGUMENT when it is malformed, GUEST_IMAGE when it makes no
   *     sense or has another format
   */
  public static GuestManifest parse(byte[] document, String what) {
    JsonCursor at = JsonCursor.of(Json.parse(document, what, JsonLimits.SMALL), what);
    long format = at.require("format").integer(0, Integer.MAX_VALUE);
    if (format != FORMAT) {
      throw damaged(what + " has format " + format + ", this version reads " + FORMAT);
    }
    return new GuestManifest(
        at.require("flavour").text(),
        at.require("kernelRelease").text(),
        at.require("kernel").text(),
        Optional.ofNullable(at.text("initrd")),
        at.require("rootImage").text(),
        at.texts("kernelParameters"),
        at.texts("capabilities"),
        (int) at.require("maximumCpus").integer(1, MOST_CPUS),
        at.texts("modules"),
        new LinkedHashMap<>(at.textMap("sources")),
        at.elements("files").stream().map(GuestManifest::parseFile).toList());
  }

  private static FileEntry parseFile(JsonCursor at) {
    return new FileEntry(
        at.require("name").text(),
        at.require("size").integer(0, Long.MAX_VALUE),
        at.require("sha256").text());
  }

  /** Writes it; equal manifests give equal bytes. */
  public JsonObject toJson() {
    JsonObject.Builder sorted = JsonObject.builder();
    sources.keySet().stream().sorted().forEach(name -> sorted.put(name, sources.get(name)));
    return JsonObject.builder()
        .put("format", FORMAT)
        .put("flavour", flavour)
        .put("kernelRelease", kernelRelease)
        .put("kernel", kernel)
        .put("initrd", initrd.orElse(null))
        .put("rootImage", rootImage)
        .put("kernelParameters", JsonArray.ofStrings(kernelParameters))
        .put("capabilities", JsonArray.ofStrings(capabilities))
        .put("maximumCpus", maximumCpus)
        .putStrings("modules", modules)
        .put("sources", sorted.build())
        .putArray("files", files.stream().map(GuestManifest::file).toList())
        .build();
  }

  private static JsonObject file(FileEntry entry) {
    return JsonObject.builder()
        .put("name", entry.name())
        .put("size", entry.size())
        .put("sha256", entry.sha256())
        .build();
  }
}
