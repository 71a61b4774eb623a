package dev.casemate.guest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A little-endian 64-bit ELF file (System V ABI, "Object Files"): only what the build asks of it.
 * Reads without ever running the file. Every offset is checked against the file's size. Immutable.
 */
final class ElfFile {
  private static final int MAGIC = 0x464c457f;
  private static final int CLASS_64_LITTLE = 0x0102;
  private static final int HEADER_BYTES = 64;
  private static final int PROGRAM_HEADER_BYTES = 56;
  private static final int SECTION_HEADER_BYTES = 64;
  private static final int PT_LOAD = 1;
  private static final int PT_DYNAMIC = 2;
  private static final int PT_INTERP = 3;
  private static final int DT_NULL = 0;
  private static final int DT_NEEDED = 1;
  private static final int DT_STRTAB = 5;

  private final ByteBuffer bytes;
  private final String name;

  private ElfFile(byte[] content, String name) {
    this.bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    this.name = name;
  }

  /** The file as ELF, or nothing when it is something else. */
  static Optional<ElfFile> read(Path file) throws IOException {
    return parse(Files.readAllBytes(file), file.toString());
  }

  /** The bytes as ELF, or nothing when they are something else; they are not copied. */
  static Optional<ElfFile> parse(byte[] content, String name) {
    ElfFile file = new ElfFile(content, name);
    boolean elf =
        content.length >= HEADER_BYTES
            && file.bytes.getInt(0) == MAGIC
            && file.bytes.getShort(4) == CLASS_64_LITTLE;
    return elf ? Optional.of(file) : Optional.empty();
  }

  /**
   * A segment of the program header table.
   *
   * @param header offset of its header
   * @param type PT_…
   * @param offset where its bytes are in the file
   * @param address where the program sees them
   * @param size of its bytes in the file
   */
  private record Segment(int header, int type, long offset, long address, long size) {}

  private List<Segment> segments() {
    long table = bytes.getLong(32);
    int count = Short.toUnsignedInt(bytes.getShort(56));
    List<Segment> found = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int at = offset(table + (long) i * PROGRAM_HEADER_BYTES, PROGRAM_HEADER_BYTES);
      found.add(
          new Segment(
              at,
              bytes.getInt(at),
              bytes.getLong(at + 8),
              bytes.getLong(at + 16),
              bytes.getLong(at + 32)));
    }
    return found;
  }

  /** The program that the kernel starts to load this one, or nothing for a static one. */
  Optional<String> interpreter() {
    return segments().stream()
        .filter(segment -> segment.type() == PT_INTERP)
        .findFirst()
        .map(segment -> text(segment.offset()));
  }

  /** The names of the shared libraries that it needs, in order. */
  List<String> needed() {
    List<Segment> all = segments();
    for (Segment segment : all) {
      if (segment.type() == PT_DYNAMIC) {
        return needed(all, segment);
      }
    }
    return List.of();
  }

  private List<String> needed(List<Segment> all, Segment dynamic) {
    List<Long> offsets = new ArrayList<>();
    long strings = -1;
    for (long at = dynamic.offset(); at < dynamic.offset() + dynamic.size(); at += 16) {
      int entry = offset(at, 16);
      long tag = bytes.getLong(entry);
      long value = bytes.getLong(entry + 8);
      if (tag == DT_NULL) {
        break;
      } else if (tag == DT_NEEDED) {
        offsets.add(value);
      } else if (tag == DT_STRTAB) {
        strings = fileOffset(all, value);
      }
    }
    List<String> names = new ArrayList<>();
    for (long each : offsets) {
      names.add(text(strings + each));
    }
    return names;
  }

  private long fileOffset(List<Segment> all, long address) {
    for (Segment segment : all) {
      if (segment.type() == PT_LOAD
          && address >= segment.address()
          && address < segment.address() + segment.size()) {
        return segment.offset() + address - segment.address();
      }
    }
    throw malformed("no segment holds its string table");
  }

  /** The content of a section, or nothing when there is none of that name. */
  Optional<ByteBuffer> section(String wanted) {
    long table = bytes.getLong(40);
    int count = Short.toUnsignedInt(bytes.getShort(60));
    int names = Short.toUnsignedInt(bytes.getShort(62));
    if (count == 0 || names >= count) {
      return Optional.empty();
    }
    long strings = bytes.getLong(sectionHeader(table, names) + 24);
    for (int i = 0; i < count; i++) {
      int header = sectionHeader(table, i);
      if (text(strings + Integer.toUnsignedLong(bytes.getInt(header))).equals(wanted)) {
        long size = bytes.getLong(header + 32);
        return Optional.of(bytes.slice(offset(bytes.getLong(header + 24), size), (int) size));
      }
    }
    return Optional.empty();
  }

  private int sectionHeader(long table, int index) {
    return offset(table + (long) index * SECTION_HEADER_BYTES, SECTION_HEADER_BYTES);
  }

  /**
   * The same program without what is not loaded: section headers, what lies behind the last
   * segment, and the zeros that end a segment, which a loader makes by itself.
   */
  byte[] loadedPart() {
    byte[] copy = bytes.array().clone();
    ByteBuffer view = ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
    long end = HEADER_BYTES;
    for (Segment segment : segments()) {
      long size = segment.size();
      if (segment.type() == PT_LOAD) {
        int start = offset(segment.offset(), size);
        while (size > 0 && copy[(int) (start + size - 1)] == 0) {
          size--;
        }
        view.putLong(segment.header() + 32, size);
      }
      end = Math.max(end, Math.max(segment.offset() + size, segment.header() + 56L));
    }
    view.putLong(40, 0);
    view.putShort(60, (short) 0);
    view.putShort(62, (short) 0);
    return java.util.Arrays.copyOf(copy, offset(end, 0));
  }

  private String text(long start) {
    int from = offset(start, 1);
    int to = from;
    while (to < bytes.limit() && bytes.get(to) != 0) {
      to++;
    }
    return new String(bytes.array(), from, to - from, StandardCharsets.UTF_8);
  }

  private int offset(long start, long size) {
    if (start < 0 || size < 0 || start > bytes.limit() || size > bytes.limit() - start) {
      throw malformed("something in it lies outside of it");
    }
    return (int) start;
  }

  private dev.casemate.model.CasemateException malformed(String why) {
    return Failures.image("read the ELF file " + name, why, "the file is damaged");
  }
}
