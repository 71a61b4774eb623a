package dev.casemate.agent;

/**
 * The agent's parts, wired together.
 *
 * @param layout where things are
 * @param readiness whether the guest is set up
 * @param tree what requests may name
 * @param storages what is mounted for containers
 * @param crun the OCI runtime
 * @param containers the containers
 * @param sandbox what they share
 * @param network the guest's interfaces and routes
 * @param connections what the host has connected to on the loopback interface
 * @param oom who ran out of memory
 * @param hotplug CPUs and memory that come later
 * @param log the console
 */
record Guest(
    GuestLayout layout,
    Readiness readiness,
    GuestTree tree,
    Storages storages,
    Crun crun,
    Containers containers,
    Sandbox sandbox,
    GuestNetwork network,
    LoopbackConnections connections,
    OomEvents oom,
    Hotplug hotplug,
    AgentLog log) {

  /** Wires the parts; nothing is mounted, read or started. */
  static Guest assemble(GuestLayout layout, Children children, Readiness readiness, AgentLog log) {
    GuestTree tree = new GuestTree(layout.run().toString());
    BlockDevices disks = new BlockDevices();
    Storages storages = new Storages(tree, layout, disks, log);
    Crun crun = new Crun(layout, children);
    ContainerFactory factory =
        new ContainerFactory(
            layout,
            tree,
            children,
            crun,
            storages,
            new SpecDevices(disks),
            new PacketFilterModules(children, log),
            log);
    OomEvents oom = new OomEvents(log);
    Containers containers = new Containers(children, crun, factory, oom, log);
    return new Guest(
        layout,
        readiness,
        tree,
        storages,
        crun,
        containers,
        new Sandbox(layout, storages, containers, log),
        new GuestNetwork(),
        new LoopbackConnections(),
        oom,
        new Hotplug(log),
        log);
  }

  /** Makes the directories that the parts use; the file systems must be mounted. */
  void prepare() {
    crun.prepare();
  }
}
