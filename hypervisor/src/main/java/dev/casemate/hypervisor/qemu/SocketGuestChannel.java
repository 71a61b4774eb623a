package dev.casemate.hypervisor.qemu;

import dev.casemate.core.GuestChannel;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;

/** The agent's end of a virtio-serial port, as QEMU hands it on through a Unix socket. */
final class SocketGuestChannel implements GuestChannel {
  private final SocketChannel channel;
  private final InputStream input;
  private final OutputStream output;

  SocketGuestChannel(SocketChannel channel) {
    this.channel = channel;
    this.input = Channels.newInputStream(channel);
    this.output = Channels.newOutputStream(channel);
  }

  @Override
  public InputStream input() {
    return input;
  }

  @Override
  public OutputStream output() {
    return output;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // The descriptor is released in any case.
    }
  }
}
