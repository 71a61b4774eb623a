package dev.casemate.host.configuration;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.configuration.Configuration;
import dev.casemate.model.configuration.ConfigurationKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The configuration out of its files: {@code configuration.toml}, then {@code
 * configuration.d/*.toml} beside it in the order of their names; what is read later wins. None of
 * them need exist. Nothing else chooses them: no variable of the environment and no annotation of a
 * container.
 */
public final class ConfigurationFile {
  /** Where the configuration of an installed Casemate is. */
  public static final Path INSTALLED = Path.of("/etc/casemate/configuration.toml");

  /** The largest configuration has some kilobytes. */
  private static final long LARGEST_BYTES = 1 << 20;

  private static final String DROP_INS = "configuration.d";

  private final Map<ConfigurationKey, Setting> settings = new EnumMap<>(ConfigurationKey.class);

  /** What a file says. */
  record Setting(String value, String origin) {}

  /**
   * A value in force.
   *
   * @param origin the file and line that it comes from, or {@code default}
   */
  public record Effective(ConfigurationKey key, String value, String origin) {}

  private ConfigurationFile() {}

  /**
   * Reads the files.
   *
   * @param main the main file, {@link #INSTALLED} but for tests
   * @throws CasemateException INVALID_ARGUMENT, with file, line and what is wrong there; an unknown
   *     key is told with the nearest one that exists
   */
  public static ConfigurationFile read(Path main) {
    ConfigurationFile files = new ConfigurationFile();
    for (Path file : existing(main)) {
      // Not before a file is there: the reader's classes cost start-up time.
      files.settings.putAll(TomlSettings.of(file, text(file)));
    }
    return files;
  }

  /**
   * The same with settings on top of it that came from elsewhere than a file.
   *
   * @param origin what error messages and {@link #effective} call it
   * @param text TOML; may be empty
   * @throws CasemateException as {@link #read}
   */
  public ConfigurationFile with(String origin, String text) {
    ConfigurationFile both = new ConfigurationFile();
    both.settings.putAll(settings);
    if (!text.isBlank()) {
      both.settings.putAll(TomlSettings.of(Path.of(origin), text));
    }
    return both;
  }

  private static List<Path> existing(Path main) {
    List<Path> files = new ArrayList<>();
    if (Files.exists(main)) {
      files.add(main);
    }
    List<Path> dropIns = new ArrayList<>();
    try (DirectoryStream<Path> found =
        Files.newDirectoryStream(main.resolveSibling(DROP_INS), "*.toml")) {
      found.forEach(dropIns::add);
    } catch (NoSuchFileException | NotDirectoryException none) {
      return files;
    } catch (IOException failure) {
      throw unreadable(main.resolveSibling(DROP_INS), failure);
    }
    dropIns.sort(null);
    files.addAll(dropIns);
    return files;
  }

  private static String text(Path file) {
    try {
      if (Files.size(file) > LARGEST_BYTES) {
        throw new CasemateException(
            ErrorCode.INVALID_ARGUMENT,
            "read the configuration " + file,
            "it is larger than " + LARGEST_BYTES + " bytes",
            "make it smaller");
      }
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw unreadable(file, failure);
    }
  }

  private static CasemateException unreadable(Path file, IOException failure) {
    return new CasemateException(
        ErrorCode.INVALID_ARGUMENT,
        "read the configuration " + file,
        String.valueOf(failure),
        "check that it is a text file in UTF-8 that root can read",
        failure);
  }

  /** The configuration in force. */
  public Configuration configuration() {
    Map<ConfigurationKey, String> values = new EnumMap<>(ConfigurationKey.class);
    settings.forEach((key, setting) -> values.put(key, setting.value()));
    return Configuration.of(values);
  }

  /** Every key with its value and where that comes from, in the order of the keys. */
  public List<Effective> effective() {
    List<Effective> effective = new ArrayList<>();
    for (ConfigurationKey key : ConfigurationKey.values()) {
      @Nullable Setting setting = settings.get(key);
      effective.add(
          setting == null
              ? new Effective(key, key.defaultText(), "default")
              : new Effective(key, setting.value(), setting.origin()));
    }
    return List.copyOf(effective);
  }
}
