package dev.casemate.shim;

import dev.casemate.host.HostRuntime;
import dev.casemate.host.caller.StandInSpawner;
import dev.casemate.host.state.StateStore;

/**
 * What all of a shim's parts work with.
 *
 * @param namespace containerd's, which the containers belong to
 * @param runtime makes what sandboxes consist of
 * @param store where the containers' records are
 * @param standIns spawns their host-side processes
 * @param events takes what containerd is told
 */
record ShimContext(
    String namespace,
    HostRuntime runtime,
    StateStore store,
    StandInSpawner standIns,
    EventQueue events,
    ShimLog log) {}
