package dev.casemate.shim;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.casemate.host.Version;
import dev.casemate.model.json.JsonWriter;
import dev.casemate.model.oci.Features;
import dev.casemate.shim.containerd.RuntimeInfo;
import dev.casemate.shim.containerd.RuntimeVersion;
import java.util.Map;

/** What {@code -info} answers: containerd 2 asks for a runtime's features with it. */
final class RuntimeInformation {
  private static final String FEATURES =
      "types.containerd.io/opencontainers/runtime-spec/1/features/Features";

  private RuntimeInformation() {}

  /**
   * The answer.
   *
   * @param options an encoded Any, given back
   */
  static RuntimeInfo of(byte[] options) {
    Version version = Version.current();
    RuntimeInfo.Builder info =
        RuntimeInfo.newBuilder()
            .setName("io.containerd.casemate.v2")
            .setVersion(
                RuntimeVersion.newBuilder()
                    .setVersion(version.number())
                    .setRevision(version.commit()))
            .setFeatures(
                Any.newBuilder()
                    .setTypeUrl(FEATURES)
                    .setValue(
                        ByteString.copyFromUtf8(JsonWriter.compact(Features.document(Map.of())))));
    if (options.length > 0) {
      try {
        info.setOptions(Any.parseFrom(options));
      } catch (InvalidProtocolBufferException malformed) {
        // They are only given back.
      }
    }
    return info.build();
  }
}
