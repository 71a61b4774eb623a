package dev.casemate.host.configuration;

import dev.casemate.host.configuration.ConfigurationFile.Setting;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.configuration.ConfigurationKey;
import dev.casemate.model.configuration.ConfigurationKind;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;
import org.tomlj.TomlVersion;

/** What one file sets. The only class that sees the TOML reader. */
final class TomlSettings {
  private final Path file;
  private final TomlParseResult document;
  private final Map<ConfigurationKey, Setting> settings = new EnumMap<>(ConfigurationKey.class);

  private TomlSettings(Path file, TomlParseResult document) {
    this.file = file;
    this.document = document;
  }

  /** Reads a file's text. */
  static Map<ConfigurationKey, Setting> of(Path file, String text) {
    TomlParseResult document = Toml.parse(text, TomlVersion.V1_0_0);
    if (document.hasErrors()) {
      TomlParseError first = document.errors().getFirst();
      throw wrong(file, first.position(), String.valueOf(first.getMessage()), "correct the line");
    }
    TomlSettings settings = new TomlSettings(file, document);
    settings.collect();
    return settings.settings;
  }

  private void collect() {
    for (List<String> path : document.keyPathSet()) {
      String name = String.join(".", path);
      TomlPosition position = Objects.requireNonNull(document.inputPositionOf(path));
      ConfigurationKey key = ConfigurationKey.find(name);
      if (key == null) {
        throw wrong(
            file,
            position,
            "there is no key " + shown(name),
            "did you mean " + ConfigurationKey.nearest(name) + "?");
      }
      Object value = Objects.requireNonNull(document.get(path));
      String text = text(key, value, position);
      String complaint = key.kind().complaint(text);
      if (complaint != null) {
        throw wrong(
            file, position, name + " is " + shown(text) + ": " + complaint, "correct the value");
      }
      settings.put(key, new Setting(text, file + ":" + position.line()));
    }
  }

  private String text(ConfigurationKey key, Object value, TomlPosition position) {
    String expected =
        switch (key.kind()) {
          case ConfigurationKind.WholeNumber _ -> "a number";
          case ConfigurationKind.Flag _ -> "true or false";
          case ConfigurationKind.Text _, ConfigurationKind.HostPath _, ConfigurationKind.Choice _ ->
              "a string";
        };
    String found = kind(value);
    if (!found.equals(expected)) {
      throw wrong(
          file,
          position,
          key.key() + " expects " + expected + " and is " + found,
          expected.equals("a string") ? "put it in quotes" : "write it without quotes");
    }
    return value.toString();
  }

  private static String kind(Object value) {
    return switch (value) {
      case String _ -> "a string";
      case Long _ -> "a number";
      case Boolean _ -> "true or false";
      case Double _ -> "a fraction";
      case TomlArray _ -> "an array";
      case TomlTable _ -> "a table";
      default -> "a date or time";
    };
  }

  /** A key or value of a stranger's file in a message. */
  private static String shown(String text) {
    StringBuilder shown = new StringBuilder("'");
    text.codePoints()
        .limit(64)
        .map(c -> Character.isISOControl(c) ? '?' : c)
        .forEach(shown::appendCodePoint);
    return shown.append("'").toString();
  }

  private static CasemateException wrong(
      Path file, TomlPosition position, String why, String advice) {
    return new CasemateException(
        ErrorCode.INVALID_ARGUMENT,
        "read the configuration " + file,
        "line " + position.line() + ": " + why,
        advice);
  }
}
