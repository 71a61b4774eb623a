package dev.casemate.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Stream sockets between a virtual machine and its host: {@code vsock(7)}. An address is a context
 * id, which names a machine, and a port, both 32 bits without sign.
 */
public final class Vsock {
  /** Any of this machine's own ids, to listen on. */
  public static final long CID_ANY = 0xffffffffL;

  /** This machine itself; since Linux 5.6, with {@code vsock_loopback}. */
  public static final long CID_LOCAL = 1;

  /** The host, seen from its guests. */
  public static final long CID_HOST = 2;

  /** Let the kernel choose the port. */
  public static final long PORT_ANY = 0xffffffffL;

  private static final int BACKLOG = 128;
  private static final int SOCKADDR_VM_BYTES = 16;
  private static final int IOCTL_GET_LOCAL_CID = 0x7b9;

  private Vsock() {}

  /** Whether the kernel knows such sockets at all. */
  public static boolean isAvailable() {
    try {
      socket(false).close();
      return true;
    } catch (LinuxException e) {
      if (e.errno() == Errno.EAFNOSUPPORT) {
        return false;
      }
      throw e;
    }
  }

  /** This machine's id; empty when there is no {@code /dev/vsock} or no transport gave it one. */
  public static OptionalLong localCid() {
    try (Descriptor device = Descriptor.open("/dev/vsock", OpenAccess.READ)) {
      long cid = Integer.toUnsignedLong(DeviceCalls.getInt(device, IOCTL_GET_LOCAL_CID));
      return cid == CID_ANY ? OptionalLong.empty() : OptionalLong.of(cid);
    } catch (LinuxException e) {
      return OptionalLong.empty();
    }
  }

  /**
   * Connects; the kernel gives up after two seconds ({@code ETIMEDOUT}). {@code ECONNRESET} when
   * nothing listens, {@code ENODEV} when there is no such machine.
   */
  public static Descriptor connect(long cid, long port) {
    Descriptor socket = socket(false);
    try {
      SocketCalls.connect(socket.number(), address(cid, port), subject(cid, port));
      return socket;
    } catch (RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /** Listens on a port of this machine. */
  public static Listener listen(long cid, long port) {
    Descriptor socket = socket(true);
    try {
      String subject = subject(cid, port);
      SocketCalls.bind(socket.number(), address(cid, port), subject);
      SocketCalls.listen(socket.number(), BACKLOG, subject);
      return new Listener(new SocketListener(socket, subject));
    } catch (RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /** A socket that waits for connections. */
  public static final class Listener implements AutoCloseable {
    private final SocketListener listener;

    private Listener(SocketListener listener) {
      this.listener = listener;
    }

    /** Waits for a connection; empty once another thread closed this. */
    public Optional<Descriptor> accept() {
      return listener.accept();
    }

    /** Stops listening and wakes whoever waits in {@link #accept}. */
    @Override
    public void close() {
      listener.close();
    }
  }

  /** Ends both directions and so wakes whoever waits in a read or write of this socket. */
  public static void shutdown(Descriptor socket) {
    int fd = socket.acquire("shutdown");
    try {
      SocketCalls.shutdown(fd, 2, socket.subject());
    } finally {
      socket.release();
    }
  }

  private static Descriptor socket(boolean nonBlocking) {
    return Descriptor.adopt(
        SocketCalls.socket(
            SocketCalls.AF_VSOCK, SocketCalls.SOCK_STREAM, 0, nonBlocking, "AF_VSOCK"));
  }

  private static byte[] address(long cid, long port) {
    if (cid < 0 || cid > CID_ANY || port < 0 || port > PORT_ANY) {
      throw new IllegalArgumentException("no such address: " + subject(cid, port));
    }
    return ByteBuffer.allocate(SOCKADDR_VM_BYTES)
        .order(ByteOrder.nativeOrder())
        .putShort((short) SocketCalls.AF_VSOCK)
        .putShort((short) 0)
        .putInt((int) port)
        .putInt((int) cid)
        .array();
  }

  private static String subject(long cid, long port) {
    return "vsock:" + cid + ":" + port;
  }
}
