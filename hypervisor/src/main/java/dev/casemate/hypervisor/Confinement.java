package dev.casemate.hypervisor;

import dev.casemate.core.VmmCredentials;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How much of the host a child process may touch. Applied by setpriv(1) of util-linux between fork
 * and exec; in each kind the child dies by SIGKILL with the thread that spawned it and can never
 * gain privileges.
 */
public sealed interface Confinement {
  /** The arguments that go before the program's own, in order; never empty. */
  List<String> prefix();

  /**
   * An identity of its own with no capability left.
   *
   * @param credentials not root
   * @param groups supplementary groups, by number: what opens a device node such as /dev/kvm
   */
  record Unprivileged(VmmCredentials credentials, List<Integer> groups) implements Confinement {
    /** Refuses root, copies the list. */
    public Unprivileged {
      groups = List.copyOf(groups);
      if (credentials.uid() == 0 || credentials.gid() == 0) {
        throw new IllegalArgumentException("an unprivileged process cannot run as root");
      }
    }

    @Override
    public List<String> prefix() {
      List<String> prefix = new ArrayList<>();
      prefix.add("setpriv");
      prefix.add("--reuid=" + credentials.uid());
      prefix.add("--regid=" + credentials.gid());
      prefix.add(
          groups.isEmpty()
              ? "--clear-groups"
              : "--groups="
                  + groups.stream().map(String::valueOf).collect(Collectors.joining(",")));
      prefix.add("--inh-caps=-all");
      prefix.add("--bounding-set=-all");
      prefix.add("--no-new-privs");
      prefix.add("--pdeathsig=KILL");
      return prefix;
    }
  }

  /** The parent's identity: for a program that drops its rights by itself, as virtiofsd does. */
  record Privileged() implements Confinement {
    @Override
    public List<String> prefix() {
      return List.of("setpriv", "--no-new-privs", "--pdeathsig=KILL");
    }
  }
}
