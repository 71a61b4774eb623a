/** End-to-end tests with real virtual machines, and the tests of the architecture. */
@org.jspecify.annotations.NullMarked
module dev.casemate.e2e {
  requires static transitive org.jspecify;
  // The architecture test parses sources.
  requires jdk.compiler;
  requires transitive dev.casemate.cli;
  requires transitive dev.casemate.agent;
  requires transitive dev.casemate.guest;
  requires transitive dev.casemate.testkit;
}
