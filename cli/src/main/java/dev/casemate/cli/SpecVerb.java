package dev.casemate.cli;

import dev.casemate.cli.line.Flags;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.JsonWriter;
import dev.casemate.model.oci.Spec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** {@code spec}: writes a configuration to start from. */
final class SpecVerb implements Action {
  @Override
  public int run(Invocation invocation) {
    if (invocation.line().has(Flags.SPEC_ROOTLESS)) {
      throw new CasemateException(
          ErrorCode.UNSUPPORTED,
          "write a rootless configuration",
          "a sandbox needs mounts and control groups of the host, so casemate runs as root",
          "leave --rootless away");
    }
    Path file = Path.of(invocation.path(Flags.SPEC_BUNDLE, "."), Spec.FILE_NAME);
    String text = JsonWriter.pretty(StartingSpec.forBundles().toJson()) + "\n";
    try {
      Files.write(
          file,
          text.getBytes(StandardCharsets.UTF_8),
          StandardOpenOption.CREATE_NEW,
          StandardOpenOption.WRITE);
    } catch (FileAlreadyExistsException existing) {
      throw new CasemateException(
          ErrorCode.ALREADY_EXISTS,
          "write " + file,
          "File " + Spec.FILE_NAME + " exists",
          "remove it first",
          existing);
    } catch (IOException failure) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "write " + file,
          String.valueOf(failure.getMessage()),
          "name a directory that exists with --bundle",
          failure);
    }
    return 0;
  }
}
