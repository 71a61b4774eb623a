package dev.casemate.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A conversation with a part of the kernel over {@code netlink(7)}: a request, then what answers
 * it. It speaks of headers only; {@code dev.casemate.linux.netlink} knows the messages. For one
 * thread at a time; it belongs to the network namespace of the thread that opened it.
 */
public final class NetlinkSocket implements AutoCloseable {
  /** The flag of a request that asks for all objects: {@code NLM_F_ROOT | NLM_F_MATCH}. */
  public static final int DUMP = 0x300;

  /** The flag of a request that may not find the object: {@code NLM_F_EXCL}. */
  public static final int EXCLUSIVE = 0x200;

  /** The flag of a request that replaces the object: {@code NLM_F_REPLACE}. */
  public static final int REPLACE = 0x100;

  /** The flag of a request that makes the object: {@code NLM_F_CREATE}. */
  public static final int CREATE = 0x400;

  private static final int NETLINK_ROUTE = 0;
  private static final int SOL_NETLINK = 270;
  private static final int NETLINK_ADD_MEMBERSHIP = 1;

  /** Errors do not repeat the request; since Linux 4.3. */
  private static final int NETLINK_CAP_ACK = 10;

  /** Errors come with a text; since Linux 4.12. */
  private static final int NETLINK_EXT_ACK = 11;

  private static final int FLAG_REQUEST = 0x1;
  private static final int FLAG_ACKNOWLEDGE = 0x4;
  private static final int FLAG_DUMP_INTERRUPTED = 0x10;
  private static final int FLAG_ACKNOWLEDGE_ATTRIBUTES = 0x200;
  private static final int TYPE_ERROR = 2;
  private static final int TYPE_DONE = 3;
  private static final int ATTRIBUTE_MESSAGE = 1;

  /** struct sockaddr_nl. */
  private static final int ADDRESS_BYTES = 12;

  private static final int HEADER_BYTES = 16;

  /** The error number and the header of the request that it answers. */
  private static final int ERROR_BYTES = 4 + HEADER_BYTES;

  /** The kernel fills 32 KiB of a dump at once when it may, and no message of it is bigger. */
  private static final int BUFFER_BYTES = 32 * 1024;

  /** No request of ours is bigger than this. */
  private static final int MAX_REQUEST_BYTES = 8 * 1024;

  /** Objects in one answer; a full routing table of the internet does not belong in a guest. */
  private static final int MAX_ANSWERS = 100_000;

  /** How often a dump is repeated when objects changed meanwhile. */
  private static final int DUMP_TRIES = 16;

  /** The kernel answers within the call that sends; longer than this means that it never will. */
  private static final Duration ANSWER_BOUND = Duration.ofSeconds(10);

  private final Descriptor descriptor;
  private int sequence;

  private NetlinkSocket(Descriptor descriptor) {
    this.descriptor = descriptor;
  }

  /** A socket for links, addresses and routes: {@code rtnetlink(7)}. */
  public static NetlinkSocket openRoute() {
    Descriptor socket =
        Descriptor.adopt(
            SocketCalls.socket(
                SocketCalls.AF_NETLINK, SocketCalls.SOCK_RAW, NETLINK_ROUTE, false, "rtnetlink"));
    try {
      SocketCalls.setsockopt(socket.number(), SOL_NETLINK, NETLINK_CAP_ACK, 1, "rtnetlink");
      SocketCalls.setsockopt(socket.number(), SOL_NETLINK, NETLINK_EXT_ACK, 1, "rtnetlink");
      return new NetlinkSocket(socket);
    } catch (RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * A socket that hears of changes, and is not asked anything.
   *
   * @param groups numbers of {@code RTNLGRP_}
   */
  public static NetlinkSocket openRouteListener(int... groups) {
    NetlinkSocket listener = openRoute();
    try {
      // The kernel tells nothing to a socket without an address; it chooses one.
      byte[] anyAddress = new byte[ADDRESS_BYTES];
      anyAddress[0] = SocketCalls.AF_NETLINK;
      SocketCalls.bind(listener.descriptor.number(), anyAddress, "rtnetlink");
      for (int group : groups) {
        SocketCalls.setsockopt(
            listener.descriptor.number(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group, "rtnetlink");
      }
      return listener;
    } catch (RuntimeException e) {
      listener.close();
      throw e;
    }
  }

  /**
   * Waits until the kernel has told of changes, and forgets all that it told so far.
   *
   * @param timeout how long at most; null waits for ever
   * @param stop ends the wait when it is signalled
   * @return false when the time is over or the wake-up was signalled
   */
  public boolean awaitNotices(@Nullable Duration timeout, Wakeup stop) {
    List<Poll.Readiness> ready =
        Poll.await(
            List.of(Poll.Interest.readable(stop.descriptor()), Poll.Interest.readable(descriptor)),
            timeout);
    if (ready.get(0).any() || !ready.get(1).any()) {
      return false;
    }
    byte[] buffer = new byte[BUFFER_BYTES];
    while (Poll.awaitReadable(descriptor, Duration.ZERO)) {
      try {
        int ignored = descriptor.read(buffer, 0, buffer.length);
      } catch (LinuxException e) {
        // ENOBUFS: more was told than the socket holds; that there was something is all we want.
        if (e.errno() != Errno.ENOBUFS) {
          throw e;
        }
      }
    }
    return true;
  }

  /**
   * Asks and waits for the answer.
   *
   * @param type the message type of the request
   * @param flags {@link #DUMP}, {@link #CREATE} and so on
   * @param body the request without its header
   * @param subject what the request is about, for messages
   * @return the answers without their headers, in native byte order; none for a plain success
   * @throws LinuxException with the kernel's error and, where it gave one, its explanation
   */
  public List<ByteBuffer> ask(int type, int flags, byte[] body, String subject) {
    Objects.checkIndex(body.length, MAX_REQUEST_BYTES);
    for (int i = 0; i < DUMP_TRIES; i++) {
      send(type, flags | FLAG_REQUEST | FLAG_ACKNOWLEDGE, body);
      List<ByteBuffer> answers = new ArrayList<>();
      if (receive(answers, subject)) {
        return answers;
      }
    }
    throw new LinuxException(Errno.EINTR, "netlink", subject);
  }

  private void send(int type, int flags, byte[] body) {
    byte[] request = new byte[HEADER_BYTES + body.length];
    ByteBuffer.wrap(request)
        .order(ByteOrder.nativeOrder())
        .putInt(request.length)
        .putShort((short) type)
        .putShort((short) flags)
        .putInt(++sequence)
        .putInt(0)
        .put(body);
    descriptor.writeAll(request);
  }

  /** Collects answers until the last one; false when the dump is not consistent. */
  private boolean receive(List<ByteBuffer> answers, String subject) {
    boolean consistent = true;
    while (true) {
      for (ByteBuffer message : receiveMessages(subject)) {
        int type = Short.toUnsignedInt(message.getShort(4));
        int flags = Short.toUnsignedInt(message.getShort(6));
        if (message.getInt(8) != sequence) {
          continue; // The rest of an answer that an earlier caller gave up on.
        }
        consistent &= (flags & FLAG_DUMP_INTERRUPTED) == 0;
        ByteBuffer body =
            message
                .slice(HEADER_BYTES, message.capacity() - HEADER_BYTES)
                .order(ByteOrder.nativeOrder());
        if (type == TYPE_ERROR || (type == TYPE_DONE && body.capacity() >= Integer.BYTES)) {
          check(type, flags, body, subject);
          return consistent;
        }
        if (type == TYPE_DONE) {
          return consistent;
        }
        if (answers.size() >= MAX_ANSWERS) {
          throw new LinuxException(Errno.EMSGSIZE, "netlink", subject);
        }
        answers.add(body); // An acknowledgement or the end of the dump follows.
      }
    }
  }

  private List<ByteBuffer> receiveMessages(String subject) {
    if (!Poll.awaitReadable(descriptor, ANSWER_BOUND)) {
      throw new LinuxException(Errno.ETIMEDOUT, "netlink", subject);
    }
    byte[] buffer = new byte[BUFFER_BYTES];
    int count = descriptor.read(buffer, 0, buffer.length);
    ByteBuffer bytes = ByteBuffer.wrap(buffer).order(ByteOrder.nativeOrder());
    List<ByteBuffer> messages = new ArrayList<>();
    int offset = 0;
    while (offset + HEADER_BYTES <= count) {
      int length = bytes.getInt(offset);
      if (length < HEADER_BYTES || length > count - offset) {
        throw new LinuxException(Errno.EMSGSIZE, "netlink", subject);
      }
      messages.add(bytes.slice(offset, length).order(ByteOrder.nativeOrder()));
      offset += (length + 3) & ~3;
    }
    return messages;
  }

  private static void check(int type, int flags, ByteBuffer body, String subject) {
    if (body.capacity() < Integer.BYTES) {
      throw new LinuxException(Errno.EBADMSG, "netlink", subject);
    }
    int error = -body.getInt(0);
    if (error > 0) {
      boolean explained = (flags & FLAG_ACKNOWLEDGE_ATTRIBUTES) != 0;
      int start = type == TYPE_ERROR ? ERROR_BYTES : Integer.BYTES;
      String text = explained ? explanation(body, start) : "";
      throw new LinuxException(
          error, "netlink", text.isEmpty() ? subject : subject + " (" + text + ")");
    }
  }

  private static String explanation(ByteBuffer body, int start) {
    int offset = start;
    while (offset + 4 <= body.capacity()) {
      int length = Short.toUnsignedInt(body.getShort(offset));
      if (length < 4 || length > body.capacity() - offset) {
        break;
      }
      if (body.getShort(offset + 2) == ATTRIBUTE_MESSAGE) {
        byte[] text = new byte[Math.max(0, length - 5)];
        body.get(offset + 4, text);
        return new String(text, StandardCharsets.UTF_8);
      }
      offset += (length + 3) & ~3;
    }
    return "";
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
