package dev.casemate.model.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.Json;
import dev.casemate.model.json.JsonArray;
import dev.casemate.model.json.JsonBoolean;
import dev.casemate.model.json.JsonLimits;
import dev.casemate.model.json.JsonNull;
import dev.casemate.model.json.JsonNumber;
import dev.casemate.model.json.JsonObject;
import dev.casemate.model.json.JsonString;
import dev.casemate.model.json.JsonValue;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpecTest {
  private static final String MINIMAL =
      """
      {"ociVersion":"1.0.2","process":{"cwd":"/","args":["a"]},"root":{"path":"r"}}\
      """;

  private static byte[] bundle(String name) {
    try (InputStream in =
        Objects.requireNonNull(SpecTest.class.getResourceAsStream("/bundles/" + name + ".json"))) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Spec parse(String text) {
    return Spec.parse(text.getBytes(StandardCharsets.UTF_8));
  }

  /** What bundles of real callers hold comes out as it went in, but for empty and false members. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "docker-20",
        "docker-26",
        "docker-28",
        "podman-4",
        "cri-16-1",
        "cri-16-2",
        "cri-17-1",
        "cri-17-2",
        "cri-21-1",
        "cri-21-2",
        "all-members"
      })
  void losesNothing(String name) {
    byte[] document = bundle(name);
    JsonObject before = Json.parseObject(document, name, JsonLimits.OCI);
    Spec spec = Spec.parse(document);
    assertThat(essence(spec.toJson())).isEqualTo(essence(without(before, "futureMember")));
    assertThat(Spec.parse(spec.toJson())).isEqualTo(spec);
  }

  private static JsonObject without(JsonObject object, String member) {
    Map<String, JsonValue> members = new LinkedHashMap<>(object.members());
    members.remove(member);
    return new JsonObject(members);
  }

  /** Without members whose absence means the same. */
  private static JsonValue essence(JsonValue value) {
    if (value instanceof JsonObject object) {
      Map<String, JsonValue> members = new LinkedHashMap<>();
      object
          .members()
          .forEach((name, member) -> {
            boolean falseIsDefault =
                List.of("terminal", "noNewPrivileges", "readonly").contains(name);
            boolean empty =
                switch (member) {
                  case JsonArray array -> array.elements().isEmpty();
                  case JsonObject inner -> inner.members().isEmpty();
                  case JsonBoolean flag -> falseIsDefault && !flag.value();
                  case JsonString text -> false;
                  case JsonNumber number -> false;
                  case JsonNull nothing -> false;
                };
            if (!empty) {
              members.put(name, essence(member));
            }
          });
      return new JsonObject(members);
    }
    return value instanceof JsonArray array
        ? new JsonArray(array.elements().stream().map(SpecTest::essence).toList())
        : value;
  }

  @Test
  void readsWhatDockerWrites() {
    Spec spec = Spec.parse(bundle("docker-26"));
    assertThat(spec.process().args()).startsWith("/bin/busybox", "ip");
    assertThat(spec.hooks().prestart()).hasSize(1);
    assertThat(spec.hooks().prestart().getFirst().path()).startsWith("/proc/");
    assertThat(spec.linux().namespace(NamespaceType.NETWORK))
        .isEqualTo(new Namespace(NamespaceType.NETWORK, null));
    assertThat(spec.linux().namespace(NamespaceType.USER)).isNull();
    assertThat(spec.linux().seccomp()).isNotNull();
  }

  @Test
  void readsUnsignedNumbers() {
    Spec spec = Spec.parse(bundle("all-members"));
    assertThat(spec.process().rlimits().getFirst().hard()).isEqualTo(-1L);
    assertThat(spec.toJson().toJson()).contains("\"hard\":18446744073709551615");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.0.0", "1.0.2-dev", "1.0.0-rc5", "1.1.0", "1.2.0", "1.2.1", "1.2.99"})
  void takesItsVersions(String version) {
    assertThat(parse(MINIMAL.replace("1.0.2", version)).ociVersion()).isEqualTo(version);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0.9.0", "1.3.0", "2.0.0", "1.0", "1", "", "1.x.0", "1.2.0.1", "v1.0.0", "1.-1.0"})
  void refusesOtherVersions(String version) {
    assertThatThrownBy(() -> parse(MINIMAL.replace("1.0.2", version)))
        .isInstanceOfSatisfying(
            CasemateException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED))
        .hasMessageContaining("1.0.0 to 1.2.x");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "ociVersion":"1.0.2"   | "x":1                       | ociVersion: it is missing
          "cwd":"/",             |                             | process.cwd: it is missing
          "cwd":"/"              | "cwd":"relative"            | process.cwd: it is not absolute
          "args":["a"]           | "args":[]                   | process.args: there is no program
          "args":["a"]           | "args":["a",5]              | process.args[1]: expected a string, found a number
          "args":["a"]           | "args":["a"],"oomScoreAdj":1001 | process.oomScoreAdj: it is not in
          "root":{"path":"r"}    | "root":{"path":""}          | root.path: it is empty
          "root":{"path":"r"}    | "root":{}                   | root.path: it is missing
          "root":{"path":"r"}    | "x":0                       | root: it is missing
          "root":{"path":"r"}    | "root":{"path":"r"},"linux":{"resources":{"memory":{"limit":"1G"}}} | linux.resources.memory.limit: expected a number, found a string
          "root":{"path":"r"}    | "root":{"path":"r"},"linux":{"namespaces":[{"type":"pid"},{"type":"pid"}]} | linux.namespaces: the pid namespace is there twice
          "root":{"path":"r"}    | "root":{"path":"r"},"linux":{"namespaces":[{"type":"net"}]} | linux.namespaces[0].type: it is no kind of namespace
          "root":{"path":"r"}    | "root":{"path":"r"},"linux":{"namespaces":[{"type":"pid","path":"x"}]} | linux.namespaces[0].path: it is not absolute
          "root":{"path":"r"}    | "root":{"path":"r"},"hooks":{"poststop":[{"path":"x"}]} | hooks.poststop[0].path: it is not absolute
          "root":{"path":"r"}    | "root":{"path":"r"},"hooks":{"poststop":[{"path":"/x","timeout":0}]} | hooks.poststop[0].timeout: it is less than 1 second
          "root":{"path":"r"}    | "root":{"path":"r"},"mounts":[{"type":"bind"}] | mounts[0].destination: it is missing
          "root":{"path":"r"}    | "root":{"path":"r"},"linux":{"devices":[{"path":"/dev/x","type":"q"}]} | linux.devices[0].type: it is no type of device
          "root":{"path":"r"}    | "root":{"path":"r"},"vm":{"kernel":{"path":"/k"}} | vm: a bundle cannot choose the virtual machine
          "root":{"path":"r"}    | "root":{"path":"r"},"windows":{} | windows: containers here run Linux
          "args":["a"]           | "args":["a"],"rlimits":[{"type":"RLIMIT_CORE","soft":2,"hard":1}] | process.rlimits[0].soft: it is above the hard limit
          "args":["a"]           | "args":["a"],"rlimits":[{"type":"CORE","soft":1,"hard":1}] | process.rlimits[0].type: it is no name of a limit
          "args":["a"]           | "args":["a"],"user":{"uid":-1} | process.user.uid: expected a number from 0
          """)
  void namesWhatIsWrong(String member, String replacement, String expected) {
    String document = MINIMAL.replace(member, replacement == null ? "" : replacement);
    assertThat(document).isNotEqualTo(MINIMAL);
    assertThatThrownBy(() -> parse(document))
        .isInstanceOf(CasemateException.class)
        .hasMessageContaining("cannot read config.json: " + expected);
  }

  @Test
  void refusesAnOversizedDocument() {
    byte[] document = new byte[JsonLimits.OCI.bytes() + 1];
    assertThatThrownBy(() -> Spec.parse(document))
        .hasMessageContaining("more than the 10485760 that it may");
  }

  @Test
  void refusesALongHostName() {
    String document = MINIMAL.replace("{\"oci", "{\"hostname\":\"%s\",\"oci");
    assertThatCode(() -> parse(document.formatted("h".repeat(64)))).doesNotThrowAnyException();
    assertThatThrownBy(() -> parse(document.formatted("h".repeat(65))))
        .hasMessageContaining("hostname: it is longer than 64");
  }

  @Test
  void readsAProcessDocument() {
    ProcessSpec process =
        ProcessSpec.parse(
            "{\"cwd\":\"/\",\"args\":[\"a\"]}".getBytes(StandardCharsets.UTF_8), "process.json");
    assertThat(process.user()).isEqualTo(new User(0, 0, null, List.of(), null));
    assertThatThrownBy(
            () -> ProcessSpec.parse("{}".getBytes(StandardCharsets.UTF_8), "process.json"))
        .hasMessageContaining("cannot read process.json: cwd: it is missing");
  }

  @Test
  void readsAResourcesDocument() {
    Resources resources =
        Resources.parse(
            "{\"cpu\":{\"quota\":150000,\"period\":100000}}".getBytes(StandardCharsets.UTF_8),
            "resources");
    CpuLimits cpu = Objects.requireNonNull(resources.cpu());
    assertThat(cpu.wholeCpus()).isEqualTo(2);
  }

  @Test
  void countsWholeCpus() {
    assertThat(cpus(100_000L, 100_000L)).isEqualTo(1);
    assertThat(cpus(100_001L, 100_000L)).isEqualTo(2);
    assertThat(cpus(1L, 100_000L)).isEqualTo(1);
    assertThat(cpus(-1L, 100_000L)).isZero();
    assertThat(cpus(Long.MAX_VALUE, 1L)).isEqualTo(Integer.MAX_VALUE);
  }

  private static int cpus(Long quota, Long period) {
    return new CpuLimits(null, quota, null, period, null, null, null, null, null).wholeCpus();
  }

  @Test
  void readOnlyMeansThatRoIsTheLastWord() {
    assertThat(mount("rbind", "ro").isReadOnly()).isTrue();
    assertThat(mount("ro", "rw").isReadOnly()).isFalse();
    assertThat(mount("rw", "ro").isReadOnly()).isTrue();
    assertThat(mount("bind").isReadOnly()).isFalse();
    assertThat(mount("rbind").isBind()).isTrue();
    assertThat(mount("ro").isBind()).isFalse();
  }

  private static Mount mount(String... options) {
    return new Mount("/a", null, "/b", List.of(options), List.of(), List.of());
  }

  @Test
  void writesTheStateForHooks() {
    State state =
        new State(
            "1.0.2", new ContainerId("c"), ContainerStatus.CREATED, 42, "/b", Map.of("k", "v"));
    assertThat(state.toJson().toJson())
        .isEqualTo(
            "{\"ociVersion\":\"1.0.2\",\"id\":\"c\",\"status\":\"created\",\"pid\":42,"
                + "\"bundle\":\"/b\",\"annotations\":{\"k\":\"v\"}}");
  }

  @Test
  void featuresNameTheVersionsThatAreTaken() {
    JsonObject features = Features.document(Map.of());
    assertThat(features.get("ociVersionMin")).isEqualTo(new JsonString("1.0.0"));
    assertThat(features.toJson()).contains("startContainer");
  }

  /** Whatever a document says, it is taken or refused; nothing else is ever thrown. */
  @Test
  void mutatedDocumentsAreTakenOrRefused() {
    int taken = 0;
    for (String name : List.of("all-members", "podman-4", "cri-21-1")) {
      JsonObject document = Json.parseObject(bundle(name), name, JsonLimits.OCI);
      for (long seed = 0; seed < 1000; seed++) {
        JsonValue mutated = mutate(document, new Random(seed));
        try {
          Spec spec = Spec.parse(mutated.toJson().getBytes(StandardCharsets.UTF_8));
          assertThat(Spec.parse(spec.toJson())).as("seed %d", seed).isEqualTo(spec);
          taken++;
        } catch (CasemateException refused) {
          assertThat(refused.code()).isIn(ErrorCode.INVALID_ARGUMENT, ErrorCode.UNSUPPORTED);
        }
      }
    }
    assertThat(taken).isPositive();
  }

  private static JsonValue mutate(JsonValue value, Random random) {
    if (random.nextInt(60) == 0) {
      return replacement(random);
    }
    if (value instanceof JsonObject object) {
      Map<String, JsonValue> members = new LinkedHashMap<>();
      object
          .members()
          .forEach((name, member) -> {
            if (random.nextInt(100) != 0) {
              members.put(name, mutate(member, random));
            }
          });
      return new JsonObject(members);
    }
    if (value instanceof JsonArray array) {
      List<JsonValue> elements = new ArrayList<>();
      for (JsonValue element : array.elements()) {
        for (int copies = random.nextInt(40) == 0 ? 2 : 1; copies > 0; copies--) {
          elements.add(elements.size() > 40 ? element : mutate(element, random));
        }
      }
      return new JsonArray(elements);
    }
    return value;
  }

  private static JsonValue replacement(Random random) {
    return switch (random.nextInt(9)) {
      case 0 -> JsonNull.NULL;
      case 1 -> JsonBoolean.TRUE;
      case 2 -> JsonNumber.of(random.nextLong());
      case 3 -> JsonNumber.of(-1);
      case 4 -> new JsonNumber("1e400");
      case 5 -> new JsonString("");
      case 6 -> new JsonString("../\u0000");
      case 7 -> new JsonArray(List.of());
      default -> JsonObject.EMPTY;
    };
  }
}
