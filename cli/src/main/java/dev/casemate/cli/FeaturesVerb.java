package dev.casemate.cli;

import dev.casemate.host.Version;
import dev.casemate.model.json.JsonWriter;
import dev.casemate.model.oci.Features;
import java.util.Map;

/** {@code features}: what the runtime supports. */
final class FeaturesVerb implements Action {
  @Override
  public int run(Invocation invocation) {
    Map<String, String> annotations = Map.of("dev.casemate.version", Version.current().number());
    invocation.output().printLine(JsonWriter.pretty(Features.document(annotations)));
    return 0;
  }
}
