package dev.casemate.cli.image;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipException;

/**
 * An image that somebody names on the command line.
 *
 * @param path the file or directory
 * @param reference which image in it, empty for the only one
 * @param kind what it is
 */
public record Image(Path path, String reference, Kind kind) {
  /** What an image can be. */
  public enum Kind {
    /** A directory with an OCI layout. */
    LAYOUT,
    /** A tar with an OCI layout or of docker save. */
    ARCHIVE,
    /** A directory that is a root file system itself. */
    DIRECTORY
  }

  /**
   * Finds out what a text names: a path, or a path and a reference behind a colon.
   *
   * @throws CasemateException NOT_FOUND when there is nothing
   */
  public static Image find(String text) {
    Path path = Path.of(text).toAbsolutePath().normalize();
    String reference = "";
    int colon = text.lastIndexOf(':');
    if (!Files.exists(path) && colon > 0) {
      reference = text.substring(colon + 1);
      path = Path.of(text.substring(0, colon)).toAbsolutePath().normalize();
    }
    if (Files.isDirectory(path)) {
      boolean layout = Files.exists(path.resolve("oci-layout"));
      if (!layout && !reference.isEmpty()) {
        throw missing(text);
      }
      return new Image(path, reference, layout ? Kind.LAYOUT : Kind.DIRECTORY);
    }
    if (!Files.isRegularFile(path)) {
      throw missing(text);
    }
    return new Image(path, reference, Kind.ARCHIVE);
  }

  /**
   * Unpacks it; only for a layout or an archive.
   *
   * @param root an empty directory below one that only its owner can enter
   * @param scratch an existing directory for what is needed meanwhile
   * @return what the image says of how to run it
   * @throws CasemateException INVALID_ARGUMENT for a malformed or hostile image, EXHAUSTED beyond
   *     the limits or on a full disk, UNSUPPORTED for what cannot be read
   */
  public ImageConfig unpack(Path root, Path scratch) {
    return unpack(root, scratch, ImageLimits.DEFAULT);
  }

  ImageConfig unpack(Path root, Path scratch, ImageLimits limits) {
    if (kind == Kind.DIRECTORY) {
      throw new IllegalStateException(path + " is a directory, which is not unpacked");
    }
    try (ImageSource source =
        kind == Kind.LAYOUT ? new DirectorySource(path) : TarSource.open(path, scratch, limits)) {
      return new ImageReader(source, limits).unpack(reference, new LayerUnpacker(root, limits));
    } catch (FileSystemException failure) {
      throw failed(ErrorCode.EXHAUSTED, failure, "look for space and permissions");
    } catch (EOFException | ZipException damaged) {
      throw failed(ErrorCode.INVALID_ARGUMENT, damaged, "make the image again; it is damaged");
    } catch (IOException failure) {
      throw failed(ErrorCode.INVALID_ARGUMENT, failure, "look at the image and at the disk");
    }
  }

  private CasemateException failed(ErrorCode code, IOException failure, String advice) {
    return new CasemateException(
        code, "unpack the image " + path, String.valueOf(failure.getMessage()), advice, failure);
  }

  private static CasemateException missing(String text) {
    return new CasemateException(
        ErrorCode.NOT_FOUND,
        "find the image " + text,
        "there is no such file or directory",
        "name an OCI layout, a tar made by skopeo copy … oci-archive:FILE or docker save, or a"
            + " root file system directory");
  }
}
