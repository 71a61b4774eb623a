package dev.casemate.host.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.core.ExitStatus;
import dev.casemate.core.MachineSummary;
import dev.casemate.core.Phases.Phase;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.oci.ContainerStatus;
import dev.casemate.model.oci.Hook;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateStoreTest {
  private static final ContainerId ID = new ContainerId("c1");

  @TempDir private Path directory;

  private StateStore store() {
    return new StateStore(directory.resolve("root"), directory.resolve("run"));
  }

  private static ContainerRecord container(ContainerId id) {
    return container(id, Path.of("/run/casemate/vm/x"));
  }

  private static ContainerRecord container(ContainerId id, Path runDirectory) {
    return new ContainerRecord(
        id,
        "1.0.2",
        ContainerStatus.CREATED,
        4711,
        Path.of("/bundle"),
        Path.of("/bundle/rootfs"),
        Map.of("a", "b"),
        Instant.parse("2026-01-02T03:04:05.678Z"),
        0,
        ProcessIdentity.self(),
        runDirectory,
        List.of(Path.of("/sys/fs/cgroup/casemate/c1")),
        List.of(new Hook("/bin/true", List.of("true"), List.of(), 5)),
        new MachineSummary(
            "qemu 7.2.22", "microvm", MachineSummary.Accelerator.TCG, "virtio-serial", "6.1", 2, 1),
        List.of(new Phase("boot", Duration.ofMillis(5))),
        null);
  }

  @Test
  void aContainerThatEndedWhileItWasMadeStaysEnded() {
    ExitStatus exit = new ExitStatus(137, Instant.EPOCH, Optional.of("the machine died"));
    ContainerRecord ended = container(ID).with(ContainerStatus.STOPPED, exit);
    MachineSummary machine = Objects.requireNonNull(container(ID).machine());

    ContainerRecord made = ended.made(5, machine, List.of());

    assertThat(made.status()).isEqualTo(ContainerStatus.STOPPED);
    assertThat(made.exit()).isEqualTo(exit);
    assertThat(made.pid()).isEqualTo(5);
    ContainerRecord creating = container(ID).with(ContainerStatus.CREATING, null);
    assertThat(creating.made(5, machine, List.of()).status()).isEqualTo(ContainerStatus.CREATED);
  }

  @Test
  void whatIsWrittenIsFound() {
    StateStore store = store();
    assertThat(store.find(ID)).isEqualTo(new StoredState.Absent());
    store.claim(container(ID).with(ContainerStatus.CREATING, null));
    assertThat(store.find(ID))
        .isEqualTo(new StoredState.Present(container(ID).with(ContainerStatus.CREATING, null)));
    store.write(container(ID));
    assertThat(store.find(ID)).isEqualTo(new StoredState.Present(container(ID)));
    ContainerRecord stopped =
        container(ID)
            .with(
                ContainerStatus.STOPPED,
                new ExitStatus(137, Instant.EPOCH, Optional.of("the machine died")));
    store.write(stopped);
    assertThat(store.require(ID, "state")).isEqualTo(stopped);
    assertThat(store.list()).containsExactly(ID);
  }

  @Test
  void onlyTheOwnerMayRead() throws IOException {
    StateStore store = store();
    store.claim(container(ID));
    store.write(container(ID));
    Path file = store.directory(ID).resolve("state.json");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(store.directory(ID))))
        .isEqualTo("rwx------");
  }

  @Test
  void ofManyMakersOneWins() throws Exception {
    try (ExecutorService makers = Executors.newFixedThreadPool(8)) {
      for (int round = 0; round < 20; round++) {
        ContainerId id = new ContainerId("r" + round);
        List<Callable<Boolean>> claims = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          claims.add(() -> {
            try {
              store().claim(container(id));
              return true;
            } catch (CasemateException taken) {
              assertThat(taken.code()).isEqualTo(ErrorCode.ALREADY_EXISTS);
              return false;
            }
          });
        }
        int winners = 0;
        for (Future<Boolean> claim : makers.invokeAll(claims)) {
          winners += claim.get() ? 1 : 0;
        }
        assertThat(winners).isEqualTo(1);
      }
    }
  }

  @Test
  void readersSeeTheOldOrTheNewRecord() throws Exception {
    StateStore store = store();
    store.claim(container(ID));
    store.write(container(ID));
    try (ExecutorService writer = Executors.newSingleThreadExecutor()) {
      Future<?> writing =
          writer.submit(() -> {
            for (int i = 0; i < 200; i++) {
              ContainerStatus status =
                  i % 2 == 0 ? ContainerStatus.RUNNING : ContainerStatus.CREATED;
              store.write(container(ID).with(status, null));
            }
          });
      int reads = 0;
      while (!writing.isDone() || reads == 0) {
        assertThat(store.find(ID)).isInstanceOf(StoredState.Present.class);
        reads++;
      }
      writing.get();
    }
  }

  @Test
  void damageIsToldAndNeverThrownAnotherWay() throws IOException {
    StateStore store = store();
    store.claim(container(ID));
    store.write(container(ID));
    Path file = store.directory(ID).resolve("state.json");
    byte[] good = Files.readAllBytes(file);
    for (long seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      byte[] bad = good.clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt(128);
      }
      Files.write(file, random.nextInt(4) == 0 ? new byte[random.nextInt(3)] : bad);
      assertThat(store.find(ID))
          .as("seed %d", seed)
          .isInstanceOfAny(StoredState.Present.class, StoredState.Damaged.class);
    }
    Files.writeString(file, "{");
    assertThatThrownBy(() -> store.require(ID, "start"))
        .isInstanceOfSatisfying(
            CasemateException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.WRONG_STATE))
        .hasMessageContaining("cannot start container c1: its state file is damaged")
        .hasMessageContaining("delete --force c1");
  }

  @Test
  void aRecordUnderAnotherNameIsDamage() throws IOException {
    StateStore store = store();
    store.claim(container(ID));
    store.write(container(ID));
    ContainerId other = new ContainerId("c2");
    store.claim(container(other));
    Files.copy(
        store.directory(ID).resolve("state.json"),
        store.directory(other).resolve("state.json"),
        StandardCopyOption.REPLACE_EXISTING);
    assertThat(store.find(other)).isInstanceOf(StoredState.Damaged.class);
  }

  @Test
  void removalFreesTheNameAndLeavesNothing() throws IOException {
    StateStore store = store();
    store.claim(container(ID));
    store.write(container(ID));
    store.remove(ID);
    store.remove(ID);
    assertThat(store.find(ID)).isEqualTo(new StoredState.Absent());
    assertThat(directory.resolve("root")).isEmptyDirectory();
    store.claim(container(ID));
    assertThatThrownBy(() -> store.require(new ContainerId("nobody"), "kill"))
        .isInstanceOfSatisfying(
            CasemateException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
  }

  @Test
  void theOwnerIsWhoTookTheName() throws IOException {
    StateStore store = store();
    store.claim(container(ID));
    assertThat(StateStore.owner()).isEqualTo(Files.getAttribute(store.directory(ID), "unix:uid"));
  }

  @Test
  void theLongestNameCanBeTakenAndFreed() {
    ContainerId longest = new ContainerId("x".repeat(255));
    StateStore store = store();
    store.claim(container(longest));
    store.write(container(longest));
    assertThat(store.list()).containsExactly(longest);
    store.remove(longest);
    assertThat(store.find(longest)).isEqualTo(new StoredState.Absent());
    assertThat(directory.resolve("root")).isEmptyDirectory();
  }

  @Test
  void aRemovedContainerIsNotWrittenAgain() {
    StateStore store = store();
    store.claim(container(ID));
    store.remove(ID);
    assertThatThrownBy(() -> store.write(container(ID)))
        .isInstanceOfSatisfying(
            CasemateException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
  }

  @Test
  void withoutARootThereIsNothing() {
    assertThat(store().list()).isEmpty();
    assertThat(store().find(ID)).isEqualTo(new StoredState.Absent());
  }

  @Test
  void aLostOrDamagedRecordIsFoundBesideTheSocketsOfWhatRuns() throws IOException {
    Path run = Files.createDirectories(directory.resolve("run/token"));
    StateStore store = store();
    store.claim(container(ID, run));
    ContainerRecord running = container(ID, run).with(ContainerStatus.RUNNING, null);
    store.write(running);
    Path file = store.directory(ID).resolve("state.json");

    Files.writeString(file, "{");
    assertThat(store.find(ID)).isEqualTo(new StoredState.Present(running));
    Files.delete(file);
    assertThat(store.find(ID)).isEqualTo(new StoredState.Present(running));
    Files.delete(store.directory(ID));
    assertThat(store.find(ID)).isEqualTo(new StoredState.Present(running));
    StateStore other = new StateStore(directory.resolve("other"), directory.resolve("run"));
    assertThat(other.find(ID)).as("of another root").isEqualTo(new StoredState.Absent());

    store.remove(ID);
    assertThat(store.find(ID)).as("when it was removed").isEqualTo(new StoredState.Absent());

    store.claim(container(ID, run));
    store.write(running);
    Files.writeString(file, "{");
    Files.writeString(run.resolve("records/c1"), "{\"root\":5}");
    assertThat(store.find(ID)).isInstanceOf(StoredState.Damaged.class);
  }

  @Test
  void aKilledMakersClaimIsNoContainerAndCanBeDiscarded() throws IOException {
    Path root = Files.createDirectories(directory.resolve("root"));
    Path left = Files.createDirectory(root.resolve("#making-4711-0-0"));
    Files.writeString(left.resolve("#next"), "{");
    Path others = Files.createDirectory(root.resolve("#making-47110-0-0"));

    assertThat(store().list()).isEmpty();
    store().discardClaims(4711);

    assertThat(left).doesNotExist();
    assertThat(others).exists();
  }

  @Test
  void whatIsNoContainerIsNotListed() throws IOException {
    store().claim(container(ID));
    Files.createDirectory(directory.resolve("root/not an id"));
    assertThat(store().list()).containsExactly(ID);
  }
}
