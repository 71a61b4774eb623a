/** The domain: sandbox, container and process, their lifecycle states and the ports they need. */
@org.jspecify.annotations.NullMarked
module dev.casemate.core {
  requires static transitive org.jspecify;
  requires transitive dev.casemate.model;

  exports dev.casemate.core;
}
