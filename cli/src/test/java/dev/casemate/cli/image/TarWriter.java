package dev.casemate.cli.image;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes ustar archives, hostile ones too. */
final class TarWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  TarWriter file(String name, String content) {
    return entry('0', name, "", content.getBytes(StandardCharsets.UTF_8), 0644);
  }

  TarWriter bytes(String name, byte[] content) {
    return entry('0', name, "", content, 0644);
  }

  TarWriter directory(String name) {
    return entry('5', name, "", new byte[0], 0755);
  }

  TarWriter symbolicLink(String name, String target) {
    return entry('2', name, target, new byte[0], 0777);
  }

  TarWriter hardLink(String name, String target) {
    return entry('1', name, target, new byte[0], 0644);
  }

  TarWriter device(String name) {
    return entry('4', name, "", new byte[0], 0666);
  }

  TarWriter pax(String key, String value) {
    String body = " " + key + "=" + value + "\n";
    int length = body.getBytes(StandardCharsets.UTF_8).length;
    int total = length + Integer.toString(length).length();
    total = length + Integer.toString(total).length();
    return entry('x', "pax", "", (total + body).getBytes(StandardCharsets.UTF_8), 0644);
  }

  TarWriter entry(char type, String name, String link, byte[] content, int mode) {
    header(type, name, link, content.length, mode);
    out.writeBytes(content);
    out.writeBytes(new byte[(512 - content.length % 512) % 512]);
    return this;
  }

  /** A header alone. */
  TarWriter header(char type, String name, String link, long size, int mode) {
    byte[] header = new byte[512];
    put(header, 0, name, 100);
    put(header, 100, octal(mode, 7), 8);
    put(header, 108, octal(0, 7), 8);
    put(header, 116, octal(0, 7), 8);
    put(header, 124, octal(size, 11), 12);
    put(header, 136, octal(1_000_000, 11), 12);
    put(header, 148, "        ", 8);
    header[156] = (byte) type;
    put(header, 157, link, 100);
    put(header, 257, "ustar", 6);
    put(header, 263, "00", 2);
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    put(header, 148, octal(sum, 6) + "\0 ", 8);
    out.writeBytes(header);
    return this;
  }

  private static void put(byte[] header, int offset, String text, int room) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, header, offset, Math.min(bytes.length, room));
  }

  private static String octal(long number, int digits) {
    String text = Long.toOctalString(number);
    return "0".repeat(digits - text.length()) + text;
  }

  byte[] unfinished() {
    return out.toByteArray();
  }

  byte[] finish() {
    out.writeBytes(new byte[1024]);
    return out.toByteArray();
  }
}
