package dev.casemate.protocol;

import com.google.protobuf.Empty;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import org.jspecify.annotations.Nullable;

/**
 * A service that a server offers: a name and, per method, how a request is parsed and who handles
 * it. Methods are looked up when they are called, so that a message class is loaded only by the
 * first request that needs it.
 */
public interface Service {
  /** Package and name, as in {@code grpc.Health}. */
  String serviceName();

  /** The method with this name, or null when the service has none. */
  @Nullable Method method(String name);

  /** How the requests of one method are handled. */
  sealed interface Method {
    /**
     * One request, one response.
     *
     * @param parser of the request
     * @param handler called on the request's own thread
     */
    record Unary<Q extends MessageLite, R extends MessageLite>(
        Parser<Q> parser, UnaryHandler<Q, R> handler) implements Method {}

    /**
     * Messages from the server, and one or more from the client. The request of a client that does
     * not stream is the first and only message received.
     *
     * @param parser of each request message
     * @param handler called on the request's own thread; the stream ends when it returns
     */
    record Streaming<Q extends MessageLite, R extends MessageLite>(
        Parser<Q> parser, StreamHandler<Q, R> handler) implements Method {}

    /**
     * Messages from the client, then one response.
     *
     * @param parser of each request message
     * @param handler called on the request's own thread
     */
    record Collecting<Q extends MessageLite, R extends MessageLite>(
        Parser<Q> parser, CollectingHandler<Q, R> handler) implements Method {}
  }

  /** Answers one request. */
  @FunctionalInterface
  interface UnaryHandler<Q extends MessageLite, R extends MessageLite> {
    /**
     * The answer.
     *
     * @throws RuntimeException any: a {@link TtrpcException} and a {@link
     *     dev.casemate.model.CasemateException} go to the client with their codes, everything else
     *     as an INTERNAL error with code BUG
     * @throws InterruptedException when the call was cancelled
     */
    R handle(Q request, Call call) throws InterruptedException;
  }

  /** Answers one request with nothing but the fact that it is done. */
  @FunctionalInterface
  interface EmptyHandler<Q extends MessageLite> {
    /** Does the work; errors as in {@link UnaryHandler#handle}. */
    void handle(Q request, Call call) throws InterruptedException;
  }

  /** Converses with a client. */
  @FunctionalInterface
  interface StreamHandler<Q extends MessageLite, R extends MessageLite> {
    /** Does the work; errors as in {@link UnaryHandler#handle}. */
    void handle(ServerStream<Q, R> stream, Call call) throws InterruptedException;
  }

  /** Answers what a client sent piece by piece. */
  @FunctionalInterface
  interface CollectingHandler<Q extends MessageLite, R extends MessageLite> {
    /** The answer; errors as in {@link UnaryHandler#handle}. */
    R handle(Requests<Q> requests, Call call) throws InterruptedException;
  }

  /** A method with one request and one response. */
  static <Q extends MessageLite, R extends MessageLite> Method unary(
      Parser<Q> parser, UnaryHandler<Q, R> handler) {
    return new Method.Unary<>(parser, handler);
  }

  /** A method whose response is {@link Empty}. */
  static <Q extends MessageLite> Method empty(Parser<Q> parser, EmptyHandler<Q> handler) {
    return new Method.Unary<Q, Empty>(
        parser,
        (request, call) -> {
          handler.handle(request, call);
          return Empty.getDefaultInstance();
        });
  }

  /** A method that collects what a client streams. */
  static <Q extends MessageLite, R extends MessageLite> Method collecting(
      Parser<Q> parser, CollectingHandler<Q, R> handler) {
    return new Method.Collecting<>(parser, handler);
  }

  /** A method that streams. */
  static <Q extends MessageLite, R extends MessageLite> Method streaming(
      Parser<Q> parser, StreamHandler<Q, R> handler) {
    return new Method.Streaming<>(parser, handler);
  }
}
