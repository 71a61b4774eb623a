package dev.casemate.protocol;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Two ends of a connection, for a test to put a client, a server or bare bytes on. */
record Link(End left, End right) implements AutoCloseable {
  /** One end. */
  record End(InputStream in, OutputStream out, Closeable channel) {
    TtrpcClient client() {
      return new TtrpcClient(in, out, channel, ConnectionOptions.virtual("test-client"));
    }

    TtrpcConnection serve(TtrpcServer server) {
      return server.serve(in, out, channel, ConnectionOptions.virtual("test-server"));
    }
  }

  /** What the ends are joined by. */
  enum Kind {
    /** Bounded buffers in memory. */
    PIPES,
    /** A Unix socket. */
    SOCKET;

    Link open() throws IOException {
      return switch (this) {
        case PIPES -> pipes();
        case SOCKET -> socket();
      };
    }
  }

  static Link pipes() {
    Pipe there = new Pipe();
    Pipe back = new Pipe();
    Closeable both =
        () -> {
          there.close();
          back.close();
        };
    return new Link(new End(back.in(), there.out(), both), new End(there.in(), back.out(), both));
  }

  static Link socket() throws IOException {
    Path directory = Files.createTempDirectory("casemate-protocol-");
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("s"));
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(address);
      SocketChannel left = SocketChannel.open(address);
      return new Link(end(left), end(listener.accept()));
    } finally {
      Files.deleteIfExists(address.getPath());
      Files.delete(directory);
    }
  }

  private static End end(SocketChannel channel) {
    return new End(Channels.newInputStream(channel), Channels.newOutputStream(channel), channel);
  }

  @Override
  public void close() throws IOException {
    left.channel().close();
    right.channel().close();
  }
}
