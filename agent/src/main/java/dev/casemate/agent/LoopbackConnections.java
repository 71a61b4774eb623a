package dev.casemate.agent;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Connections that the host has made to servers on the guest's loopback interface. Thread-safe;
 * each connection has one reader and one writer at a time.
 */
final class LoopbackConnections {
  /** Each may keep two requests waiting, and a server has 1024 of them for everything. */
  static final int MOST = 256;

  /** The most that one answer carries, in bytes. */
  private static final int CHUNK = 64 * 1024;

  /** The kernel answers at once, unless the server's queue is full and it is asked once more. */
  private static final Duration CONNECT_BOUND = Duration.ofSeconds(10);

  private static final int ADDRESS_BYTES_4 = 4;
  private static final int MAX_PORT = 0xffff;

  private final Map<Long, SocketChannel> channels = new ConcurrentHashMap<>();
  private final AtomicLong numbers = new AtomicLong();
  private final Semaphore left = new Semaphore(MOST);

  /** Connects; the connection's number. */
  long open(byte[] address, int port) {
    String tried = "connect to port " + Integer.toUnsignedString(port);
    InetAddress target = loopback(address, tried);
    if (port < 1 || port > MAX_PORT) {
      throw RequestError.invalid(tried, "there is no such port");
    }
    if (!left.tryAcquire()) {
      throw RequestError.exhausted(tried, MOST + " connections are open already");
    }
    try {
      SocketChannel channel = connect(new InetSocketAddress(target, port));
      long number = numbers.incrementAndGet();
      channels.put(number, channel);
      return number;
    } catch (IOException | RuntimeException failure) {
      left.release();
      throw RequestError.failed(tried, failure);
    }
  }

  /** The host has no business with what the guest reaches over its cards. */
  private static InetAddress loopback(byte[] address, String tried) {
    try {
      InetAddress target = InetAddress.getByAddress(address);
      if (target.isLoopbackAddress()) {
        return target;
      }
      throw RequestError.invalid(tried, target.getHostAddress() + " is no loopback address");
    } catch (UnknownHostException e) {
      throw RequestError.invalid(tried, "an address has 4 or 16 bytes, not " + address.length);
    }
  }

  private static SocketChannel connect(InetSocketAddress target) throws IOException {
    boolean four = target.getAddress().getAddress().length == ADDRESS_BYTES_4;
    ProtocolFamily family = four ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
    SocketChannel channel = SocketChannel.open(family);
    try {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.socket().connect(target, Math.toIntExact(CONNECT_BOUND.toMillis()));
      return channel;
    } catch (IOException | RuntimeException failure) {
      channel.close();
      throw failure;
    }
  }

  /** Waits for bytes: at least one, or none at the end. */
  ByteString read(long number) {
    ByteBuffer into = ByteBuffer.allocate(CHUNK);
    try {
      int count = channel(number).read(into);
      return count < 0 ? ByteString.EMPTY : UnsafeByteOperations.unsafeWrap(into.flip());
    } catch (IOException broken) {
      throw RequestError.failed("read from connection " + number, broken);
    }
  }

  /** Sends all of it, waiting for room. */
  void write(long number, ByteString data) {
    try {
      ByteBuffer from = data.asReadOnlyByteBuffer();
      while (from.hasRemaining()) {
        channel(number).write(from);
      }
    } catch (IOException broken) {
      throw RequestError.failed("write to connection " + number, broken);
    }
  }

  /** Tells the server that there is no more. */
  void closeOutput(long number) {
    try {
      channel(number).shutdownOutput();
    } catch (IOException broken) {
      throw RequestError.failed("end the output of connection " + number, broken);
    }
  }

  /** Ends a connection; again does nothing. Wakes its reader and its writer. */
  void close(long number, boolean reset) {
    SocketChannel channel = channels.remove(number);
    if (channel == null) {
      return;
    }
    left.release();
    try (channel) {
      if (reset) {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
      }
    } catch (IOException broken) {
      // The server has ended it meanwhile.
    }
  }

  private SocketChannel channel(long number) {
    SocketChannel channel = channels.get(number);
    if (channel == null) {
      throw RequestError.notFound("use connection " + number, "there is no such connection");
    }
    return channel;
  }
}
