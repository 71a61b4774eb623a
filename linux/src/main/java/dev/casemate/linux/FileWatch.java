package dev.casemate.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * News of files and directories, {@code inotify(7)}; also of cgroup files such as {@code
 * memory.events}, which report {@link Event#MODIFIED}. For one waiting thread.
 */
public final class FileWatch implements AutoCloseable {
  private static final int IN_CLOEXEC_NONBLOCK = 0x80000 | 0x800;

  /** struct inotify_event without the name. */
  private static final int EVENT_BYTES = 16;

  /** Room for at least 15 events with the longest names; the kernel keeps the rest. */
  private static final int BUFFER_BYTES = 4096;

  private final Descriptor descriptor;

  private FileWatch(Descriptor descriptor) {
    this.descriptor = descriptor;
  }

  /** What can happen. */
  public enum Event {
    /** Written to, or cut. */
    MODIFIED(0x2),
    /** Permissions, owner, times or link count changed. */
    ATTRIBUTES(0x4),
    /** Closed after it had been open for writing. */
    CLOSED_AFTER_WRITE(0x8),
    /** A name left the directory. */
    MOVED_FROM(0x40),
    /** A name came into the directory. */
    MOVED_TO(0x80),
    /** A name was made in the directory. */
    CREATED(0x100),
    /** A name was removed from the directory. */
    DELETED(0x200),
    /** The watched file itself was removed. */
    SELF_DELETED(0x400),
    /** The watched file itself was renamed. */
    SELF_MOVED(0x800),
    /** Events were lost since nobody read them; reported unasked, with watch -1. */
    OVERFLOWED(0x4000),
    /** The watch is no more; reported unasked. */
    ENDED(0x8000);

    private final int bits;

    Event(int bits) {
      this.bits = bits;
    }
  }

  /**
   * Something happened.
   *
   * @param watch the number that {@link #watch} gave
   * @param events what
   * @param name to which name in a watched directory; empty for the watched file itself
   */
  public record Change(int watch, Set<Event> events, String name) {
    /** Copies the set. */
    public Change {
      events = Set.copyOf(events);
    }
  }

  /** A watcher of nothing yet; {@code EMFILE} when the user has too many. */
  public static FileWatch open() {
    int fd =
        (int)
            FileCalls.plain(
                "inotify_init1", SyscallNumbers.INOTIFY_INIT1, IN_CLOEXEC_NONBLOCK, 0, 0, "");
    return new FileWatch(Descriptor.adopt(fd));
  }

  /** Watches a file, or a directory and the names in it. Gives a number for this watch. */
  public int watch(String path, Event first, Event... more) {
    int mask = first.bits;
    for (Event event : more) {
      mask |= event.bits;
    }
    int fd = descriptor.acquire("inotify_add_watch");
    try (Memory memory = new Memory()) {
      // SAFETY: the path is NUL-terminated and lives until the call has returned.
      long result =
          NativeCall.syscall(
              SyscallNumbers.INOTIFY_ADD_WATCH, fd, memory.string(path).address(), mask);
      return (int) NativeCall.check(result, "inotify_add_watch", path);
    } finally {
      descriptor.release();
    }
  }

  /** Ends a watch. */
  public void unwatch(int watch) {
    int fd = descriptor.acquire("inotify_rm_watch");
    try {
      FileCalls.plain(
          "inotify_rm_watch", SyscallNumbers.INOTIFY_RM_WATCH, fd, watch, 0, "watch " + watch);
    } finally {
      descriptor.release();
    }
  }

  /** Readable when something happened, for {@link Poll}. */
  public Descriptor descriptor() {
    return descriptor;
  }

  /**
   * Waits until something happened.
   *
   * @param timeout how long at most; null waits for ever
   * @return in order; nothing when the time is over
   */
  public List<Change> await(@Nullable Duration timeout) {
    if (!Poll.awaitReadable(descriptor, timeout)) {
      return List.of();
    }
    byte[] buffer = new byte[BUFFER_BYTES];
    int count = descriptor.read(buffer, 0, buffer.length);
    return parse(ByteBuffer.wrap(buffer, 0, Math.max(0, count)).order(ByteOrder.nativeOrder()));
  }

  private static List<Change> parse(ByteBuffer events) {
    List<Change> changes = new ArrayList<>();
    while (events.remaining() >= EVENT_BYTES) {
      int watch = events.getInt();
      int mask = events.getInt();
      events.getInt(); // The cookie that pairs the two halves of a rename.
      byte[] name = new byte[events.getInt()];
      events.get(name);
      Set<Event> kinds = EnumSet.noneOf(Event.class);
      for (Event event : Event.values()) {
        if ((mask & event.bits) != 0) {
          kinds.add(event);
        }
      }
      changes.add(new Change(watch, kinds, text(name)));
    }
    return List.copyOf(changes);
  }

  private static String text(byte[] padded) {
    int length = 0;
    while (length < padded.length && padded[length] != 0) {
      length++;
    }
    return new String(padded, 0, length, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
