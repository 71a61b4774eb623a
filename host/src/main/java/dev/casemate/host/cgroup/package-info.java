/** A sandbox's control groups on the host, in all hierarchies: cgroups(7), versions 1 and 2. */
package dev.casemate.host.cgroup;
