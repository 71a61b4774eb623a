package dev.casemate.cli.image;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.oci.User;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Turns {@code USER[:GROUP]} into numbers with the image's own passwd(5) and group(5). */
public final class ImageUser {
  private static final long LARGEST_ID = 0xffff_ffffL;

  /** Beyond any honest passwd file. */
  private static final int LARGEST_FILE = 1 << 20;

  private static final int MOST_GROUPS = 64;

  private ImageUser() {}

  /**
   * Looks up a user.
   *
   * @param root the unpacked image; its files are read beneath it, whatever their links say
   * @param text as in an image's configuration; empty for root
   * @throws CasemateException INVALID_ARGUMENT for a name that the image does not have
   */
  public static User resolve(Path root, String text) {
    int colon = text.indexOf(':');
    String user = colon < 0 ? text : text.substring(0, colon);
    String group = colon < 0 ? "" : text.substring(colon + 1);
    String wanted = user.isEmpty() ? "0" : user;
    long uid = number(wanted);
    long gid = 0;
    String name = "";
    for (String[] fields : lines(root, "etc/passwd", 4)) {
      if (uid < 0 ? fields[0].equals(wanted) : number(fields[2]) == uid) {
        name = fields[0];
        uid = number(fields[2]);
        gid = Math.max(0, number(fields[3]));
        break;
      }
    }
    if (uid < 0) {
      throw unknown("user", wanted);
    }
    List<Long> groups = new ArrayList<>();
    if (group.isEmpty()) {
      addGroups(root, name, gid, groups);
    } else {
      gid = group(root, group);
    }
    return new User(uid, gid, null, groups, null);
  }

  private static void addGroups(Path root, String name, long gid, List<Long> groups) {
    if (name.isEmpty()) {
      return;
    }
    for (String[] fields : lines(root, "etc/group", 4)) {
      long id = number(fields[2]);
      boolean member = List.of(fields[3].split(",", -1)).contains(name);
      if (member && id >= 0 && id != gid && groups.size() < MOST_GROUPS) {
        groups.add(id);
      }
    }
  }

  private static long group(Path root, String text) {
    long gid = number(text);
    if (gid >= 0) {
      return gid;
    }
    for (String[] fields : lines(root, "etc/group", 3)) {
      if (fields[0].equals(text)) {
        return Math.max(0, number(fields[2]));
      }
    }
    throw unknown("group", text);
  }

  /** The fields of each line that has at least so many; none if the file cannot be read. */
  private static List<String[]> lines(Path root, String name, int least) {
    List<String[]> found = new ArrayList<>();
    try {
      Path file = new RootDirectory(root).find(name);
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        return found;
      }
      byte[] bytes;
      try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
        bytes = in.readNBytes(LARGEST_FILE);
      }
      for (String line : new String(bytes, StandardCharsets.UTF_8).split("\n", -1)) {
        String[] fields = line.split(":", -1);
        if (fields.length >= least) {
          found.add(fields);
        }
      }
    } catch (IOException _) {
      // As if it were not there: numbers still work.
    }
    return found;
  }

  /** A number from 0 to 2^32-1, or -1. */
  private static long number(String text) {
    try {
      long value = Long.parseLong(text);
      return value >= 0 && value <= LARGEST_ID ? value : -1;
    } catch (NumberFormatException _) {
      return -1;
    }
  }

  private static CasemateException unknown(String what, String name) {
    return new CasemateException(
        ErrorCode.INVALID_ARGUMENT,
        "run as " + what + " '" + name + "'",
        "the image has no such " + what,
        "use a number, or a name from the image's /etc/passwd and /etc/group");
  }
}
