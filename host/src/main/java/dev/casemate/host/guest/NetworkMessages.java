package dev.casemate.host.guest;

import com.google.protobuf.ByteString;
import dev.casemate.model.network.PodAddress;
import dev.casemate.model.network.PodInterface;
import dev.casemate.model.network.PodNeighbour;
import dev.casemate.model.network.PodNetwork;
import dev.casemate.model.network.PodRoute;
import dev.casemate.model.network.PodRule;
import dev.casemate.protocol.agent.ConfigureNetworkRequest;
import dev.casemate.protocol.agent.NetworkAddress;
import dev.casemate.protocol.agent.NetworkInterface;
import dev.casemate.protocol.agent.NetworkNeighbour;
import dev.casemate.protocol.agent.NetworkRoute;
import dev.casemate.protocol.agent.NetworkRule;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** A pod's network as our own agent takes it. */
final class NetworkMessages {
  private NetworkMessages() {}

  static ConfigureNetworkRequest request(PodNetwork network) {
    ConfigureNetworkRequest.Builder request = ConfigureNetworkRequest.newBuilder();
    network.interfaces().forEach(each -> request.addInterfaces(of(each)));
    network.routes().forEach(each -> request.addRoutes(of(each)));
    network.rules().forEach(each -> request.addRules(of(each)));
    network.neighbours().forEach(each -> request.addNeighbours(of(each)));
    return request.build();
  }

  private static NetworkInterface of(PodInterface each) {
    NetworkInterface.Builder message =
        NetworkInterface.newBuilder()
            .setCard(each.card())
            .setName(each.name())
            .setHardwareAddress(each.hardwareAddress())
            .setMtu(each.mtu())
            .setNoArp(each.noArp())
            .setAcceptRa(each.acceptRa());
    for (PodAddress address : each.addresses()) {
      message.addAddresses(
          NetworkAddress.newBuilder()
              .setAddress(bytes(address.address()))
              .setPrefixLength(address.prefixLength())
              .setPeer(bytes(address.peer()))
              .setBroadcast(bytes(address.broadcast()))
              .setScope(address.scope()));
    }
    return message.build();
  }

  private static NetworkRoute of(PodRoute route) {
    return NetworkRoute.newBuilder()
        .setDestination(bytes(route.destination()))
        .setPrefixLength(route.prefixLength())
        .setKind(route.kind())
        .setGateway(bytes(route.gateway()))
        .setDevice(route.device())
        .setSource(bytes(route.source()))
        .setScope(route.scope())
        .setMetric((int) route.metric())
        .putAllMetrics(route.metrics())
        .setOnLink(route.onLink())
        .setTable((int) route.table())
        .setProtocol(route.protocol())
        .setTypeOfService(route.typeOfService())
        .build();
  }

  private static NetworkRule of(PodRule rule) {
    return NetworkRule.newBuilder()
        .setSix(rule.six())
        .setPriority((int) rule.priority())
        .setAction(rule.action())
        .setTable((int) rule.table())
        .setSource(bytes(rule.source()))
        .setSourceLength(rule.sourceLength())
        .setDestination(bytes(rule.destination()))
        .setDestinationLength(rule.destinationLength())
        .setTypeOfService(rule.typeOfService())
        .setMark((int) rule.mark())
        .setMask((int) rule.mask())
        .setInput(rule.input())
        .setOutput(rule.output())
        .setInverted(rule.inverted())
        .setSuppressedLength(rule.suppressedLength())
        .build();
  }

  private static NetworkNeighbour of(PodNeighbour neighbour) {
    return NetworkNeighbour.newBuilder()
        .setDevice(neighbour.device())
        .setAddress(bytes(neighbour.address()))
        .setHardwareAddress(neighbour.hardwareAddress())
        .build();
  }

  private static ByteString bytes(@Nullable InetAddress address) {
    return address == null ? ByteString.EMPTY : ByteString.copyFrom(address.getAddress());
  }
}
