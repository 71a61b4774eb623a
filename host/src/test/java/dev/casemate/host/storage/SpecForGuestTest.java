package dev.casemate.host.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.Json;
import dev.casemate.model.json.JsonLimits;
import dev.casemate.model.oci.Device;
import dev.casemate.model.oci.Namespace;
import dev.casemate.model.oci.NamespaceType;
import dev.casemate.model.oci.Resources;
import dev.casemate.model.oci.Spec;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecForGuestTest {
  private static Spec spec(String process, String linux, String rest) {
    return Spec.parse(
        Json.parseObject(
            """
            {"ociVersion":"1.0.2","root":{"path":"rootfs","readonly":true},
             "process":{"cwd":"/","args":["a"]%s},"linux":{%s}%s}\
            """
                .formatted(process, linux, rest),
            "test",
            JsonLimits.SMALL));
  }

  private static final String NETWORK = "\"namespaces\":[{\"type\":\"network\"}]";

  private static SpecForGuest rewrite(Spec spec) {
    return SpecForGuest.of(spec, "/guest/rootfs", "/casemate/c", true);
  }

  @Test
  void pathsBecomeTheGuests() {
    Spec guest = rewrite(spec("", NETWORK + ",\"cgroupsPath\":\"/docker/x\"", "")).spec();
    assertThat(guest.root().path()).isEqualTo("/guest/rootfs");
    assertThat(guest.root().readonly()).isTrue();
    assertThat(guest.linux().cgroupsPath()).isEqualTo("/casemate/c");
  }

  @Test
  void namespacesLoseTheirPathsAndThoseOfTheAgentAreNeverShared() {
    SpecForGuest guest =
        rewrite(
            spec(
                "",
                """
                "namespaces":[{"type":"network","path":"/proc/1/ns/net"},
                              {"type":"ipc","path":"/proc/1/ns/ipc"}]\
                """,
                ""));
    assertThat(guest.spec().linux().namespaces())
        .containsExactlyInAnyOrder(
            new Namespace(NamespaceType.PID, null),
            new Namespace(NamespaceType.NETWORK, null),
            new Namespace(NamespaceType.MOUNT, null),
            new Namespace(NamespaceType.IPC, null),
            new Namespace(NamespaceType.UTS, null));
    assertThat(guest.notes()).anySatisfy(note -> assertThat(note).contains("the pid namespace"));
  }

  @Test
  void onlyTheHooksOfTheContainerGoAlong() {
    Spec guest =
        rewrite(
                spec(
                    "",
                    NETWORK,
                    """
                    ,"hooks":{"prestart":[{"path":"/a"}],"createRuntime":[{"path":"/b"}],
                     "createContainer":[{"path":"/c"}],"startContainer":[{"path":"/d"}],
                     "poststart":[{"path":"/e"}],"poststop":[{"path":"/f"}]}\
                    """))
            .spec();
    assertThat(guest.hooks().startContainer()).hasSize(1);
    assertThat(guest.hooks().prestart()).isEmpty();
    assertThat(guest.hooks().createRuntime()).isEmpty();
    assertThat(guest.hooks().createContainer()).isEmpty();
    assertThat(guest.hooks().poststart()).isEmpty();
    assertThat(guest.hooks().poststop()).isEmpty();
  }

  @Test
  void seccompStaysUnlessSwitchedOff() {
    Spec spec = spec("", NETWORK + ",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\"}", "");
    assertThat(rewrite(spec).spec().linux().seccomp()).isEqualTo(spec.linux().seccomp());
    SpecForGuest without = SpecForGuest.of(spec, "/r", "/c", false);
    assertThat(without.spec().linux().seccomp()).isNull();
    assertThat(without.notes()).anySatisfy(n -> assertThat(n).contains("seccomp"));
  }

  @Test
  void labelsOfTheHostAreLeftOutAndNoted() {
    SpecForGuest guest =
        rewrite(
            spec(
                ",\"apparmorProfile\":\"docker-default\",\"selinuxLabel\":\"x\"",
                NETWORK + ",\"mountLabel\":\"y\",\"intelRdt\":{\"closID\":\"z\"}",
                ""));
    assertThat(guest.spec().process().apparmorProfile()).isNull();
    assertThat(guest.spec().process().selinuxLabel()).isNull();
    assertThat(guest.spec().linux().mountLabel()).isNull();
    assertThat(guest.spec().linux().intelRdt()).isNull();
    assertThat(guest.notes()).hasSize(3 + 4);
  }

  @Test
  void limitsStayAndTheHostsNumbersGo() {
    Resources resources =
        Objects.requireNonNull(
            rewrite(
                    spec(
                        "",
                        NETWORK
                            + """
                            ,"resources":{"memory":{"limit":64,"reservation":32,"swap":64,
                              "swappiness":0},
                             "cpu":{"shares":512,"quota":5,"period":10,"cpus":"0-3","mems":"0"},
                             "pids":{"limit":7},"unified":{"memory.high":"1"},
                             "blockIO":{"weight":100,
                               "throttleReadBpsDevice":[{"major":8,"minor":0,"rate":1}]},
                             "devices":[{"allow":false,"access":"rwm"}]}\
                            """,
                        ""))
                .spec()
                .linux()
                .resources());
    assertThat(resources.toJson())
        .isEqualTo(
            Json.parseObject(
                """
                {"memory":{"limit":64,"reservation":32},
                 "cpu":{"shares":512,"quota":5,"period":10},"pids":{"limit":7},
                 "unified":{"memory.high":"1"},"blockIO":{"weight":100},
                 "devices":[{"allow":false,"access":"rwm"}]}\
                """,
                "test",
                JsonLimits.SMALL));
  }

  @Test
  void annotationsOfOursNeverComeFromABundle() {
    Spec guest =
        rewrite(
                spec(
                    "",
                    NETWORK,
                    ",\"annotations\":{\"a\":\"b\",\"dev.casemate.spec-remainder\":\"{}\"}"))
            .spec();
    assertThat(guest.annotations()).containsOnlyKeys("a");
  }

  @Test
  void defaultDevicesAreThereAnyway() {
    Spec guest =
        rewrite(
                spec(
                    "",
                    NETWORK
                        + """
                        ,"devices":[{"path":"/dev/null","type":"c","major":1,"minor":3},
                                    {"path":"/dev/console","type":"c","major":136,"minor":0},
                                    {"path":"/run/fifo","type":"p"}]\
                        """,
                    ""))
            .spec();
    assertThat(guest.linux().devices()).hasSize(1);
    assertThat(guest.linux().devices().getFirst().path()).isEqualTo("/run/fifo");
  }

  @Test
  void harmlessDevicesMayHaveOtherNames() {
    Spec guest =
        rewrite(
                spec(
                    "",
                    NETWORK
                        + """
                        ,"devices":[{"path":"/dev/nothing","type":"c","major":1,"minor":3},
                                    {"path":"/srv/zeros","type":"u","major":1,"minor":5}]\
                        """,
                    ""))
            .spec();
    assertThat(guest.linux().devices())
        .extracting(Device::path)
        .containsExactly("/dev/nothing", "/srv/zeros");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "x":1 | share the host's network
          "namespaces":[{"type":"network"},{"type":"user","path":"/proc/1/ns/user"}] | join the user namespace
          "namespaces":[{"type":"network"}],"devices":[{"path":"/dev/kvm","type":"c","major":10,"minor":232}] | the device /dev/kvm
          "namespaces":[{"type":"network"}],"devices":[{"path":"/dev/sda","type":"b","major":8,"minor":0}] | the device /dev/sda
          "namespaces":[{"type":"network"}],"devices":[{"path":"/dev/null","type":"c","major":1,"minor":1}] | the device /dev/null
          "namespaces":[{"type":"network"}],"devices":[{"path":"/dev/zero","type":"b","major":1,"minor":5}] | the device /dev/zero
          "namespaces":[{"type":"network"}],"seccomp":{"defaultAction":"A","listenerPath":"/run/x"} | notify /run/x
          """)
  void whatCannotBeHadInAMachineIsRefused(String linux, String tried) {
    assertThatThrownBy(() -> rewrite(spec("", linux, "")))
        .isInstanceOfSatisfying(
            CasemateException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED))
        .hasMessageContaining(tried);
  }
}
