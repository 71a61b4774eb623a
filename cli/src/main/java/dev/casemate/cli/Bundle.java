package dev.casemate.cli;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.JsonLimits;
import dev.casemate.model.oci.Spec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/** Reads the files of bundles and requests; what is larger than its bound is refused unread. */
final class Bundle {
  private Bundle() {}

  /**
   * The configuration of a bundle.
   *
   * @throws CasemateException NOT_FOUND without config.json, INVALID_ARGUMENT or UNSUPPORTED for
   *     one that cannot be used
   */
  static Spec spec(String bundle) {
    Path directory = Path.of(bundle);
    if (!Files.isDirectory(directory)) {
      throw new CasemateException(
          ErrorCode.NOT_FOUND,
          "read the bundle " + bundle,
          "there is no such directory",
          "name the directory that holds config.json with --bundle");
    }
    return Spec.parse(
        read(directory.resolve(Spec.FILE_NAME), JsonLimits.OCI.bytes(), "read the bundle"));
  }

  /**
   * A whole file.
   *
   * @param bound the largest size in bytes
   * @param tried what it is read for, as a clause
   */
  static byte[] read(Path file, int bound, String tried) {
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, bound, tried, file.toString());
    } catch (NoSuchFileException | NotDirectoryException missing) {
      throw new CasemateException(
          ErrorCode.NOT_FOUND,
          tried,
          file + " does not exist",
          "make it, or name another",
          missing);
    } catch (IOException failure) {
      throw unreadable(tried, file.toString(), failure);
    }
  }

  /** A whole stream; the name is for messages. */
  static byte[] read(InputStream in, int bound, String tried, String name) {
    byte[] bytes;
    try {
      bytes = in.readNBytes(bound + 1);
    } catch (IOException failure) {
      throw unreadable(tried, name, failure);
    }
    if (bytes.length > bound) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          tried,
          name + " is larger than " + bound + " bytes",
          "make it smaller");
    }
    return bytes;
  }

  private static CasemateException unreadable(String tried, String name, IOException failure) {
    return new CasemateException(
        ErrorCode.INVALID_ARGUMENT,
        tried,
        name + " cannot be read: " + failure.getMessage(),
        "check that it is a file and can be read",
        failure);
  }
}
