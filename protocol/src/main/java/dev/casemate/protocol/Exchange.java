package dev.casemate.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a client waits for on one stream. Fed by the reader thread, which it never holds up. */
sealed interface Exchange {
  /** The final frame came. */
  void response(byte[] data);

  /** A message came. */
  void data(byte[] data, int flags);

  /** Nothing more comes. */
  void fail(TtrpcException failure);

  /** One answer. */
  final class Unary implements Exchange {
    private final CountDownLatch settled = new CountDownLatch(1);
    private volatile byte @Nullable [] response;
    private volatile @Nullable TtrpcException failure;

    @Override
    public void response(byte[] data) {
      if (settled.getCount() > 0) {
        response = data;
        settled.countDown();
      }
    }

    @Override
    public void data(byte[] data, int flags) {
      fail(new TtrpcException(StatusCode.INTERNAL, "data came on a call that has one answer"));
    }

    @Override
    public void fail(TtrpcException cause) {
      if (settled.getCount() > 0) {
        failure = cause;
        settled.countDown();
      }
    }

    /**
     * Waits for the answer.
     *
     * @return its payload
     * @throws TtrpcException when the server answered with a failure, or nothing came in time
     */
    ByteString await(Deadline deadline) throws InterruptedException {
      if (!settled.await(deadline.remaining(), TimeUnit.NANOSECONDS)) {
        throw new TtrpcException(StatusCode.DEADLINE_EXCEEDED, "no answer came in time");
      }
      TtrpcException cause = failure;
      if (cause != null) {
        throw cause.again();
      }
      return payload(Objects.requireNonNull(response));
    }
  }

  /** Messages until the server ends the stream. */
  final class Streaming implements Exchange {
    final Inbox inbox = new Inbox();

    @Override
    public void response(byte[] data) {
      try {
        inbox.put(payload(data));
        inbox.end();
      } catch (TtrpcException failure) {
        inbox.fail(failure);
      }
    }

    @Override
    public void data(byte[] data, int flags) {
      if ((flags & Wire.NO_DATA) == 0) {
        inbox.put(UnsafeByteOperations.unsafeWrap(data));
      }
      if ((flags & Wire.REMOTE_CLOSED) != 0) {
        inbox.end();
      }
    }

    @Override
    public void fail(TtrpcException failure) {
      inbox.fail(failure);
    }
  }

  private static ByteString payload(byte[] response) {
    ResponseEnvelope envelope;
    try {
      envelope = ResponseEnvelope.decode(response);
    } catch (InvalidProtocolBufferException malformed) {
      throw new TtrpcException(StatusCode.INTERNAL, "the response is malformed", malformed);
    }
    if (envelope.failure() != null) {
      throw envelope.failure();
    }
    return envelope.payload();
  }
}
