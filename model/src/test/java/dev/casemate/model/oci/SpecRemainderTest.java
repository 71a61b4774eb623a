package dev.casemate.model.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.model.CasemateException;
import dev.casemate.model.json.Json;
import dev.casemate.model.json.JsonLimits;
import dev.casemate.model.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class SpecRemainderTest {
  private static JsonObject json(String text) {
    return Json.parseObject(text, "test", JsonLimits.SMALL);
  }

  @Test
  void isNothingWhenTheMessagesCarryAll() {
    Spec spec =
        Spec.parse(
            json(
                """
                {"ociVersion":"1.0.2","process":{"cwd":"/","args":["a"]},"root":{"path":"r"}}\
                """));
    assertThat(SpecRemainder.of(spec)).isNull();
  }

  @Test
  void carriesWhatTheMessagesHaveNoFieldFor() {
    Spec spec =
        Spec.parse(
            json(
                """
                {"ociVersion":"1.0.2","root":{"path":"r"},"domainname":"d",
                 "process":{"cwd":"/","args":["a"],"user":{"umask":18}},
                 "linux":{"seccomp":{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":38},
                          "resources":{"cpu":{"burst":5,"quota":7}}}}\
                """));
    String remainder = Objects.requireNonNull(SpecRemainder.of(spec));
    assertThat(json(remainder))
        .isEqualTo(
            json(
                """
                {"domainname":"d","process":{"user":{"umask":18}},
                 "linux":{"seccomp":{"defaultErrnoRet":38},"resources":{"cpu":{"burst":5}}}}\
                """));
    assertThat(
            SpecRemainder.restore(
                json("{\"process\":{\"user\":{\"uid\":1}},\"linux\":{\"seccomp\":{}}}"), remainder))
        .isEqualTo(
            json(
                """
                {"domainname":"d","process":{"user":{"uid":1,"umask":18}},
                 "linux":{"seccomp":{"defaultErrnoRet":38},"resources":{"cpu":{"burst":5}}}}\
                """));
  }

  @Test
  void carriesWhatAFurtherProcesssMessageHasNoFieldFor() {
    ProcessSpec process =
        ProcessSpec.parse(
            "{\"cwd\":\"/\",\"args\":[\"a\"],\"user\":{\"uid\":1,\"umask\":18}}"
                .getBytes(StandardCharsets.UTF_8),
            "process");
    String remainder = Objects.requireNonNull(SpecRemainder.of(process));

    assertThat(
            SpecRemainder.restoreProcess(
                json("{\"args\":[\"a\"],\"user\":{\"uid\":1}}"), remainder))
        .isEqualTo(json("{\"args\":[\"a\"],\"user\":{\"uid\":1,\"umask\":18}}"));
    assertThat(SpecRemainder.of(process.withUser(new User(1, 0, null, List.of(), null)))).isNull();
    assertThat(SpecRemainder.restoreProcess(json("{\"args\":[\"a\"]}"), "{\"args\":[\"b\"]}"))
        .isEqualTo(json("{\"args\":[\"a\"]}"));
  }

  @Test
  void changesNothingElse() {
    JsonObject document = json("{\"root\":{\"path\":\"r\"},\"process\":{\"args\":[\"a\"]}}");
    String forged =
        """
        {"root":{"path":"/"},"process":{"args":["b"],"capabilities":{}},"linux":{"namespaces":[]},
         "mounts":[]}\
        """;
    assertThat(SpecRemainder.restore(document, forged)).isEqualTo(document);
    assertThatThrownBy(() -> SpecRemainder.restore(document, "[]"))
        .isInstanceOf(CasemateException.class);
  }
}
