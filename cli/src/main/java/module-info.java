/** The casemate command: the OCI runtime command line and what people type. */
@org.jspecify.annotations.NullMarked
module dev.casemate.cli {
  requires static transitive org.jspecify;
  requires transitive dev.casemate.host;
}
