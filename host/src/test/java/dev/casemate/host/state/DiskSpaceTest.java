package dev.casemate.host.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sandbox's end-to-end tests fill real file systems; here is what is never full. */
class DiskSpaceTest {
  private final CasemateException unfit =
      new CasemateException(ErrorCode.HOST_UNFIT, "make a socket", "it was refused", "");

  @TempDir private Path directory = Path.of("");

  @Test
  void aPlaceWithRoomChangesNoFailure() {
    assertThat(DiskSpace.isFull(directory.resolve("not/there/yet"))).isFalse();
    assertThat(DiskSpace.explain(unfit, List.of(directory))).isSameAs(unfit);
  }

  @Test
  void kernelFileSystemsAreNeverFull() {
    assertThat(DiskSpace.isFull(Path.of("/proc/self"))).isFalse();
    assertThat(DiskSpace.isFull(Path.of("/sys"))).isFalse();
  }
}
