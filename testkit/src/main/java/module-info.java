/** Fakes for the ports, seeded generators and contract suites; never shipped. */
@org.jspecify.annotations.NullMarked
module dev.casemate.testkit {
  requires static transitive org.jspecify;
  requires transitive dev.casemate.core;
  requires transitive dev.casemate.protocol;
  requires com.google.protobuf;
  requires io.grpc;
  requires io.grpc.netty;
  requires io.grpc.stub;
  requires io.netty.transport;
  requires transitive java.net.http;

  exports dev.casemate.testkit;
  exports dev.casemate.testkit.cri;
}
