package dev.casemate.core;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A machine whose VMM is a future, together with the hypervisor that launches it. */
final class FakeMachine implements VirtualMachine, Hypervisor {
  private final Journal journal;
  private final FakeAgent agent;
  private final CompletableFuture<VmExit> exit = new CompletableFuture<>();
  private Optional<CasemateException> launchFailure = Optional.empty();
  private Optional<CasemateException> channelFailure = Optional.empty();
  private Optional<CasemateException> stopFailure = Optional.empty();
  private Optional<MachineSpec> launched = Optional.empty();

  FakeMachine(Journal journal, FakeAgent agent) {
    this.journal = journal;
    this.agent = agent;
  }

  void failToLaunch(CasemateException failure) {
    launchFailure = Optional.of(failure);
  }

  void failToOpenChannel(CasemateException failure) {
    channelFailure = Optional.of(failure);
  }

  void failToStop(CasemateException failure) {
    stopFailure = Optional.of(failure);
  }

  /** The VMM ends by itself, and the agent's channel with it. */
  void die(VmExit how) {
    exit.complete(how);
    agent.fallSilent();
  }

  /** What was launched. */
  Optional<MachineSpec> launched() {
    return launched;
  }

  @Override
  public MachineCapabilities capabilities() {
    return new MachineCapabilities("fake", java.util.Set.of());
  }

  @Override
  public VirtualMachine launch(MachineSpec spec) {
    journal.note("machine launch " + spec.name());
    if (launchFailure.isPresent()) {
      throw launchFailure.get();
    }
    launched = Optional.of(spec);
    return this;
  }

  @Override
  public long pid() {
    return 4711;
  }

  @Override
  public MachineSummary summary() {
    return new MachineSummary(
        "fake 1.0", "paper", MachineSummary.Accelerator.TCG, "thread", "0.0", 1, 1L << 28);
  }

  @Override
  public GuestChannel openAgentChannel(Duration bound) {
    journal.note("machine openAgentChannel");
    if (channelFailure.isPresent()) {
      throw channelFailure.get();
    }
    return new GuestChannel() {
      @Override
      public InputStream input() {
        return InputStream.nullInputStream();
      }

      @Override
      public OutputStream output() {
        return OutputStream.nullOutputStream();
      }

      @Override
      public void close() {
        journal.note("channel close");
      }
    };
  }

  @Override
  public CompletableFuture<VmExit> exit() {
    return exit.copy();
  }

  @Override
  public CasemateException explain(CasemateException failure) {
    return new CasemateException(
        ErrorCode.GUEST_PANIC, failure.tried(), "explained: " + failure.why(), "", failure);
  }

  @Override
  public void stop(Duration bound) {
    journal.note("machine stop");
    if (stopFailure.isPresent()) {
      throw stopFailure.get();
    }
    die(new VmExit.Requested());
  }
}
