package dev.casemate.cli.image;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A tar with an image in it, read in any order: it is gone through once to note where each file
 * lies. A compressed one is decompressed beside the bundle first.
 */
final class TarSource implements ImageSource {
  private static final int MOST_LINKS = 8;

  /** Where a file's bytes lie, or the name that it is a link to. */
  private record Place(long offset, long size, String link) {}

  private final FileChannel channel;
  private final Map<String, Place> places = new HashMap<>();

  private TarSource(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Opens an archive.
   *
   * @param scratch an existing directory for a decompressed copy
   */
  static TarSource open(Path archive, Path scratch, ImageLimits limits) throws IOException {
    Path plain = archive;
    if (Compression.of(archive) == Compression.GZIP) {
      plain = scratch.resolve("image.tar");
      decompress(archive, plain, limits);
    }
    FileChannel channel = FileChannel.open(plain, StandardOpenOption.READ);
    TarSource source = new TarSource(channel);
    try {
      source.index(limits);
      return source;
    } catch (IOException | RuntimeException failure) {
      channel.close();
      throw failure;
    }
  }

  private static void decompress(Path archive, Path plain, ImageLimits limits) throws IOException {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(archive), 1 << 16);
        OutputStream out = Files.newOutputStream(plain)) {
      new BoundedInputStream(in, limits.bytes()).transferTo(out);
    }
  }

  private void index(ImageLimits limits) throws IOException {
    InputStream in = new BufferedInputStream(Channels.newInputStream(channel), 1 << 16);
    TarReader tar = new TarReader(in);
    long entries = 0;
    for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
      entries++;
      if (entries > limits.entries()) {
        throw ImageProblem.tooLarge("its archive has more than " + limits.entries() + " files");
      }
      String name = plain(entry.name());
      switch (entry.kind()) {
        case FILE -> places.put(name, new Place(tar.position(), entry.size(), ""));
        case HARD_LINK -> places.put(name, new Place(0, 0, plain(entry.link())));
        case SYMBOLIC_LINK -> places.put(name, new Place(0, 0, beside(name, entry.link())));
        case DIRECTORY, FIFO, DEVICE -> {
          // No part of an image.
        }
      }
    }
  }

  @Override
  public @Nullable InputStream open(String name) throws IOException {
    String at = plain(name);
    for (int i = 0; i < MOST_LINKS; i++) {
      Place place = places.get(at);
      if (place == null) {
        return null;
      }
      if (place.link.isEmpty()) {
        return new Slice(channel, place.offset, place.size);
      }
      at = place.link;
    }
    throw ImageProblem.malformed("'" + name + "' leads through too many links");
  }

  /** Names only serve as keys here, so it is enough that equal ones are equal. */
  private static String plain(String name) {
    return name.startsWith("./") ? name.substring(2) : name;
  }

  /** Docker links a layer that it has twice to {@code ../ID/layer.tar}. */
  private static String beside(String name, String link) {
    Path parent = Path.of(name).getParent();
    Path base = parent == null ? Path.of("") : parent;
    return base.resolve(link).normalize().toString();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** A part of a file, read at its place so that several can be open. */
  private static final class Slice extends InputStream {
    private final FileChannel channel;
    private final byte[] one = new byte[1];
    private long at;
    private final long end;

    Slice(FileChannel channel, long offset, long size) {
      this.channel = channel;
      this.at = offset;
      this.end = offset + size;
    }

    @Override
    public int read() throws IOException {
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (at >= end) {
        return length == 0 ? 0 : -1;
      }
      int wanted = (int) Math.min(length, end - at);
      int count = channel.read(java.nio.ByteBuffer.wrap(buffer, offset, wanted), at);
      if (count < 0) {
        throw new java.io.EOFException("the archive ends within a file");
      }
      at += count;
      return count;
    }
  }

  /** Ends in an error where a bomb would go on. */
  static final class BoundedInputStream extends FilterInputStream {
    private long left;

    BoundedInputStream(InputStream in, long bytes) {
      super(in);
      this.left = bytes;
    }

    @Override
    public int read() throws IOException {
      int value = super.read();
      count(value < 0 ? 0 : 1);
      return value;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int count = super.read(buffer, offset, length);
      count(Math.max(0, count));
      return count;
    }

    @Override
    public long skip(long count) throws IOException {
      return readNBytes((int) Math.min(Math.max(count, 0), 1 << 16)).length;
    }

    private void count(int read) {
      left -= read;
      if (left < 0) {
        throw ImageProblem.tooLarge("it decompresses to more than its limit");
      }
    }
  }
}
