package dev.casemate.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.oci.Spec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FileLossTest {
  private static final String WHY = "the file daemon was killed by signal 9";
  private static final FileServiceEnd END = new FileServiceEnd(false, WHY);

  private final CasemateException silence =
      new CasemateException(ErrorCode.AGENT_SILENT, "start container c1", "it broke off", "");
  private final Storage storage = new Storage();
  private final Machine machine = new Machine();
  private final FileLoss loss = FileLoss.watch(storage, machine);

  @Test
  void aMachineThatLostItsFilesIsEndedAndTheReasonKnown() throws Exception {
    storage.ended.complete(END);

    machine.stopped.get(1, TimeUnit.MINUTES);
    assertThat(loss.reason()).contains(WHY);
    assertThat(loss.explain(silence))
        .hasValueSatisfying(error -> {
          assertThat(error.code()).isEqualTo(ErrorCode.HELPER_DIED);
          assertThat(error.tried()).isEqualTo("start container c1");
          assertThat(error.why()).isEqualTo(WHY);
        });
  }

  @Test
  void aMachineThatDiedTookItsFileDaemonAlong() {
    machine.exit.complete(new VmExit.Signalled(9));

    loss.end(END);

    assertThat(machine.stopped).isNotDone();
    assertThat(loss.reason()).isEmpty();
  }

  @Test
  void whoStopsAMachineDoesNotMissItsFiles() {
    loss.stopWatching();

    loss.end(END);

    assertThat(machine.stopped).isNotDone();
    assertThat(loss.explain(silence)).isEmpty();
  }

  @Test
  void aMachineThatFoundNoFilesIsNotToBlame() {
    CasemateException failure =
        new CasemateException(ErrorCode.VMM_DIED, "start", "it exited with status 1", "");
    assertThat(FileLoss.explainLaunch(storage, failure)).isSameAs(failure);

    storage.ended.complete(END);

    assertThat(FileLoss.explainLaunch(storage, failure).code()).isEqualTo(ErrorCode.HELPER_DIED);
    assertThat(FileLoss.explainLaunch(storage, silence)).isSameAs(silence);
  }

  private static final class Machine implements VirtualMachine {
    private final CompletableFuture<VmExit> exit = new CompletableFuture<>();
    private final CompletableFuture<Boolean> stopped = new CompletableFuture<>();

    @Override
    public long pid() {
      return 1;
    }

    @Override
    public MachineSummary summary() {
      throw new IllegalStateException("nobody asks");
    }

    @Override
    public GuestChannel openAgentChannel(Duration bound) {
      throw new IllegalStateException("nobody asks");
    }

    @Override
    public CompletableFuture<VmExit> exit() {
      return exit;
    }

    @Override
    public CasemateException explain(CasemateException failure) {
      return failure;
    }

    @Override
    public void stop(Duration bound) {
      exit.complete(new VmExit.Requested());
      stopped.complete(true);
    }
  }

  private static final class Storage implements ContainerStorage {
    private final CompletableFuture<FileServiceEnd> ended = new CompletableFuture<>();

    @Override
    public GuestContainer share(ContainerId id, Path bundle, Spec spec) {
      throw new IllegalStateException("nobody asks");
    }

    @Override
    public void release(ContainerId id) {
      throw new IllegalStateException("nobody asks");
    }

    @Override
    public List<MachineDevice> open() {
      return List.of();
    }

    @Override
    public List<GuestMount> guestMounts() {
      return List.of();
    }

    @Override
    public CompletableFuture<FileServiceEnd> ended() {
      return ended;
    }

    @Override
    public void close() {}
  }
}
