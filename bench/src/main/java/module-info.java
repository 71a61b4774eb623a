/** Benchmarks beside the peers. */
@org.jspecify.annotations.NullMarked
module dev.casemate.bench {
  requires static transitive org.jspecify;
  requires transitive dev.casemate.cli;
  requires transitive dev.casemate.testkit;
}
