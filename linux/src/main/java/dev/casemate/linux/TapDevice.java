package dev.casemate.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A network interface whose other end are descriptors: each frame that is sent on the interface can
 * be read from one of them, each frame that is written to one of them arrives on the interface. In
 * front of each frame is a {@code struct virtio_net_hdr}, so that checksums and segmentation can be
 * left to whoever is last. The interface goes when the last descriptor goes, unless it was there
 * before.
 *
 * <p>{@code Documentation/networking/tuntap.rst}; needs {@code CAP_NET_ADMIN} in the namespace.
 */
public final class TapDevice implements AutoCloseable {
  /** The most queues that the kernel gives one interface: {@code MAX_TAP_QUEUES}. */
  public static final int MAX_QUEUES = 256;

  private static final String NODE = "/dev/net/tun";
  private static final int TUNSETIFF = 0x400454ca;
  private static final int IFF_TAP = 0x0002;
  private static final int IFF_MULTI_QUEUE = 0x0100;
  private static final int IFF_NO_PI = 0x1000;
  private static final int IFF_VNET_HDR = 0x4000;

  /** struct ifreq: a name and a union. */
  private static final int IFREQ_BYTES = 40;

  private static final int NAME_BYTES = 16;

  private final String name;
  private final List<Descriptor> queues;

  private TapDevice(String name, List<Descriptor> queues) {
    this.name = name;
    this.queues = List.copyOf(queues);
  }

  /**
   * Makes an interface, or takes the other end of one that is there and that nobody has, in the
   * network namespace of the calling thread.
   *
   * @param name the name; {@code %d} in it stands for the first number that is free
   * @param queues how many descriptors share the frames, 1 to {@link #MAX_QUEUES}; one that is
   *     there must have been made for several when this is more than one
   */
  public static TapDevice open(String name, int queues) {
    checkQueues(queues);
    List<Descriptor> opened = new ArrayList<>();
    String actual = name;
    try {
      for (int i = 0; i < queues; i++) {
        Descriptor queue = Descriptor.open(NODE, OpenAccess.READ_WRITE);
        opened.add(queue);
        actual = attach(queue, actual, queues > 1);
      }
      return new TapDevice(actual, opened);
    } catch (RuntimeException e) {
      opened.forEach(Descriptor::close);
      throw e;
    }
  }

  private static void checkQueues(int queues) {
    if (queues < 1 || queues > MAX_QUEUES) {
      throw new IllegalArgumentException("a tap has 1 to " + MAX_QUEUES + " queues");
    }
  }

  private static String attach(Descriptor queue, String name, boolean several) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    if (bytes.length == 0 || bytes.length >= NAME_BYTES) {
      throw new IllegalArgumentException("the name of an interface has 1 to 15 bytes: " + name);
    }
    byte[] request = Arrays.copyOf(bytes, IFREQ_BYTES);
    int flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | (several ? IFF_MULTI_QUEUE : 0);
    ByteBuffer.wrap(request).order(ByteOrder.nativeOrder()).putShort(NAME_BYTES, (short) flags);
    byte[] answer = DeviceCalls.exchange(queue, TUNSETIFF, request);
    int length = 0;
    while (length < NAME_BYTES && answer[length] != 0) {
      length++;
    }
    return new String(answer, 0, length, StandardCharsets.UTF_8);
  }

  /** The interface's name when it was opened. */
  public String name() {
    return name;
  }

  /** The descriptors, one for each queue; they stay this object's. */
  public List<Descriptor> queues() {
    return queues;
  }

  /** Closes the descriptors; others that were given a duplicate keep the interface. */
  @Override
  public void close() {
    queues.forEach(Descriptor::close);
  }
}
