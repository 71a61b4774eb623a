/** OCI hooks: programs that run on the host at turns of a container's life. */
package dev.casemate.host.hooks;
