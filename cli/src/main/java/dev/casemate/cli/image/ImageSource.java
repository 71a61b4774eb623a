package dev.casemate.cli.image;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** The files that an image is made of, by their names in its layout. Owned by one thread. */
sealed interface ImageSource extends Closeable permits DirectorySource, TarSource {
  /** Opens a file; null when there is none. The name may come from the image. */
  @Nullable InputStream open(String name) throws IOException;
}
