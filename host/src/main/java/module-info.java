/** The host's adapters and HostRuntime, where everything is wired. */
@org.jspecify.annotations.NullMarked
module dev.casemate.host {
  requires static transitive org.jspecify;
  requires transitive dev.casemate.core;
  requires transitive dev.casemate.hypervisor;
  requires transitive dev.casemate.protocol;
  requires transitive dev.casemate.linux;
  requires org.tomlj;

  exports dev.casemate.host;
  exports dev.casemate.host.caller;
  exports dev.casemate.host.cgroup;
  exports dev.casemate.host.configuration;
  exports dev.casemate.host.control;
  exports dev.casemate.host.hooks;
  exports dev.casemate.host.monitor;
  exports dev.casemate.host.network;
  exports dev.casemate.host.state;
  exports dev.casemate.host.storage;
}
