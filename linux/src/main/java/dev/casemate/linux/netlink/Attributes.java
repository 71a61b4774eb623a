package dev.casemate.linux.netlink;

import dev.casemate.linux.Errno;
import dev.casemate.linux.LinuxException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The body of a message: a fixed struct and attributes of type, length and value behind it, each
 * aligned to four bytes. Lengths that the kernel names are checked against what is there.
 */
final class Attributes {
  static final int AF_INET = 2;
  static final int AF_INET6 = 10;

  private static final int HEADER_BYTES = 4;

  /** The upper two bits of a type are flags. */
  private static final int TYPE_MASK = 0x3fff;

  private final Map<Integer, ByteBuffer> values = new HashMap<>();

  /** What follows a struct of so many bytes. */
  static Attributes parse(ByteBuffer body, int structBytes) {
    if (body.capacity() < structBytes) {
      throw new LinuxException(Errno.EBADMSG, "netlink", "a message that is cut short");
    }
    Attributes attributes = new Attributes();
    int offset = structBytes;
    while (offset + HEADER_BYTES <= body.capacity()) {
      int length = Short.toUnsignedInt(body.getShort(offset));
      if (length < HEADER_BYTES || length > body.capacity() - offset) {
        break;
      }
      int type = body.getShort(offset + 2) & TYPE_MASK;
      attributes.values.put(
          type,
          body.slice(offset + HEADER_BYTES, length - HEADER_BYTES).order(ByteOrder.nativeOrder()));
      offset += aligned(length);
    }
    return attributes;
  }

  byte @Nullable [] bytes(int type) {
    ByteBuffer value = values.get(type);
    if (value == null) {
      return null;
    }
    byte[] bytes = new byte[value.capacity()];
    value.get(0, bytes);
    return bytes;
  }

  boolean has(int type) {
    return values.containsKey(type);
  }

  /** The types of all attributes that are there. */
  Set<Integer> types() {
    return values.keySet();
  }

  int number(int type) {
    ByteBuffer value = values.get(type);
    return value == null || value.capacity() < Integer.BYTES ? 0 : value.getInt(0);
  }

  /** The same without a sign. */
  long unsigned(int type) {
    return Integer.toUnsignedLong(number(type));
  }

  /** The number at an index of an array of numbers, or the fallback when it is not there. */
  int element(int type, int index, int fallback) {
    ByteBuffer value = values.get(type);
    int offset = index * Integer.BYTES;
    return value == null || value.capacity() < offset + Integer.BYTES
        ? fallback
        : value.getInt(offset);
  }

  String text(int type) {
    byte[] bytes = bytes(type);
    if (bytes == null) {
      return "";
    }
    int length = bytes.length > 0 && bytes[bytes.length - 1] == 0 ? bytes.length - 1 : bytes.length;
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  @Nullable InetAddress address(int type) {
    byte[] bytes = bytes(type);
    return bytes == null ? null : address(bytes);
  }

  /** An address of another family than the message's: struct rtvia, the family in front. */
  @Nullable InetAddress addressOfAnyFamily(int type) {
    byte[] bytes = bytes(type);
    return bytes == null || bytes.length < Short.BYTES
        ? null
        : address(Arrays.copyOfRange(bytes, Short.BYTES, bytes.length));
  }

  private static @Nullable InetAddress address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      return null; // Neither 4 nor 16 bytes: an address of another family.
    }
  }

  Attributes nested(int type) {
    ByteBuffer value = values.get(type);
    return value == null ? new Attributes() : parse(value, 0);
  }

  static int family(InetAddress address) {
    return address instanceof Inet4Address ? AF_INET : AF_INET6;
  }

  static InetAddress unspecified(InetAddress ofFamily) {
    return unspecified(family(ofFamily));
  }

  static InetAddress unspecified(int family) {
    try {
      return InetAddress.getByAddress(new byte[family == AF_INET ? 4 : 16]);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether both are there and of different families. */
  static boolean isOther(InetAddress address, @Nullable InetAddress other) {
    return other != null && family(other) != family(address);
  }

  static void checkPrefix(InetAddress address, int prefixLength) {
    int bits = address.getAddress().length * 8;
    if (prefixLength < 0 || prefixLength > bits) {
      throw new IllegalArgumentException(
          "prefix length " + prefixLength + " is not within 0 to " + bits);
    }
  }

  private static int aligned(int length) {
    return (length + 3) & ~3;
  }

  /** Builds the body of a request. */
  static final class Builder {
    /** Ample for every request here: a struct and a dozen small attributes. */
    private static final int CAPACITY_BYTES = 1024;

    private final ByteBuffer body =
        ByteBuffer.allocate(CAPACITY_BYTES).order(ByteOrder.nativeOrder());

    Builder u8(int value) {
      body.put((byte) value);
      return this;
    }

    Builder u16(int value) {
      body.putShort((short) value);
      return this;
    }

    Builder u32(int value) {
      body.putInt(value);
      return this;
    }

    Builder attribute(int type, byte[] value) {
      body.putShort((short) (HEADER_BYTES + value.length)).putShort((short) type).put(value);
      while (body.position() % HEADER_BYTES != 0) {
        body.put((byte) 0);
      }
      return this;
    }

    Builder attribute(int type, int value) {
      body.putShort((short) (HEADER_BYTES + Integer.BYTES)).putShort((short) type).putInt(value);
      return this;
    }

    Builder attribute(int type, String text) {
      return attribute(type, (text + "\0").getBytes(StandardCharsets.UTF_8));
    }

    Builder attribute(int type, Builder nested) {
      return attribute(type, nested.build());
    }

    Builder attribute(int type, InetAddress address) {
      return attribute(type, address.getAddress());
    }

    Builder u64(long value) {
      body.putLong(value);
      return this;
    }

    byte[] build() {
      byte[] bytes = new byte[body.position()];
      body.get(0, bytes);
      return bytes;
    }
  }
}
