package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import java.util.List;

/**
 * The hooks by point of the lifecycle, each list in its order.
 *
 * @param prestart after the namespaces exist, before the program starts; on the host (deprecated,
 *     yet what Docker uses)
 * @param createRuntime the same point, after the prestart hooks; on the host
 * @param createContainer after those, in the namespaces of the container
 * @param startContainer before the program starts; in the container
 * @param poststart after the program was started; on the host
 * @param poststop after the container was deleted; on the host
 */
public record Hooks(
    List<Hook> prestart,
    List<Hook> createRuntime,
    List<Hook> createContainer,
    List<Hook> startContainer,
    List<Hook> poststart,
    List<Hook> poststop) {
  /** Copies what is mutable. */
  public Hooks {
    prestart = List.copyOf(prestart);
    createRuntime = List.copyOf(createRuntime);
    createContainer = List.copyOf(createContainer);
    startContainer = List.copyOf(startContainer);
    poststart = List.copyOf(poststart);
    poststop = List.copyOf(poststop);
  }

  /** Reads it from a document; members that this version does not know are ignored. */
  static Hooks parse(JsonCursor at) {
    return new Hooks(
        Documents.list(at, "prestart", Hook::parse),
        Documents.list(at, "createRuntime", Hook::parse),
        Documents.list(at, "createContainer", Hook::parse),
        Documents.list(at, "startContainer", Hook::parse),
        Documents.list(at, "poststart", Hook::parse),
        Documents.list(at, "poststop", Hook::parse));
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder()
        .putArray("prestart", Documents.array(prestart, Hook::toJson))
        .putArray("createRuntime", Documents.array(createRuntime, Hook::toJson))
        .putArray("createContainer", Documents.array(createContainer, Hook::toJson))
        .putArray("startContainer", Documents.array(startContainer, Hook::toJson))
        .putArray("poststart", Documents.array(poststart, Hook::toJson))
        .putArray("poststop", Documents.array(poststop, Hook::toJson))
        .build();
  }

  /** No hooks at all. */
  public static final Hooks NONE =
      new Hooks(List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

  /** Whether some run on the host before the container is created. */
  public boolean precedeCreation() {
    return !(prestart.isEmpty() && createRuntime.isEmpty() && createContainer.isEmpty());
  }

  /** Whether there is no hook at any point. */
  public boolean isEmpty() {
    return equals(NONE);
  }
}
