package dev.casemate.cli.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** An OCI layout as a directory. */
record DirectorySource(Path directory) implements ImageSource {
  @Override
  public @Nullable InputStream open(String name) throws IOException {
    Path file = new RootDirectory(directory).find(name);
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) ? Files.newInputStream(file) : null;
  }

  @Override
  public void close() {
    // Nothing is held.
  }
}
