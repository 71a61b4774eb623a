/** The host/guest contract: ttRPC framing, client and server, and the agent's services. */
@org.jspecify.annotations.NullMarked
module dev.casemate.protocol {
  requires static transitive org.jspecify;
  requires transitive dev.casemate.model;
  requires transitive com.google.protobuf;

  exports dev.casemate.protocol;
  exports dev.casemate.protocol.agent;
}
