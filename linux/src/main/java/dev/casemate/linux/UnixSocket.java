package dev.casemate.linux;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A connected Unix stream socket, over which descriptors can be passed. */
public final class UnixSocket implements AutoCloseable {
  /** {@code SCM_MAX_FD}: the kernel refuses more in one message. */
  public static final int MAX_DESCRIPTORS = 253;

  /** The most that {@link #receive} takes at once. */
  public static final int MAX_BYTES = 1 << 20;

  private final Descriptor descriptor;

  private UnixSocket(Descriptor descriptor) {
    this.descriptor = descriptor;
  }

  /** Takes the ownership of a connected Unix socket. */
  public static UnixSocket adopt(Descriptor socket) {
    return new UnixSocket(socket);
  }

  /** Connects to a listening socket; waits while its backlog is full. */
  public static UnixSocket connect(String path) {
    Descriptor socket =
        Descriptor.adopt(
            SocketCalls.socket(SocketCalls.AF_UNIX, SocketCalls.SOCK_STREAM, 0, false, path));
    try (UnixAddress address = UnixAddress.of(path)) {
      SocketCalls.connect(socket.number(), address.bytes(), path);
      return new UnixSocket(socket);
    } catch (RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /** Two sockets connected to each other. */
  public static List<UnixSocket> pair() {
    int[] ends = SocketCalls.socketpair();
    return List.of(
        new UnixSocket(Descriptor.adopt(ends[0])), new UnixSocket(Descriptor.adopt(ends[1])));
  }

  /** The socket itself. */
  public Descriptor descriptor() {
    return descriptor;
  }

  /** A stream of what comes in; descriptors that come along are dropped by the kernel. */
  public InputStream inputStream() {
    return descriptor.inputStream();
  }

  /** A stream that sends. */
  public OutputStream outputStream() {
    return descriptor.outputStream();
  }

  /**
   * Sends all bytes, at least one, and with the first of them the descriptors, of which the caller
   * keeps its own.
   *
   * @throws LinuxException {@code EPIPE} when the peer is gone
   */
  public void send(byte[] data, List<Descriptor> descriptors) {
    if (data.length == 0 || descriptors.size() > MAX_DESCRIPTORS) {
      throw new IllegalArgumentException(
          data.length + " bytes with " + descriptors.size() + " descriptors cannot be sent");
    }
    int fd = descriptor.acquire("sendmsg");
    List<Descriptor> held = new ArrayList<>();
    try {
      int[] numbers = new int[descriptors.size()];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = descriptors.get(i).acquire("sendmsg");
        held.add(descriptors.get(i));
      }
      String subject = descriptor.subject();
      int done = SocketCalls.sendmsg(fd, data, 0, data.length, numbers, subject);
      while (done < data.length) {
        done += SocketCalls.sendmsg(fd, data, done, data.length - done, new int[0], subject);
      }
    } finally {
      held.forEach(Descriptor::release);
      descriptor.release();
    }
  }

  /** What one receiving gave. */
  public static final class Message {
    private final byte[] data;
    private final List<Descriptor> descriptors;

    private Message(byte[] data, List<Descriptor> descriptors) {
      this.data = data;
      this.descriptors = List.copyOf(descriptors);
    }

    /** The bytes, not copied; none at the end of the stream. */
    public byte[] data() {
      return data;
    }

    /** The descriptors that came with them, which the receiver owns and must close. */
    public List<Descriptor> descriptors() {
      return descriptors;
    }

    /** Whether the peer has closed its side. */
    public boolean isEnd() {
      return data.length == 0 && descriptors.isEmpty();
    }
  }

  /**
   * Waits for bytes and takes what is there.
   *
   * @param maxBytes 1 to {@link #MAX_BYTES}
   * @param maxDescriptors 0 to {@link #MAX_DESCRIPTORS}; a message with more fails with {@code
   *     EMSGSIZE} and all of them are closed
   */
  public Message receive(int maxBytes, int maxDescriptors) {
    Objects.checkIndex(maxBytes - 1, MAX_BYTES);
    Objects.checkIndex(maxDescriptors, MAX_DESCRIPTORS + 1);
    List<Integer> numbers = new ArrayList<>();
    int fd = descriptor.acquire("recvmsg");
    try {
      byte[] data =
          SocketCalls.recvmsg(fd, maxBytes, maxDescriptors, numbers, descriptor.subject());
      // The room for control data is rounded up, so one more than asked for may have come.
      if (numbers.size() > maxDescriptors) {
        throw new LinuxException(Errno.EMSGSIZE, "recvmsg", descriptor.subject());
      }
      return new Message(data, numbers.stream().map(Descriptor::adopt).toList());
    } catch (RuntimeException e) {
      numbers.forEach(FileCalls::close);
      throw e;
    } finally {
      descriptor.release();
    }
  }

  /** Who is at the other end. */
  public PeerCredentials peer() {
    int fd = descriptor.acquire("getsockopt");
    try {
      int[] values =
          SocketCalls.getsockopt(
              fd, SocketCalls.SOL_SOCKET, SocketCalls.SO_PEERCRED, 3, descriptor.subject());
      return new PeerCredentials(values[0], values[1], values[2]);
    } finally {
      descriptor.release();
    }
  }

  /** Tells the peer that nothing more comes; receiving goes on. */
  public void shutdownOutput() {
    shutdown(1);
  }

  /** Ends both directions and so wakes whoever waits in a read or write of this socket. */
  public void shutdown() {
    shutdown(2);
  }

  private void shutdown(int how) {
    int fd = descriptor.acquire("shutdown");
    try {
      SocketCalls.shutdown(fd, how, descriptor.subject());
    } finally {
      descriptor.release();
    }
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
