package dev.casemate.host;

import dev.casemate.core.GuestSoftware;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.configuration.GuestKind;
import dev.casemate.model.configuration.QemuConfiguration;
import dev.casemate.model.guest.GuestManifest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * The guest that is booted: found in the installation, its files held against their digests.
 *
 * <p>Reading 40 MB at each start would cost more than the rest of it. So a file that was found
 * right is remembered by inode, size and time of change, until the host boots again.
 */
final class InstalledGuest {
  private static final Path VERIFIED = Path.of("/run/casemate/verified");
  private static final int BUFFER_BYTES = 256 * 1024;
  private static final String ADVICE = "make the guest with './x image', or install it again";

  private final Path directory;
  private final GuestManifest manifest;

  private InstalledGuest(Path directory, GuestManifest manifest) {
    this.directory = directory;
    this.manifest = manifest;
  }

  /**
   * Finds the guest.
   *
   * @param home the installation's directory
   * @throws CasemateException GUEST_IMAGE without one, or with a damaged one
   */
  static InstalledGuest find(Path home, QemuConfiguration qemu) {
    Path guests = home.resolve("share/guest");
    for (GuestKind kind : candidates(qemu.guest())) {
      Path directory = guests.resolve(kind.text());
      if (Files.exists(directory.resolve(GuestManifest.FILE_NAME))) {
        return read(directory);
      }
    }
    throw new CasemateException(
        ErrorCode.GUEST_IMAGE,
        "boot a guest",
        "there is no " + names(candidates(qemu.guest())) + " guest under " + guests,
        ADVICE);
  }

  private static List<GuestKind> candidates(GuestKind wanted) {
    return wanted == GuestKind.AUTO ? List.of(GuestKind.OWN, GuestKind.STOCK) : List.of(wanted);
  }

  private static String names(List<GuestKind> kinds) {
    StringBuilder names = new StringBuilder();
    for (GuestKind kind : kinds) {
      names.append(names.isEmpty() ? "" : " or ").append(kind.text());
    }
    return names.toString();
  }

  private static InstalledGuest read(Path directory) {
    Path manifest = directory.resolve(GuestManifest.FILE_NAME);
    try {
      return new InstalledGuest(
          directory, GuestManifest.parse(Files.readAllBytes(manifest), manifest.toString()));
    } catch (IOException failure) {
      throw damaged(manifest, String.valueOf(failure), failure);
    } catch (CasemateException malformed) {
      throw damaged(manifest, malformed.why(), malformed);
    }
  }

  /** Whether its kernel has a capability. */
  boolean has(String capability) {
    return manifest.has(capability);
  }

  /** No machine gets more vCPUs than its kernel can use. */
  int maximumCpus() {
    return manifest.maximumCpus();
  }

  /**
   * What a machine boots; what the configuration names takes the place of the guest's own.
   *
   * @throws CasemateException GUEST_IMAGE when a file is missing or is not the one that was built
   */
  GuestSoftware software(QemuConfiguration qemu) {
    Optional<Path> initrd =
        qemu.kernel().isPresent() || qemu.initrd().isPresent()
            ? qemu.initrd()
            : manifest.initrd().map(this::verified);
    return new GuestSoftware(
        qemu.kernel().orElseGet(() -> verified(manifest.kernel())),
        initrd,
        qemu.image().orElseGet(() -> verified(manifest.rootImage())),
        manifest.kernelParameters(),
        manifest.kernelRelease());
  }

  private Path verified(String name) {
    Path file = directory.resolve(name);
    GuestManifest.FileEntry entry =
        manifest.files().stream().filter(f -> f.name().equals(name)).findFirst().orElseThrow();
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      if (attributes.size() != entry.size()) {
        throw damaged(
            file,
            "it has " + attributes.size() + " bytes and must have " + entry.size(),
            new IOException("wrong size"));
      }
      Path mark = VERIFIED.resolve(mark(file, attributes, entry));
      if (!Files.exists(mark)) {
        String digest = digest(file);
        if (!digest.equals(entry.sha256())) {
          throw damaged(file, "its digest is " + digest, new IOException("wrong digest"));
        }
        Files.createDirectories(VERIFIED);
        Files.write(mark, new byte[0]);
      }
      return file;
    } catch (IOException failure) {
      throw damaged(file, String.valueOf(failure), failure);
    }
  }

  private static String mark(
      Path file, BasicFileAttributes attributes, GuestManifest.FileEntry entry) throws IOException {
    // The time of change cannot be set back, unlike that of modification.
    Object changed = Files.getAttribute(file, "unix:ctime");
    String identity =
        attributes.fileKey() + " " + attributes.size() + " " + changed + " " + entry.sha256();
    return HexFormat.of()
        .formatHex(sha256().digest(identity.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
  }

  private static String digest(Path file) throws IOException {
    MessageDigest sha256 = sha256();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream input = Files.newInputStream(file)) {
      for (int got = input.read(buffer); got >= 0; got = input.read(buffer)) {
        sha256.update(buffer, 0, got);
      }
    }
    return HexFormat.of().formatHex(sha256.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform has SHA-256", impossible);
    }
  }

  private static CasemateException damaged(Path file, String why, Throwable cause) {
    return new CasemateException(
        ErrorCode.GUEST_IMAGE, "boot the guest with " + file, why, ADVICE, cause);
  }
}
