package dev.casemate.shim;

import com.google.protobuf.Timestamp;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Moments as containerd has them. */
final class Timestamps {
  /** Go's zero time, 1 January of the year 1: what stands for a moment that has not come. */
  static final Timestamp NEVER = Timestamp.newBuilder().setSeconds(-62_135_596_800L).build();

  private Timestamps() {}

  /** The moment, or {@link #NEVER}. */
  static Timestamp of(@Nullable Instant moment) {
    return moment == null
        ? NEVER
        : Timestamp.newBuilder()
            .setSeconds(moment.getEpochSecond())
            .setNanos(moment.getNano())
            .build();
  }
}
