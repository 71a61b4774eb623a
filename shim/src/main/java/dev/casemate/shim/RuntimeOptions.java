package dev.casemate.shim;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.casemate.host.configuration.ConfigurationFile;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.configuration.Configuration;
import dev.casemate.shim.containerd.Options;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The options of a runtime handler, as containerd passes them: a path of a configuration file, or
 * the text of one that comes on top of the installed configuration.
 */
final class RuntimeOptions {
  private static final String TYPE = "runtimeoptions.v1.Options";

  private RuntimeOptions() {}

  /**
   * Refuses options of another type.
   *
   * @throws CasemateException INVALID_ARGUMENT
   */
  static void check(Any options) {
    if (!options.getTypeUrl().isEmpty() && !Messages.is(options, TYPE)) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "use the runtime's options",
          "they are of type '" + options.getTypeUrl() + "', not " + TYPE,
          "set ConfigPath alone in the runtime's options");
    }
  }

  /**
   * The configuration that they ask for.
   *
   * @param encoded an Any, or nothing
   * @throws CasemateException INVALID_ARGUMENT for what is no configuration; NOT_FOUND for a path
   *     without a file
   */
  static Configuration configuration(byte[] encoded) {
    if (encoded.length == 0) {
      return installed().configuration();
    }
    try {
      Any any = Any.parseFrom(encoded);
      check(any);
      return configuration(Options.parseFrom(any.getValue()));
    } catch (InvalidProtocolBufferException malformed) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "read the runtime's options",
          String.valueOf(malformed.getMessage()),
          "",
          malformed);
    }
  }

  private static Configuration configuration(Options options) {
    if (!options.getConfigPath().isEmpty()) {
      Path path = Path.of(options.getConfigPath());
      if (!Files.exists(path)) {
        throw new CasemateException(
            ErrorCode.NOT_FOUND,
            "read the configuration " + path,
            "there is no such file",
            "correct ConfigPath in the runtime's options");
      }
      return ConfigurationFile.read(path).configuration();
    }
    return installed()
        .with("the runtime's options", options.getConfigBody().toStringUtf8())
        .configuration();
  }

  private static ConfigurationFile installed() {
    return ConfigurationFile.read(ConfigurationFile.INSTALLED);
  }
}
