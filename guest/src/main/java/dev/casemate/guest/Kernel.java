package dev.casemate.guest;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/**
 * A kernel that is ready to be booted, as an entry of the cache.
 *
 * @param directory holds {@code vmlinux} or {@code vmlinuz}, perhaps {@code initrd.img}
 * @param image the kernel's file
 * @param initrd the initial RAM file system's file, if there is one
 * @param release {@code uname -r}
 * @param capabilities what it can do
 * @param maximumCpus the most vCPUs that it can use
 * @param modules in the initrd
 */
record Kernel(
    Path directory,
    String image,
    Optional<String> initrd,
    String release,
    List<String> capabilities,
    int maximumCpus,
    List<String> modules) {
  private static final String FACTS = "facts.properties";

  Kernel {
    capabilities = List.copyOf(capabilities);
    modules = List.copyOf(modules);
  }

  /** Writes what is known of the kernel into its directory, for {@link #read}. */
  void save() throws IOException {
    StringBuilder text = new StringBuilder();
    text.append("image=").append(image).append('\n');
    text.append("initrd=").append(initrd.orElse("")).append('\n');
    text.append("release=").append(release).append('\n');
    text.append("capabilities=").append(String.join(" ", capabilities)).append('\n');
    text.append("maximumCpus=").append(maximumCpus).append('\n');
    text.append("modules=").append(String.join(" ", modules)).append('\n');
    Files.writeString(directory.resolve(FACTS), text);
  }

  /** The kernel that was saved in a directory. */
  static Kernel read(Path directory) throws IOException {
    Properties facts = new Properties();
    facts.load(new StringReader(Files.readString(directory.resolve(FACTS))));
    String initrd = facts.getProperty("initrd", "");
    return new Kernel(
        directory,
        facts.getProperty("image", ""),
        initrd.isEmpty() ? Optional.empty() : Optional.of(initrd),
        facts.getProperty("release", ""),
        words(facts.getProperty("capabilities", "")),
        Integer.parseInt(facts.getProperty("maximumCpus", "1")),
        words(facts.getProperty("modules", "")));
  }

  private static List<String> words(String text) {
    return Arrays.stream(text.split(" ", -1)).filter(word -> !word.isEmpty()).toList();
  }
}
