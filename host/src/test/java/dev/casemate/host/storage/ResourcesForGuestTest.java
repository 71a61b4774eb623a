package dev.casemate.host.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.model.oci.Resources;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResourcesForGuestTest {
  private static Resources parse(String document) {
    return Resources.parse(document.getBytes(StandardCharsets.UTF_8), "test");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'memory':{'limit':64,'swap':128}}                             | memory.swap",
        "{'memory':{'swappiness':60}}                                   | swappiness",
        "{'memory':{'kernel':64}}                                       | memory.kernel",
        "{'memory':{'kernelTCP':64}}                                    | kernelTCP",
        "{'memory':{'disableOOMKiller':true}}                           | disableOOMKiller",
        "{'memory':{'checkBeforeUpdate':true}}                          | checkBeforeUpdate",
        "{'cpu':{'realtimeRuntime':5}}                                  | realtimeRuntime",
        "{'cpu':{'realtimePeriod':5}}                                   | realtimePeriod",
        "{'cpu':{'cpus':'0'}}                                           | cpuset",
        "{'cpu':{'mems':'0'}}                                           | cpuset",
        "{'blockIO':{'leafWeight':5}}                                   | leafWeight",
        "{'blockIO':{'weightDevice':[{'major':8,'minor':0,'weight':5}]}} | block devices",
        "{'network':{'classID':5}}                                      | network classes",
        "{'network':{'priorities':[{'name':'eth0','priority':1}]}}      | priorities",
        "{'rdma':{'mlx5_1':{'hcaHandles':3}}}                           | rdma",
      })
  void whatTheGuestCannotKeepIsNoted(String document, String note) {
    ResourcesForGuest guest = ResourcesForGuest.of(parse(document.replace('\'', '"')));

    assertThat(guest.notes()).singleElement().asString().contains(note);
    assertThat(guest.resources().toJson().toJson()).doesNotContain(":5", ":64,\"swap", "true");
  }

  @Test
  void whatTheGuestKeepsAndWhatLimitsNothingIsNotNoted() {
    ResourcesForGuest guest =
        ResourcesForGuest.of(
            parse(
                """
                {"memory":{"limit":64,"reservation":32,"swap":64,"swappiness":0,"kernel":-1,
                  "disableOOMKiller":false,"useHierarchy":true},
                 "cpu":{"shares":512,"quota":5,"period":10,"burst":1,"idle":1,"cpus":""},
                 "pids":{"limit":7},"unified":{"memory.high":"1"},"blockIO":{"weight":100},
                 "hugepageLimits":[{"pageSize":"2MB","limit":4}],
                 "devices":[{"allow":false,"access":"rwm"}]}\
                """));

    assertThat(guest.notes()).isEmpty();
    assertThat(guest.resources().unified()).containsEntry("memory.high", "1");
    assertThat(guest.resources().hugepageLimits()).hasSize(1);
  }

  @Test
  void whatAnUpdateCannotCarryIsNotedToo() {
    ResourcesForGuest guest =
        ResourcesForGuest.ofUpdate(
            parse("{\"unified\":{\"memory.high\":\"1\"},\"cpu\":{\"burst\":5}}"));

    assertThat(guest.notes())
        .satisfiesExactly(
            note -> assertThat(note).contains("unified"),
            note -> assertThat(note).contains("cpu.burst"));
  }
}
