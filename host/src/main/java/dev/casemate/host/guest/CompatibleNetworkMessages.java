package dev.casemate.host.guest;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.network.PodAddress;
import dev.casemate.model.network.PodInterface;
import dev.casemate.model.network.PodNeighbour;
import dev.casemate.model.network.PodNetwork;
import dev.casemate.model.network.PodRoute;
import dev.casemate.protocol.AgentServiceClient;
import dev.casemate.protocol.agent.ARPNeighbor;
import dev.casemate.protocol.agent.ARPNeighbors;
import dev.casemate.protocol.agent.AddARPNeighborsRequest;
import dev.casemate.protocol.agent.IPAddress;
import dev.casemate.protocol.agent.IPFamily;
import dev.casemate.protocol.agent.Interface;
import dev.casemate.protocol.agent.Route;
import dev.casemate.protocol.agent.Routes;
import dev.casemate.protocol.agent.UpdateInterfaceRequest;
import dev.casemate.protocol.agent.UpdateRoutesRequest;
import java.net.Inet4Address;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * A pod's network as agents take it that know only the common protocol. It has no words for
 * metrics, which are left out, nor for tables and rules. An interface is found by its own hardware
 * address, which the card must have come with.
 */
final class CompatibleNetworkMessages {
  private static final int UNICAST = 1;
  private static final long MAIN_TABLE = 254;
  private static final int METRIC_MTU = 2;
  private static final int ON_LINK = 4;
  private static final int IFF_NOARP = 0x80;
  private static final int NUD_PERMANENT = 0x80;

  private CompatibleNetworkMessages() {}

  /**
   * Tells all of it, call by call.
   *
   * @throws CasemateException UNSUPPORTED for routing rules and for tables other than the main one
   */
  static void tell(AgentServiceClient agent, PodNetwork network) {
    boolean onlyMain = network.routes().stream().allMatch(route -> route.table() == MAIN_TABLE);
    if (!network.rules().isEmpty() || !onlyMain) {
      throw new CasemateException(
          ErrorCode.UNSUPPORTED,
          "configure the guest's network",
          "its agent cannot be told of routing rules and tables",
          "boot Casemate's own guest");
    }
    for (PodInterface each : network.interfaces()) {
      agent.updateInterface(UpdateInterfaceRequest.newBuilder().setInterface(of(each)).build());
    }
    Routes.Builder routes = Routes.newBuilder();
    for (PodRoute route : network.routes()) {
      if (route.kind() == UNICAST) {
        routes.addRoutes(of(route));
      }
    }
    agent.updateRoutes(UpdateRoutesRequest.newBuilder().setRoutes(routes).build());
    if (!network.neighbours().isEmpty()) {
      ARPNeighbors.Builder neighbours = ARPNeighbors.newBuilder();
      network.neighbours().forEach(each -> neighbours.addARPNeighbors(of(each)));
      agent.addArpNeighbors(AddARPNeighborsRequest.newBuilder().setNeighbors(neighbours).build());
    }
  }

  private static Interface of(PodInterface each) {
    Interface.Builder message =
        Interface.newBuilder()
            .setDevice(each.name())
            .setName(each.name())
            .setHwAddr(each.hardwareAddress())
            .setMtu(each.mtu())
            .setRawFlags(each.noArp() ? IFF_NOARP : 0);
    for (PodAddress address : each.addresses()) {
      message.addIPAddresses(
          of(address.address()).setMask(Integer.toString(address.prefixLength())));
    }
    return message.build();
  }

  private static Route of(PodRoute route) {
    Route.Builder message =
        Route.newBuilder()
            .setGateway(text(route.gateway()))
            .setDevice(route.device())
            .setSource(text(route.source()))
            .setScope(route.scope())
            .setFamily(family(route.destination()))
            .setFlags(route.onLink() ? ON_LINK : 0)
            .setMtu(route.metrics().getOrDefault(METRIC_MTU, 0));
    if (route.prefixLength() > 0) {
      message.setDest(text(route.destination()) + "/" + route.prefixLength());
    }
    return message.build();
  }

  private static ARPNeighbor of(PodNeighbour neighbour) {
    return ARPNeighbor.newBuilder()
        .setToIPAddress(of(neighbour.address()))
        .setDevice(neighbour.device())
        .setLladdr(neighbour.hardwareAddress())
        .setState(NUD_PERMANENT)
        .build();
  }

  private static IPAddress.Builder of(InetAddress address) {
    return IPAddress.newBuilder().setFamily(family(address)).setAddress(text(address));
  }

  private static IPFamily family(InetAddress address) {
    return address instanceof Inet4Address ? IPFamily.v4 : IPFamily.v6;
  }

  private static String text(@Nullable InetAddress address) {
    if (address == null) {
      return "";
    }
    String text = address.getHostAddress();
    int zone = text.indexOf('%');
    return zone < 0 ? text : text.substring(0, zone);
  }
}
