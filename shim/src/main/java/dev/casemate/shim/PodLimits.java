package dev.casemate.shim;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.oci.CpuLimits;
import dev.casemate.model.oci.MemoryLimits;
import dev.casemate.model.oci.Resources;
import dev.casemate.model.oci.Spec;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What all containers of a pod may use together, which is its machine's size. A pod's sandbox has
 * hardly any limits of its own; containerd passes on what the kubelet adds up in annotations (1.6
 * and later, {@code pkg/cri/annotations}), where 0 stands for no limit.
 */
final class PodLimits {
  private static final String PREFIX = "io.kubernetes.cri.sandbox-";

  private PodLimits() {}

  /**
   * The configuration with the pod's limits instead of the sandbox's, where the annotations tell
   * any.
   *
   * @throws CasemateException INVALID_ARGUMENT for an annotation that is no number
   */
  static Spec of(Spec sandbox) {
    Map<String, String> annotations = sandbox.annotations();
    Long memory = number(annotations, "memory");
    Long quota = number(annotations, "cpu-quota");
    Long period = number(annotations, "cpu-period");
    if (memory == null && (quota == null || period == null)) {
      return sandbox;
    }
    return sandbox.withLinux(
        sandbox
            .linux()
            .withResources(
                new Resources(
                    Resources.NONE.devices(),
                    new MemoryLimits(memory, null, null, null, null, null, null, null, null),
                    new CpuLimits(null, quota, null, period, null, null, null, null, null),
                    null,
                    null,
                    Resources.NONE.hugepageLimits(),
                    null,
                    Map.of(),
                    Map.of())));
  }

  private static @Nullable Long number(Map<String, String> annotations, String name) {
    String text = annotations.get(PREFIX + name);
    if (text == null) {
      return null;
    }
    try {
      long number = Long.parseLong(text);
      return number > 0 ? number : null;
    } catch (NumberFormatException malformed) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "find the size of the pod's machine",
          "the annotation " + PREFIX + name + " is no number: '" + text + "'",
          "",
          malformed);
    }
  }
}
