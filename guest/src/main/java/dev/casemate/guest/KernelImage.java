package dev.casemate.guest;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * Takes the kernel out of a bzImage (Documentation/arch/x86/boot.rst of the kernel, protocol 2.08
 * and later). A VMM that enters the ELF file directly (PVH) spares the guest unpacking itself,
 * which is the largest part of a stock kernel's boot under emulation. Stateless.
 */
final class KernelImage {
  private static final int SETUP_SECTORS = 0x1f1;
  private static final int HEADER_MAGIC = 0x202;
  private static final int HDRS = 0x53726448;
  private static final int PAYLOAD_OFFSET = 0x248;
  private static final int PAYLOAD_LENGTH = 0x24c;
  private static final int SECTOR = 512;
  // The kernel's build appends the unpacked size to payloads whose format does not carry it.
  private static final int APPENDED_SIZE = 4;

  private KernelImage() {}

  /**
   * The ELF kernel inside, without what is not loaded; or nothing when this machine lacks the
   * program that unpacks it, and the bzImage must be booted as it is.
   *
   * @param scratch a directory for intermediate files
   */
  static Optional<byte[]> elf(byte[] bzImage, Path scratch) throws IOException {
    byte[] payload = payload(bzImage);
    Optional<byte[]> unpacked = unpack(payload, scratch);
    return unpacked.map(content ->
        ElfFile.parse(content, "vmlinux")
            .orElseThrow(() -> damaged("what it unpacks to is no ELF file"))
            .loadedPart());
  }

  private static byte[] payload(byte[] image) {
    if (image.length < PAYLOAD_LENGTH + 4) {
      throw damaged("it is too short");
    }
    ByteBuffer header = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
    if (header.getInt(HEADER_MAGIC) != HDRS) {
      throw damaged("it is no bzImage");
    }
    int sectors = Byte.toUnsignedInt(image[SETUP_SECTORS]);
    long start = (sectors + 1L) * SECTOR + Integer.toUnsignedLong(header.getInt(PAYLOAD_OFFSET));
    long end = start + Integer.toUnsignedLong(header.getInt(PAYLOAD_LENGTH));
    if (end > image.length || end - start < APPENDED_SIZE) {
      throw damaged("its payload lies outside of it");
    }
    return Arrays.copyOfRange(image, (int) start, (int) end);
  }

  private static Optional<byte[]> unpack(byte[] payload, Path scratch) throws IOException {
    if (Lz4.isFrame(payload)) {
      return Optional.of(Lz4.unpack(payload));
    }
    return switch (Byte.toUnsignedInt(payload[0])) {
      case 0x1f -> {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(payload))) {
          yield Optional.of(in.readAllBytes());
        }
      }
      case 0x28 -> unpackWith("zstd", payload, scratch);
      case 0xfd -> unpackWith("xz", payload, scratch);
      default -> Optional.empty();
    };
  }

  private static Optional<byte[]> unpackWith(String program, byte[] payload, Path scratch)
      throws IOException {
    if (!HostTool.isInstalled(program)) {
      return Optional.empty();
    }
    String suffix = program.equals("xz") ? ".xz" : ".zst";
    Path packed = scratch.resolve("payload" + suffix);
    Files.write(packed, Arrays.copyOf(payload, payload.length - APPENDED_SIZE));
    HostTool.of(scratch, program, "-d", "-f", "-k", packed.toString()).run("unpack the kernel");
    Path unpacked = scratch.resolve("payload");
    byte[] content = Files.readAllBytes(unpacked);
    Files.delete(packed);
    Files.delete(unpacked);
    return Optional.of(content);
  }

  private static dev.casemate.model.CasemateException damaged(String why) {
    return Failures.image(
        "take the kernel out of its image", why, "delete the cache and build again");
  }
}
