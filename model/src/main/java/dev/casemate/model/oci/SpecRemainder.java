package dev.casemate.model.oci;

import dev.casemate.model.CasemateException;
import dev.casemate.model.json.Json;
import dev.casemate.model.json.JsonLimits;
import dev.casemate.model.json.JsonObject;
import dev.casemate.model.json.JsonValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a configuration says and the agent protocol's messages have no field for. It rides in an
 * annotation, which an agent that does not know it passes over, and consists of the members of this
 * list and no others, so that an annotation can never change anything else.
 */
public final class SpecRemainder {
  /** The annotation's name; a bundle's own annotations of that prefix never reach the agent. */
  public static final String ANNOTATION = "dev.casemate.spec-remainder";

  private static final String PROCESS = "process";

  private static final List<List<String>> MEMBERS =
      List.of(
          List.of("domainname"),
          List.of(PROCESS, "user", "umask"),
          List.of(PROCESS, "ioPriority"),
          List.of(PROCESS, "scheduler"),
          List.of(PROCESS, "execCPUAffinity"),
          List.of("linux", "personality"),
          List.of("linux", "seccomp", "defaultErrnoRet"),
          List.of("linux", "resources", "cpu", "burst"),
          List.of("linux", "resources", "cpu", "idle"),
          List.of("linux", "resources", "unified"));

  private SpecRemainder() {}

  /** The annotation's value, or null when the messages carry all. */
  public static @Nullable String of(Spec spec) {
    JsonObject remainder = copy(spec.toJson(), JsonObject.EMPTY);
    return remainder.members().isEmpty() ? null : remainder.toJson();
  }

  /**
   * Puts the members back.
   *
   * @param document a {@code config.json}
   * @param annotation the annotation's value
   * @throws CasemateException INVALID_ARGUMENT when that is no JSON object
   */
  public static JsonObject restore(JsonObject document, String annotation) {
    return copy(Json.parseObject(annotation, ANNOTATION, JsonLimits.SMALL), document);
  }

  /** What the messages cannot carry of a further process, or null when they carry all. */
  public static @Nullable String of(ProcessSpec process) {
    JsonObject remainder = copy(inSpec(process.toJson()), JsonObject.EMPTY);
    return remainder.members().isEmpty() ? null : remainder.toJson();
  }

  /**
   * Puts the members of a further process back.
   *
   * @param process its document
   * @param remainder what {@link #of(ProcessSpec)} gave
   * @throws CasemateException INVALID_ARGUMENT when that is no JSON object
   */
  public static JsonObject restoreProcess(JsonObject process, String remainder) {
    return restore(inSpec(process), remainder).get(PROCESS) instanceof JsonObject restored
        ? restored
        : process;
  }

  private static JsonObject inSpec(JsonObject process) {
    return JsonObject.builder().put(PROCESS, process).build();
  }

  private static JsonObject copy(JsonObject from, JsonObject to) {
    JsonObject result = to;
    for (List<String> member : MEMBERS) {
      JsonValue value = find(from, member);
      if (value != null) {
        result = with(result, member, value);
      }
    }
    return result;
  }

  private static @Nullable JsonValue find(JsonObject object, List<String> path) {
    JsonValue value = object.get(path.getFirst());
    List<String> rest = path.subList(1, path.size());
    if (rest.isEmpty() || value == null) {
      return value;
    }
    return value instanceof JsonObject inner ? find(inner, rest) : null;
  }

  private static JsonObject with(JsonObject object, List<String> path, JsonValue value) {
    String name = path.getFirst();
    List<String> rest = path.subList(1, path.size());
    JsonValue inner = object.get(name);
    Map<String, JsonValue> members = new LinkedHashMap<>(object.members());
    members.put(
        name,
        rest.isEmpty()
            ? value
            : with(inner instanceof JsonObject there ? there : JsonObject.EMPTY, rest, value));
    return new JsonObject(members);
  }
}
