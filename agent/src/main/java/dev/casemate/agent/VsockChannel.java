package dev.casemate.agent;

import dev.casemate.linux.Descriptor;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.Vsock;
import dev.casemate.protocol.ConnectionOptions;
import dev.casemate.protocol.TtrpcServer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Serves the port of AF_VSOCK that the agent protocol names. Owned by the thread that runs it. */
final class VsockChannel implements Runnable {
  private static final long PORT = 1024;
  private static final Path DRIVER = Path.of("/sys/bus/virtio/drivers/vmw_vsock_virtio_transport");

  private final TtrpcServer server;
  private final ConnectionOptions options;
  private final AgentLog log;

  VsockChannel(TtrpcServer server, ConnectionOptions options, AgentLog log) {
    this.server = server;
    this.options = options;
    this.log = log;
  }

  /** Whether the VM has such a device; the kernel's own loopback does not count. */
  static boolean isThere() {
    try (DirectoryStream<Path> devices = Files.newDirectoryStream(DRIVER, "virtio*")) {
      return devices.iterator().hasNext();
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void run() {
    try (Vsock.Listener listener = Vsock.listen(Vsock.CID_ANY, PORT)) {
      while (true) {
        Optional<Descriptor> peer = listener.accept();
        if (peer.isEmpty()) {
          return;
        }
        serve(peer.get());
      }
    } catch (LinuxException e) {
      log.error("the channel broke", "why", RequestError.reason(e));
    }
  }

  private void serve(Descriptor socket) {
    server.serve(
        socket.inputStream(), new SmallWrites(socket.outputStream()), () -> end(socket), options);
  }

  private static void end(Descriptor socket) {
    try {
      Vsock.shutdown(socket);
    } catch (LinuxException e) {
      // ENOTCONN: the host ended it before us.
    }
    socket.close();
  }

  /**
   * Writes at most 16 KiB at a time. The vhost-user daemon for vsock stalls the stream when a guest
   * with Linux 6.12 or later hands it more than it takes for one packet.
   */
  static final class SmallWrites extends OutputStream {
    private static final int MOST = 16 * 1024;

    private final OutputStream out;

    SmallWrites(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int octet) throws IOException {
      out.write(octet);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      int done = 0;
      while (done < length) {
        int now = Math.min(MOST, length - done);
        out.write(bytes, offset + done, now);
        done += now;
      }
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
