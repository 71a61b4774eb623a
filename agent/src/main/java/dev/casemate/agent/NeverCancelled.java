package dev.casemate.agent;

import dev.casemate.protocol.Call;
import java.util.Map;
import java.util.OptionalLong;

/** A call that nobody cancels, for what the agent reads on its own account. */
final class NeverCancelled implements Call {
  @Override
  public Map<String, String> metadata() {
    return Map.of();
  }

  @Override
  public OptionalLong remainingNanos() {
    return OptionalLong.empty();
  }

  @Override
  public boolean cancelled() {
    return false;
  }

  @Override
  public void onCancel(Runnable action) {
    // It never is.
  }
}
