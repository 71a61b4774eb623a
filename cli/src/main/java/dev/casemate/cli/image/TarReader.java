package dev.casemate.cli.image;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar archive from front to end: POSIX.1-1988 ustar, the GNU long names and large numbers,
 * and POSIX.1-2001 pax headers (pax(1), "pax Header Block"). Sparse files are refused. Owned by one
 * thread.
 *
 * <p>Our own since a few hundred lines of JDK-only code keep half a megabyte off the class path of
 * every command; see docs/adr.
 */
final class TarReader {
  private static final int BLOCK = 512;

  /** Long names and pax headers: room for a path of 4096 bytes and a page of attributes. */
  private static final int LARGEST_HEADER = 1 << 20;

  private final InputStream in;
  private long position;
  private long left;
  private long padding;

  TarReader(InputStream in) {
    this.in = in;
  }

  /** The next entry; null at the end. What is left of the one before is skipped. */
  @Nullable TarEntry next() throws IOException {
    Map<String, byte[]> pax = new HashMap<>();
    String longName = "";
    String longLink = "";
    while (true) {
      byte[] header = header();
      if (header == null) {
        return null;
      }
      byte type = header[156];
      left = number(header, 124, 12);
      padding = (BLOCK - left % BLOCK) % BLOCK;
      switch (type) {
        case 'x' -> readPax(small(), pax);
        // Global headers carry comments in practice, such as git's commit; none of them matters.
        case 'g' -> small();
        case 'L' -> longName = text(small());
        case 'K' -> longLink = text(small());
        default -> {
          return entry(header, type, pax, longName, longLink);
        }
      }
    }
  }

  /** The content of the entry that was read last; ends at its end. */
  InputStream content() {
    return new Content();
  }

  /** How many bytes of the archive were consumed. */
  long position() {
    return position;
  }

  private TarEntry entry(
      byte[] header, byte type, Map<String, byte[]> pax, String longName, String longLink)
      throws IOException {
    refuseSparse(type, pax);
    byte[] paxSize = pax.get("size");
    if (paxSize != null) {
      left = decimal(paxSize);
      padding = (BLOCK - left % BLOCK) % BLOCK;
    }
    String name = longName.isEmpty() ? ustarName(header) : longName;
    String link = longLink.isEmpty() ? text(header, 157, 100) : longLink;
    name = pax.containsKey("path") ? text(pax.getOrDefault("path", header)) : name;
    link = pax.containsKey("linkpath") ? text(pax.getOrDefault("linkpath", header)) : link;
    TarEntry.Kind kind = kind(type, name);
    if (type >= '1' && type <= '6') {
      // Some writers note a size here; no content follows whatever they note.
      left = 0;
      padding = 0;
    }
    return new TarEntry(
        kind,
        name,
        link,
        left,
        (int) number(header, 100, 8) & 0xfff,
        idNumber(pax, "uid", header, 108),
        idNumber(pax, "gid", header, 116),
        seconds(pax, header),
        attributes(pax));
  }

  private static TarEntry.Kind kind(byte type, String name) throws IOException {
    return switch (type) {
      case '0', 0, '7' -> name.endsWith("/") ? TarEntry.Kind.DIRECTORY : TarEntry.Kind.FILE;
      case '1' -> TarEntry.Kind.HARD_LINK;
      case '2' -> TarEntry.Kind.SYMBOLIC_LINK;
      case '3', '4' -> TarEntry.Kind.DEVICE;
      case '5' -> TarEntry.Kind.DIRECTORY;
      case '6' -> TarEntry.Kind.FIFO;
      default -> throw new IOException("the archive has an entry of unknown type " + type);
    };
  }

  private static void refuseSparse(byte type, Map<String, byte[]> pax) throws IOException {
    boolean sparse = type == 'S';
    for (String key : pax.keySet()) {
      sparse |= key.startsWith("GNU.sparse.");
    }
    if (sparse) {
      throw new IOException("the archive has a sparse file, which images do not use");
    }
  }

  private static long idNumber(Map<String, byte[]> pax, String key, byte[] header, int offset)
      throws IOException {
    byte[] value = pax.get(key);
    long id = value == null ? number(header, offset, 8) : decimal(value);
    if (id > 0xffff_ffffL) {
      throw new IOException("the archive has a user or group id beyond 32 bits");
    }
    return id;
  }

  private static long seconds(Map<String, byte[]> pax, byte[] header) throws IOException {
    byte[] value = pax.get("mtime");
    if (value == null) {
      return number(header, 136, 12);
    }
    String text = text(value);
    int point = text.indexOf('.');
    try {
      return Long.parseLong(point < 0 ? text : text.substring(0, point));
    } catch (NumberFormatException malformed) {
      throw new IOException("the archive has a time that is no number", malformed);
    }
  }

  private static Map<String, byte[]> attributes(Map<String, byte[]> pax) {
    Map<String, byte[]> found = new HashMap<>();
    String prefix = "SCHILY.xattr.";
    for (Map.Entry<String, byte[]> record : pax.entrySet()) {
      if (record.getKey().startsWith(prefix)) {
        found.put(record.getKey().substring(prefix.length()), record.getValue());
      }
    }
    return found;
  }

  /** Two records of zeros, or the end of the stream at a record, end an archive. */
  private byte @Nullable [] header() throws IOException {
    skip(left);
    skip(padding);
    left = 0;
    padding = 0;
    byte[] block = in.readNBytes(BLOCK);
    position += block.length;
    if (block.length == 0 || isZero(block)) {
      return null;
    }
    if (block.length < BLOCK) {
      throw new EOFException("the archive ends within a header");
    }
    checkSum(block);
    return block;
  }

  private static boolean isZero(byte[] block) {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return block.length == BLOCK;
  }

  private static void checkSum(byte[] header) throws IOException {
    long sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
    }
    if (sum != number(header, 148, 8)) {
      throw new IOException("the archive is damaged: a header's check sum is wrong");
    }
  }

  /** The whole content of a header entry. */
  private byte[] small() throws IOException {
    if (left > LARGEST_HEADER) {
      throw new IOException("the archive has a header of " + left + " bytes");
    }
    byte[] bytes = in.readNBytes((int) left);
    position += bytes.length;
    if (bytes.length < left) {
      throw new EOFException("the archive ends within a header");
    }
    left = 0;
    return bytes;
  }

  /** Records of the form {@code LENGTH KEY=VALUE\n}, the length counting all of it. */
  private static void readPax(byte[] records, Map<String, byte[]> into) throws IOException {
    int at = 0;
    while (at < records.length) {
      int space = at;
      while (space < records.length && records[space] != ' ') {
        space++;
      }
      int length = (int) Math.min(decimal(slice(records, at, space)), records.length);
      int end = at + length;
      int equals = space;
      while (equals < records.length && records[equals] != '=') {
        equals++;
      }
      if (end > records.length || equals >= end || records[end - 1] != '\n') {
        throw new IOException("the archive has a malformed pax header");
      }
      String key = new String(records, space + 1, equals - space - 1, StandardCharsets.UTF_8);
      into.put(key, slice(records, equals + 1, end - 1));
      at = end;
    }
  }

  private static byte[] slice(byte[] bytes, int from, int to) {
    return Arrays.copyOfRange(bytes, from, to);
  }

  private static String ustarName(byte[] header) {
    String name = text(header, 0, 100);
    boolean ustar = header[257] == 'u' && header[262] == 0;
    String prefix = ustar ? text(header, 345, 155) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  private static String text(byte[] bytes) {
    return text(bytes, 0, bytes.length);
  }

  private static String text(byte[] bytes, int offset, int length) {
    int end = offset;
    while (end < offset + length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, offset, end - offset, StandardCharsets.UTF_8);
  }

  /** Octal digits, or with the top bit set a big-endian number (GNU). */
  private static long number(byte[] header, int offset, int length) throws IOException {
    if ((header[offset] & 0x80) != 0) {
      long value = header[offset] & 0x3f;
      for (int i = offset + 1; i < offset + length; i++) {
        if (value >= 1L << 54) {
          throw new IOException("the archive has a number beyond 63 bits");
        }
        value = value << 8 | (header[i] & 0xff);
      }
      if ((header[offset] & 0x40) != 0) {
        throw new IOException("the archive has a negative number");
      }
      return value;
    }
    long value = 0;
    for (int i = offset; i < offset + length; i++) {
      byte digit = header[i];
      if (digit >= '0' && digit <= '7') {
        value = value << 3 | (digit - '0');
      } else if (digit != ' ' && digit != 0) {
        throw new IOException("the archive has a number that is not octal");
      }
    }
    return value;
  }

  private static long decimal(byte[] text) throws IOException {
    long value = 0;
    for (byte digit : text) {
      if (digit < '0' || digit > '9' || value > Long.MAX_VALUE / 10 - 1) {
        throw new IOException("the archive has a malformed number in a pax header");
      }
      value = value * 10 + (digit - '0');
    }
    if (text.length == 0) {
      throw new IOException("the archive has an empty number in a pax header");
    }
    return value;
  }

  private void skip(long count) throws IOException {
    in.skipNBytes(count);
    position += count;
  }

  /** The rest of the current entry. */
  private final class Content extends InputStream {
    private final byte[] one = new byte[1];

    @Override
    public int read() throws IOException {
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (left == 0 || length == 0) {
        return length == 0 ? 0 : -1;
      }
      int count = in.read(buffer, offset, (int) Math.min(length, left));
      if (count < 0) {
        throw new EOFException("the archive ends within a file");
      }
      left -= count;
      position += count;
      return count;
    }
  }
}
