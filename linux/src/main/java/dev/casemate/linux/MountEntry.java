package dev.casemate.linux;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A line of {@code /proc/PID/mountinfo}, see {@code proc_pid_mountinfo(5)}. Octal escapes in the
 * names are resolved.
 *
 * @param id unique among the mounts of the moment
 * @param parentId the mount that this one is on
 * @param device major and minor number, as in {@code 0:22}
 * @param root which directory of the file system is the root of this mount
 * @param mountPoint where it is, seen from the root of the reading process
 * @param options options of this mount
 * @param propagation optional fields such as {@code shared:1} and {@code master:2}
 * @param type the kind of the file system
 * @param source what the file system calls its source
 * @param superOptions options of the file system
 */
public record MountEntry(
    int id,
    int parentId,
    String device,
    String root,
    String mountPoint,
    List<String> options,
    List<String> propagation,
    String type,
    String source,
    List<String> superOptions) {
  /** Copies the lists. */
  public MountEntry {
    Objects.requireNonNull(device, "device is null");
    Objects.requireNonNull(root, "root is null");
    Objects.requireNonNull(mountPoint, "mountPoint is null");
    options = List.copyOf(options);
    propagation = List.copyOf(propagation);
    Objects.requireNonNull(type, "type is null");
    Objects.requireNonNull(source, "source is null");
    superOptions = List.copyOf(superOptions);
  }

  /** Whether nothing can be written through this mount, or to its file system. */
  public boolean isReadOnly() {
    return options.contains("ro") || superOptions.contains("ro");
  }

  /**
   * Reads one line.
   *
   * @throws IllegalArgumentException when it is not such a line
   */
  public static MountEntry parse(String line) {
    List<String> fields = List.of(line.split(" ", -1));
    int separator = fields.indexOf("-");
    if (separator < 6 || fields.size() < separator + 4) {
      throw new IllegalArgumentException("not a line of mountinfo: " + line);
    }
    return new MountEntry(
        Integer.parseInt(fields.get(0)),
        Integer.parseInt(fields.get(1)),
        fields.get(2),
        unescaped(fields.get(3)),
        unescaped(fields.get(4)),
        List.of(fields.get(5).split(",", -1)),
        new ArrayList<>(fields.subList(6, separator)),
        unescaped(fields.get(separator + 1)),
        unescaped(fields.get(separator + 2)),
        List.of(fields.get(separator + 3).split(",", -1)));
  }

  /** Resolves {@code \040} and its like; only these bytes, all ASCII, are ever escaped. */
  private static String unescaped(String field) {
    if (field.indexOf('\\') < 0) {
      return field;
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < field.length(); i++) {
      char c = field.charAt(i);
      if (c == '\\' && i + 3 < field.length() && isOctal(field, i + 1)) {
        text.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
        i += 3;
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }

  private static boolean isOctal(String field, int start) {
    for (int i = start; i < start + 3; i++) {
      if (field.charAt(i) < '0' || field.charAt(i) > '7') {
        return false;
      }
    }
    return true;
  }
}
