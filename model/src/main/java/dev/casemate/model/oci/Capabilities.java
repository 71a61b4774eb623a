package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import java.util.List;

/**
 * The sets of capabilities(7) of a process, by name ({@code CAP_CHOWN}). Names that a kernel does
 * not know are ignored by it, as the runtime-spec asks for.
 *
 * @param bounding the bounding set
 * @param effective the effective set
 * @param inheritable the inheritable set
 * @param permitted the permitted set
 * @param ambient the ambient set
 */
public record Capabilities(
    List<String> bounding,
    List<String> effective,
    List<String> inheritable,
    List<String> permitted,
    List<String> ambient) {
  /** Copies what is mutable. */
  public Capabilities {
    bounding = List.copyOf(bounding);
    effective = List.copyOf(effective);
    inheritable = List.copyOf(inheritable);
    permitted = List.copyOf(permitted);
    ambient = List.copyOf(ambient);
  }

  /** Reads it from a document; members that this version does not know are ignored. */
  static Capabilities parse(JsonCursor at) {
    return new Capabilities(
        at.texts("bounding"),
        at.texts("effective"),
        at.texts("inheritable"),
        at.texts("permitted"),
        at.texts("ambient"));
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder()
        .putStrings("bounding", bounding)
        .putStrings("effective", effective)
        .putStrings("inheritable", inheritable)
        .putStrings("permitted", permitted)
        .putStrings("ambient", ambient)
        .build();
  }
}
