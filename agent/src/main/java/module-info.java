/** The guest's PID 1: mounts, containers, streams, reaping. */
@org.jspecify.annotations.NullMarked
module dev.casemate.agent {
  requires static transitive org.jspecify;
  requires transitive dev.casemate.model;
  requires transitive dev.casemate.protocol;
  requires transitive dev.casemate.linux;
}
