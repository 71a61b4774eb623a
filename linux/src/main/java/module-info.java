/**
 * Linux system calls through {@code java.lang.foreign}: the only module with native access.
 *
 * <p>Two packages: the calls, and rtnetlink on top of them, which has a vocabulary of its own and
 * uses no native access.
 */
@org.jspecify.annotations.NullMarked
module dev.casemate.linux {
  requires static transitive org.jspecify;

  exports dev.casemate.linux;
  exports dev.casemate.linux.netlink;
}
