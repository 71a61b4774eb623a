package dev.casemate.hypervisor.qemu;

import dev.casemate.core.MachineSummary.Accelerator;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** The guest kernel's command line: the guest's own parameters plus what host and VMM ask for. */
final class KernelCommandLine {
  /** COMMAND_LINE_SIZE of x86 Linux, less the final NUL. */
  private static final int LONGEST = 2047;

  private KernelCommandLine() {}

  /**
   * Puts the command line together; a word that is there already is not repeated.
   *
   * @param tscKhz the host's time stamp counter, used under emulation, which passes it through
   * @throws CasemateException GUEST_IMAGE for a parameter that is no printable word, or too many
   */
  static String of(
      List<String> guest, Accelerator accelerator, OptionalLong tscKhz, List<String> extra) {
    Set<String> words = new LinkedHashSet<>();
    guest.forEach(word -> words.add(checked(word)));
    // Panics and warnings on the serial port, nothing else; a panic or a reboot ends the machine.
    // So does a fault of the kernel: it would go on with a process less and locks held for ever.
    words.addAll(List.of("quiet", "console=ttyS0", "8250.nr_uarts=1"));
    words.addAll(List.of("oops=panic", "panic=-1", "reboot=t"));
    words.addAll(List.of("random.trust_cpu=on", "cryptomgr.notests"));
    if (accelerator == Accelerator.TCG) {
      // An emulated CPU does not speculate, and its timers are as right as the host's.
      words.addAll(List.of("mitigations=off", "no_timer_check", "noreplace-smp", "tsc=reliable"));
      // Without the frequency the kernel measures it, and hangs for ever on a busy host.
      tscKhz.ifPresent(khz -> words.add("tsc_early_khz=" + khz));
    }
    extra.forEach(word -> words.add(checked(word)));
    String line = String.join(" ", words);
    if (line.length() > LONGEST) {
      throw broken("it has " + line.length() + " characters, the kernel takes " + LONGEST);
    }
    return line;
  }

  private static String checked(String word) {
    if (word.isEmpty() || !word.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw broken("\"" + word + "\" is no word of printable ASCII");
    }
    return word;
  }

  private static CasemateException broken(String why) {
    return new CasemateException(
        ErrorCode.GUEST_IMAGE,
        "put the guest kernel's command line together",
        why,
        "check the guest's manifest and the configuration");
  }
}
