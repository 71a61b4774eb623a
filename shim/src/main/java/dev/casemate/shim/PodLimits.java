package dev.casemate.shim;

import dev.casemate.core.MachineLimits;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
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
   * The pod's limits, or those of its sandbox's own configuration where the annotations tell none.
   *
   * @throws CasemateException INVALID_ARGUMENT for an annotation that is no number
   */
  static MachineLimits of(Spec sandbox) {
    Map<String, String> annotations = sandbox.annotations();
    Long memory = number(annotations, "memory");
    Long quota = number(annotations, "cpu-quota");
    Long period = number(annotations, "cpu-period");
    boolean told = memory != null || (quota != null && period != null);
    return told ? new MachineLimits(memory, quota, period) : MachineLimits.of(sandbox);
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
