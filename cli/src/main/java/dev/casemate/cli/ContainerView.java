package dev.casemate.cli;

import dev.casemate.model.ContainerId;
import dev.casemate.model.oci.ContainerStatus;
import java.util.Map;
import java.util.Optional;

/**
 * What the state directory tells of one container.
 *
 * @param id its name
 * @param pid the host process that stands in for it, 0 when it has stopped
 * @param status what it is doing
 * @param bundle the absolute path of its bundle
 * @param rootfs the absolute path of its root file system on the host
 * @param created when it was made, as RFC 3339 text
 * @param ownerUid the host user who made it
 * @param annotations of its configuration
 * @param reasonOfEnd why it has stopped, when not by its process's own doing
 */
record ContainerView(
    ContainerId id,
    long pid,
    ContainerStatus status,
    String bundle,
    String rootfs,
    String created,
    int ownerUid,
    Map<String, String> annotations,
    Optional<String> reasonOfEnd) {
  /** The reason in parentheses, to be added to what cannot be done any more; else empty. */
  String endNote() {
    return reasonOfEnd.map(reason -> " (" + reason + ")").orElse("");
  }
}
