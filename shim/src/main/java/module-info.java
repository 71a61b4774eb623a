/**
 * The containerd shim {@code containerd-shim-casemate-v2}: one process a pod, which owns the pod's
 * sandbox and answers containerd's Task and Sandbox services.
 */
@org.jspecify.annotations.NullMarked
module dev.casemate.shim {
  requires static transitive org.jspecify;
  requires transitive dev.casemate.host;
}
