package dev.casemate.host.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CgroupPathTest {
  private static final ContainerId ID = new ContainerId("id");

  @ParameterizedTest
  @CsvSource({
    "/docker/abc,docker/abc",
    "/a//b/./c/,a/b/c",
    "relative/x,relative/x",
    "system.slice:docker:abc,system.slice/docker-abc.scope",
    ":crio:abc,system.slice/crio-abc.scope",
    "a-b.slice::abc,a.slice/a-b.slice/abc.scope",
    "kubepods-besteffort-podx.slice:cri-containerd:abc,"
        + "kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-podx.slice/"
        + "cri-containerd-abc.scope",
    "x.slice:p:y.slice,x.slice/y.slice",
    "-.slice:p:n,p-n.scope",
    "/a:b:c,a:b:c"
  })
  void readsAllSpellings(String given, String expected) {
    assertThat(String.join("/", CgroupPath.of(given, ID).names())).isEqualTo(expected);
  }

  @Test
  void withoutAPathItIsOurOwn() {
    assertThat(CgroupPath.of(null, ID).names()).isEqualTo(List.of("casemate", "id"));
    assertThat(CgroupPath.of("", ID).names()).isEqualTo(List.of("casemate", "id"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "//", "/..", "/a/../..", "../x", "a.slice:../..:x", "x:y/../z:w"})
  void nothingLeavesTheHierarchy(String given) {
    assertThatThrownBy(() -> CgroupPath.of(given, ID)).isInstanceOf(CasemateException.class);
  }
}
