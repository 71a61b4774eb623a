package dev.casemate.core;

/** Why a VMM process ended. */
public sealed interface VmExit {
  /** One line for people. */
  String describe();

  /** We asked for it. */
  record Requested() implements VmExit {
    @Override
    public String describe() {
      return "stopped on request";
    }
  }

  /** The guest powered itself off or rebooted. */
  record GuestShutdown() implements VmExit {
    @Override
    public String describe() {
      return "the guest shut itself down";
    }
  }

  /** The guest kernel panicked. */
  record GuestPanic(String consoleLine) implements VmExit {
    @Override
    public String describe() {
      return "the guest kernel panicked: " + consoleLine;
    }
  }

  /** The VMM exited by itself with a status. */
  record Failed(int exitCode, String lastError) implements VmExit {
    @Override
    public String describe() {
      return "the VMM exited with status "
          + exitCode
          + (lastError.isEmpty() ? "" : ": " + lastError);
    }
  }

  /** A signal from outside killed the VMM. */
  record Signalled(int signal) implements VmExit {
    @Override
    public String describe() {
      return "the VMM was killed by signal " + signal;
    }
  }

  /** The host's kernel killed the VMM for memory. */
  record OutOfMemory() implements VmExit {
    @Override
    public String describe() {
      return "the host killed the VMM for memory";
    }
  }
}
