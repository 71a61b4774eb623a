/** Fakes for the ports, seeded generators and contract suites; never shipped. */
@org.jspecify.annotations.NullMarked
module dev.casemate.testkit {
  requires static transitive org.jspecify;
  requires transitive dev.casemate.core;
  requires transitive dev.casemate.protocol;

  exports dev.casemate.testkit;
}
