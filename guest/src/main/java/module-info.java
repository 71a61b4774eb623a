/** Builds the guest: kernel, root image, AOT cache. */
@org.jspecify.annotations.NullMarked
module dev.casemate.guest {
  requires static transitive org.jspecify;
  requires transitive dev.casemate.model;
}
