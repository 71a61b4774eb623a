package dev.casemate.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.casemate.protocol.agent.CheckRequest;
import dev.casemate.protocol.agent.HealthCheckResponse;
import dev.casemate.protocol.agent.SignalProcessRequest;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each method of the table is in its client and in its server interface, under the right name and
 * with the right messages. A hand-written line that names the wrong method would compile.
 */
final class StubTest {
  private static Stream<String> methods() throws IOException {
    return Stream.concat(
        AgentProtocolTest.table().stream().filter(line -> line.startsWith("rpc ")),
        AgentProtocolTest.ours().stream().filter(line -> line.startsWith("rpc casemate.v1.")));
  }

  private static Service server(String service) {
    return switch (service) {
      case AgentService.NAME -> new AgentService() {};
      case HealthService.NAME -> new HealthService() {};
      case CasemateAgentService.NAME -> new CasemateAgentService() {};
      default -> throw new AssertionError("no such service: " + service);
    };
  }

  private static Object stub(String service, TtrpcClient client) {
    return switch (service) {
      case AgentService.NAME -> new AgentServiceClient(client, Until.BOUND);
      case HealthService.NAME -> new HealthClient(client, Until.BOUND);
      case CasemateAgentService.NAME -> new CasemateAgentClient(client, Until.BOUND);
      default -> throw new AssertionError("no such service: " + service);
    };
  }

  private static Method find(Class<?> type, String method) {
    return Arrays.stream(type.getDeclaredMethods())
        .filter(m -> m.getName().toLowerCase(Locale.ROOT).equals(method.toLowerCase(Locale.ROOT)))
        .filter(m -> m.getParameterCount() > 0)
        .filter(m -> MessageLite.class.isAssignableFrom(m.getParameterTypes()[0]))
        .findAny()
        .orElseThrow(() -> new AssertionError(type + " lacks " + method));
  }

  private static boolean hasFields(String message) throws IOException {
    return AgentProtocolTest.ours().stream()
        .anyMatch(fact -> fact.startsWith("field " + message + " "));
  }

  private static String simple(String message) {
    return message.substring(message.lastIndexOf('.') + 1);
  }

  @ParameterizedTest
  @MethodSource("methods")
  void isInClientAndServer(String fact) throws Exception {
    List<String> words = List.of(fact.split(" ", -1));
    String service = words.get(1);
    String method = words.get(2);
    Map<String, String> seen = new ConcurrentHashMap<>();
    Service recorder = new Recorder(server(service), seen);
    try (Link link = Link.pipes();
        TtrpcConnection connection = link.right().serve(new TtrpcServer(List.of(recorder)));
        TtrpcClient client = link.left().client()) {
      Object stub = stub(service, client);
      Method call = find(stub.getClass(), method);
      Class<?> request = call.getParameterTypes()[0];
      assertThat(request.getSimpleName()).isEqualTo(simple(words.get(3)));
      if (hasFields(words.get(4))) {
        assertThat(call.getReturnType().getSimpleName()).isEqualTo(simple(words.get(4)));
      } else {
        assertThat(call.getReturnType()).isEqualTo(void.class);
      }

      // The interface's own answer, which comes from the method of this name only.
      Object message = request.getMethod("getDefaultInstance").invoke(null);
      assertThatThrownBy(() -> call.invoke(stub, message))
          .isInstanceOf(InvocationTargetException.class)
          .cause()
          .isInstanceOfSatisfying(
              TtrpcException.class,
              failure -> assertThat(failure.status()).isEqualTo(StatusCode.UNIMPLEMENTED))
          .hasMessageContaining("does not implement " + method);
      assertThat(seen).containsExactly(Map.entry(method, request.getSimpleName()));
      assertThat(connection.isOpen()).isTrue();
    }
  }

  @Test
  void implementationsAreCalled() throws IOException {
    List<SignalProcessRequest> signals = new ArrayList<>();
    TtrpcServer server =
        new TtrpcServer(
            List.of(
                new HealthService() {
                  @Override
                  public HealthCheckResponse check(CheckRequest request, Call call) {
                    return HealthCheckResponse.newBuilder()
                        .setStatus(HealthCheckResponse.ServingStatus.SERVING)
                        .build();
                  }
                },
                new AgentService() {
                  @Override
                  public void signalProcess(SignalProcessRequest request, Call call) {
                    signals.add(request);
                  }
                }));
    try (Link link = Link.socket();
        TtrpcConnection connection = link.right().serve(server);
        TtrpcClient client = link.left().client()) {
      assertThat(
              new HealthClient(client, Until.BOUND)
                  .check(CheckRequest.getDefaultInstance())
                  .getStatus())
          .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
      SignalProcessRequest kill =
          SignalProcessRequest.newBuilder().setContainerId("c1").setSignal(9).build();
      new AgentServiceClient(client, Until.BOUND).signalProcess(kill);
      assertThat(signals).containsExactly(kill);
      assertThat(connection.isOpen()).isTrue();
    }
  }

  /** Notes which message the service parses for which method. */
  private record Recorder(Service service, Map<String, String> seen) implements Service {
    @Override
    public String serviceName() {
      return service.serviceName();
    }

    @Override
    public Service.@Nullable Method method(String name) {
      Service.@Nullable Method method = service.method(name);
      if (method instanceof Service.Method.Unary<?, ?> unary) {
        seen.put(name, parsed(unary.parser()));
      }
      return method;
    }

    private static String parsed(Parser<? extends MessageLite> parser) {
      try {
        return parser.parseFrom(new byte[0]).getClass().getSimpleName();
      } catch (InvalidProtocolBufferException impossible) {
        throw new AssertionError(impossible);
      }
    }
  }
}
