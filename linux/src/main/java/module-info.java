/** Linux system calls through java.lang.foreign: the only module with native access. */
@org.jspecify.annotations.NullMarked
module dev.casemate.linux {
  requires static transitive org.jspecify;
}
