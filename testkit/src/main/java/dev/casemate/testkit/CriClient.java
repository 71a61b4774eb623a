package dev.casemate.testkit;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import dev.casemate.testkit.cri.AttachRequest;
import dev.casemate.testkit.cri.AttachResponse;
import dev.casemate.testkit.cri.ContainerConfig;
import dev.casemate.testkit.cri.ContainerStats;
import dev.casemate.testkit.cri.ContainerStatsRequest;
import dev.casemate.testkit.cri.ContainerStatsResponse;
import dev.casemate.testkit.cri.ContainerStatus;
import dev.casemate.testkit.cri.ContainerStatusRequest;
import dev.casemate.testkit.cri.ContainerStatusResponse;
import dev.casemate.testkit.cri.CreateContainerRequest;
import dev.casemate.testkit.cri.CreateContainerResponse;
import dev.casemate.testkit.cri.ExecRequest;
import dev.casemate.testkit.cri.ExecResponse;
import dev.casemate.testkit.cri.ExecSyncRequest;
import dev.casemate.testkit.cri.ExecSyncResponse;
import dev.casemate.testkit.cri.ImageSpec;
import dev.casemate.testkit.cri.ImageStatusRequest;
import dev.casemate.testkit.cri.ImageStatusResponse;
import dev.casemate.testkit.cri.LinuxContainerResources;
import dev.casemate.testkit.cri.ListPodSandboxRequest;
import dev.casemate.testkit.cri.ListPodSandboxResponse;
import dev.casemate.testkit.cri.PodSandbox;
import dev.casemate.testkit.cri.PodSandboxConfig;
import dev.casemate.testkit.cri.PodSandboxStats;
import dev.casemate.testkit.cri.PodSandboxStatsRequest;
import dev.casemate.testkit.cri.PodSandboxStatsResponse;
import dev.casemate.testkit.cri.PodSandboxStatus;
import dev.casemate.testkit.cri.PodSandboxStatusRequest;
import dev.casemate.testkit.cri.PodSandboxStatusResponse;
import dev.casemate.testkit.cri.PortForwardRequest;
import dev.casemate.testkit.cri.PortForwardResponse;
import dev.casemate.testkit.cri.RemoveContainerRequest;
import dev.casemate.testkit.cri.RemoveContainerResponse;
import dev.casemate.testkit.cri.RemovePodSandboxRequest;
import dev.casemate.testkit.cri.RemovePodSandboxResponse;
import dev.casemate.testkit.cri.RunPodSandboxRequest;
import dev.casemate.testkit.cri.RunPodSandboxResponse;
import dev.casemate.testkit.cri.RuntimeCondition;
import dev.casemate.testkit.cri.StartContainerRequest;
import dev.casemate.testkit.cri.StartContainerResponse;
import dev.casemate.testkit.cri.StatusRequest;
import dev.casemate.testkit.cri.StatusResponse;
import dev.casemate.testkit.cri.StopContainerRequest;
import dev.casemate.testkit.cri.StopContainerResponse;
import dev.casemate.testkit.cri.StopPodSandboxRequest;
import dev.casemate.testkit.cri.StopPodSandboxResponse;
import dev.casemate.testkit.cri.UpdateContainerResourcesRequest;
import dev.casemate.testkit.cri.UpdateContainerResourcesResponse;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What the kubelet is to a runtime: a client of Kubernetes' Container Runtime Interface, version 1.
 * A refusal is an exception whose message is what the runtime answered. Thread-safe.
 */
public final class CriClient implements AutoCloseable {
  private static final String RUNTIME = "runtime.v1.RuntimeService/";
  private static final String IMAGES = "runtime.v1.ImageService/";

  /** Below {@link Await#BOUND}, so that who waits longer hears of the call and not of a timeout. */
  private static final Duration CALL_BOUND = Duration.ofSeconds(80);

  private final EventLoopGroup threads =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final ManagedChannel channel;

  private CriClient(Path socket) {
    channel =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .eventLoopGroup(threads)
            .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
            .overrideAuthority("localhost")
            .maxInboundMessageSize(16 << 20)
            .usePlaintext()
            .build();
  }

  /** Speaks to who listens on a socket; connects when it is first used, and again when need be. */
  public static CriClient at(Path socket) {
    return new CriClient(socket);
  }

  /** Whether pods can be run, network included. */
  public boolean isReady() {
    return call("Status", StatusRequest.getDefaultInstance(), StatusResponse.getDefaultInstance())
        .getStatus()
        .getConditionsList()
        .stream()
        .allMatch(RuntimeCondition::getStatus);
  }

  /** Whether pods can be made of an image. */
  public boolean hasImage(String name) {
    ImageStatusRequest request =
        ImageStatusRequest.newBuilder().setImage(ImageSpec.newBuilder().setImage(name)).build();
    return callNamed(IMAGES + "ImageStatus", request, ImageStatusResponse.getDefaultInstance())
        .hasImage();
  }

  /** Runs a pod's sandbox; its id. */
  public String runPod(PodSandboxConfig config, String handler) {
    return call(
            "RunPodSandbox",
            RunPodSandboxRequest.newBuilder().setConfig(config).setRuntimeHandler(handler).build(),
            RunPodSandboxResponse.getDefaultInstance())
        .getPodSandboxId();
  }

  /** A pod's state. */
  public PodSandboxStatus podStatus(String pod) {
    return call(
            "PodSandboxStatus",
            PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod).build(),
            PodSandboxStatusResponse.getDefaultInstance())
        .getStatus();
  }

  /** All pods. */
  public List<PodSandbox> pods() {
    return call(
            "ListPodSandbox",
            ListPodSandboxRequest.getDefaultInstance(),
            ListPodSandboxResponse.getDefaultInstance())
        .getItemsList();
  }

  /** Ends a pod with all that is in it; again does nothing. */
  public void stopPod(String pod) {
    call(
        "StopPodSandbox",
        StopPodSandboxRequest.newBuilder().setPodSandboxId(pod).build(),
        StopPodSandboxResponse.getDefaultInstance());
  }

  /** Removes a pod and its containers; again does nothing. */
  public void removePod(String pod) {
    call(
        "RemovePodSandbox",
        RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod).build(),
        RemovePodSandboxResponse.getDefaultInstance());
  }

  /** Makes a container; its id. */
  public String createContainer(String pod, ContainerConfig config, PodSandboxConfig podConfig) {
    return call(
            "CreateContainer",
            CreateContainerRequest.newBuilder()
                .setPodSandboxId(pod)
                .setConfig(config)
                .setSandboxConfig(podConfig)
                .build(),
            CreateContainerResponse.getDefaultInstance())
        .getContainerId();
  }

  /** Starts a container. */
  public void startContainer(String container) {
    call(
        "StartContainer",
        StartContainerRequest.newBuilder().setContainerId(container).build(),
        StartContainerResponse.getDefaultInstance());
  }

  /**
   * Ends a container.
   *
   * @param grace how long it has from SIGTERM to SIGKILL, whole seconds
   */
  public void stopContainer(String container, Duration grace) {
    call(
        "StopContainer",
        StopContainerRequest.newBuilder()
            .setContainerId(container)
            .setTimeout(grace.toSeconds())
            .build(),
        StopContainerResponse.getDefaultInstance());
  }

  /** Removes a container, whatever it does; again does nothing. */
  public void removeContainer(String container) {
    call(
        "RemoveContainer",
        RemoveContainerRequest.newBuilder().setContainerId(container).build(),
        RemoveContainerResponse.getDefaultInstance());
  }

  /** A container's state. */
  public ContainerStatus containerStatus(String container) {
    return call(
            "ContainerStatus",
            ContainerStatusRequest.newBuilder().setContainerId(container).build(),
            ContainerStatusResponse.getDefaultInstance())
        .getStatus();
  }

  /** Runs a command in a container to its end; {@link Await#BOUND} at most. */
  public CommandResult exec(String container, String... command) {
    ExecSyncResponse response =
        call(
            "ExecSync",
            ExecSyncRequest.newBuilder()
                .setContainerId(container)
                .addAllCmd(List.of(command))
                .build(),
            ExecSyncResponse.getDefaultInstance());
    return new CommandResult(
        List.of(command),
        response.getExitCode(),
        response.getStdout().toByteArray(),
        text(response.getStderr()));
  }

  private static String text(ByteString bytes) {
    return bytes.toStringUtf8();
  }

  /** Runs a command in a container with its standard streams carried to and fro. */
  public CriStream startExec(String container, boolean tty, String... command) {
    ExecRequest request =
        ExecRequest.newBuilder()
            .setContainerId(container)
            .addAllCmd(List.of(command))
            .setTty(tty)
            .setStdin(true)
            .setStdout(true)
            .setStderr(!tty)
            .build();
    return CriStream.open(call("Exec", request, ExecResponse.getDefaultInstance()).getUrl());
  }

  /** Joins the standard streams of a container's first process. */
  public CriStream attach(String container) {
    AttachRequest request =
        AttachRequest.newBuilder()
            .setContainerId(container)
            .setStdin(true)
            .setStdout(true)
            .setStderr(true)
            .build();
    return CriStream.open(call("Attach", request, AttachResponse.getDefaultInstance()).getUrl());
  }

  /** Opens a connection to a port of a pod's loopback interface, as kubectl port-forward does. */
  public CriStream forward(String pod, int port) {
    PortForwardRequest request =
        PortForwardRequest.newBuilder().setPodSandboxId(pod).addPort(port).build();
    return CriStream.open(
        call("PortForward", request, PortForwardResponse.getDefaultInstance()).getUrl());
  }

  /** What a container uses. */
  public ContainerStats containerStats(String container) {
    return call(
            "ContainerStats",
            ContainerStatsRequest.newBuilder().setContainerId(container).build(),
            ContainerStatsResponse.getDefaultInstance())
        .getStats();
  }

  /** What a pod uses. */
  public PodSandboxStats podStats(String pod) {
    return call(
            "PodSandboxStats",
            PodSandboxStatsRequest.newBuilder().setPodSandboxId(pod).build(),
            PodSandboxStatsResponse.getDefaultInstance())
        .getStats();
  }

  /** Changes a container's limits. */
  public void update(String container, LinuxContainerResources resources) {
    call(
        "UpdateContainerResources",
        UpdateContainerResourcesRequest.newBuilder()
            .setContainerId(container)
            .setLinux(resources)
            .build(),
        UpdateContainerResourcesResponse.getDefaultInstance());
  }

  private <Q extends MessageLite, A extends MessageLite> A call(
      String method, Q request, A response) {
    return callNamed(RUNTIME + method, request, response);
  }

  private <Q extends MessageLite, A extends MessageLite> A callNamed(
      String method, Q request, A response) {
    MethodDescriptor<Q, A> descriptor =
        MethodDescriptor.<Q, A>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(method)
            .setRequestMarshaller(new Messages<>(request))
            .setResponseMarshaller(new Messages<>(response))
            .build();
    return ClientCalls.blockingUnaryCall(
        channel,
        descriptor,
        CallOptions.DEFAULT
            .withWaitForReady()
            .withDeadlineAfter(CALL_BOUND.toMillis(), TimeUnit.MILLISECONDS),
        request);
  }

  /** Carries messages of one kind. */
  private record Messages<M extends MessageLite>(M prototype)
      implements MethodDescriptor.Marshaller<M> {
    @Override
    public InputStream stream(M message) {
      return message.toByteString().newInput();
    }

    @Override
    @SuppressWarnings("unchecked") // A message's parser makes messages of its own kind.
    public M parse(InputStream stream) {
      try {
        return (M) prototype.getParserForType().parseFrom(stream.readAllBytes());
      } catch (InvalidProtocolBufferException malformed) {
        throw new IllegalStateException("The runtime answers what is no message", malformed);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    var _ = threads.shutdownGracefully(0, 0, TimeUnit.SECONDS);
  }
}
