package dev.casemate.shim;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/** Loads what a shim needs, for its AOT cache. */
final class Rehearsal {
  private static final String OURS = "dev/casemate/";
  private static final String CLASS = ".class";

  private final Path libraries;

  Rehearsal(Path libraries) {
    this.libraries = libraries;
  }

  void run() throws IOException {
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(libraries, "*.jar")) {
      for (Path jar : jars) {
        if (!jar.endsWith("cli.jar")) {
          load(jar.toFile());
        }
      }
    }
  }

  private static void load(File file) throws IOException {
    try (JarFile jar = new JarFile(file)) {
      for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
        String name = entries.nextElement().getName();
        if (name.startsWith(OURS) && name.endsWith(CLASS)) {
          load(name.substring(0, name.length() - CLASS.length()).replace('/', '.'));
        }
      }
    }
  }

  private static void load(String name) {
    if (name.endsWith("package-info")) {
      return;
    }
    try {
      Class.forName(name, false, Rehearsal.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError _) {
      // It is only not in the cache then.
    }
  }
}
