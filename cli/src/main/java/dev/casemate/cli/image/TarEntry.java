package dev.casemate.cli.image;

import java.util.Map;

/**
 * One entry of a tar archive.
 *
 * @param name its path as written; not to be trusted
 * @param link the target of a link as written; not to be trusted
 * @param size bytes of content that follow
 * @param mode permission bits, 0 to 07777
 * @param seconds modification time in seconds since 1970
 * @param attributes extended attributes by name
 */
record TarEntry(
    Kind kind,
    String name,
    String link,
    long size,
    int mode,
    long uid,
    long gid,
    long seconds,
    Map<String, byte[]> attributes) {
  /** What an entry is. */
  enum Kind {
    /** A file with content. */
    FILE,
    /** A further name of an earlier file. */
    HARD_LINK,
    /** A symbolic link. */
    SYMBOLIC_LINK,
    /** A directory. */
    DIRECTORY,
    /** A FIFO. */
    FIFO,
    /** A device node. */
    DEVICE
  }
}
