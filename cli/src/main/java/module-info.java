/**
 * The casemate command: the OCI runtime command line and what people type.
 *
 * <p>Three packages: the verbs; the command line as data with all that is made from it, which runs
 * nothing; and images, which know nothing of containers.
 */
@org.jspecify.annotations.NullMarked
module dev.casemate.cli {
  requires static transitive org.jspecify;
  requires transitive dev.casemate.host;
  requires jdk.unsupported;
}
