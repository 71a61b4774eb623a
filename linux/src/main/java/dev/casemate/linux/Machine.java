package dev.casemate.linux;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** Calls that concern the whole machine; most need privileges. */
public final class Machine {
  private static final int REBOOT_MAGIC_1 = 0xfee1dead;
  private static final int REBOOT_MAGIC_2 = 0x28121969;
  private static final int REBOOT_POWER_OFF = 0x4321fedc;
  private static final int REBOOT_RESTART = 0x01234567;

  private static final int RNDADDENTROPY = 0x40085203;

  /** Since Linux 4.14. */
  private static final int RNDRESEEDCRNG = 0x5207;

  /** More at once than the pool's own 256 bits adds nothing; the bound is generous. */
  private static final int MAX_ENTROPY_BYTES = 4096;

  private static final int CLOCK_REALTIME = 0;
  private static final int TIMESPEC_BYTES = 16;
  private static final int SYSINFO_BYTES = 128;

  private Machine() {}

  /** Names the host of the calling thread's UTS namespace; at most 64 bytes. */
  public static void setHostName(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    try (Memory memory = new Memory()) {
      // SAFETY: the bytes live until the call has returned; their length is given.
      long result =
          NativeCall.syscall(
              SyscallNumbers.SETHOSTNAME,
              memory.bytes(bytes, 0, bytes.length).address(),
              bytes.length,
              0);
      NativeCall.check(result, "sethostname", name);
    }
  }

  /** Writes all that is dirty to all disks and waits for them. */
  public static void sync() {
    FileCalls.plain("sync", SyscallNumbers.SYNC, 0, 0, 0, "");
  }

  /**
   * Switches the machine off at once, without {@link #sync}. In a pid namespace other than the
   * first, ends its first process instead, as by {@link Signal#INT}.
   */
  public static void powerOff() {
    reboot(REBOOT_POWER_OFF);
  }

  /**
   * Restarts the machine at once, without {@link #sync}. In a pid namespace other than the first,
   * ends its first process instead, as by {@link Signal#HUP}.
   */
  public static void restart() {
    reboot(REBOOT_RESTART);
  }

  private static void reboot(int command) {
    FileCalls.plain("reboot", SyscallNumbers.REBOOT, REBOOT_MAGIC_1, REBOOT_MAGIC_2, command, "");
  }

  /** Sets the wall clock. */
  public static void setClock(Instant now) {
    try (Memory memory = new Memory()) {
      MemorySegment time = memory.zeroed(TIMESPEC_BYTES);
      Memory.putLong(time, 0, now.getEpochSecond());
      Memory.putLong(time, 8, now.getNano());
      // SAFETY: struct timespec has two words and lives until the call has returned.
      long result =
          NativeCall.syscall(SyscallNumbers.CLOCK_SETTIME, CLOCK_REALTIME, time.address(), 0);
      NativeCall.check(result, "clock_settime", now.toString());
    }
  }

  /**
   * Mixes secret random bytes from elsewhere into the kernel's random numbers and credits them in
   * full.
   *
   * @param secret 1 to 4096 bytes
   */
  public static void addEntropy(byte[] secret) {
    if (secret.length == 0 || secret.length > MAX_ENTROPY_BYTES) {
      throw new IllegalArgumentException(
          secret.length + " bytes of entropy are not within 1 to " + MAX_ENTROPY_BYTES);
    }
    ByteBuffer info = ByteBuffer.allocate(8 + secret.length).order(ByteOrder.nativeOrder());
    info.putInt(secret.length * 8).putInt(secret.length).put(secret);
    try (Descriptor random = Descriptor.open("/dev/urandom", OpenAccess.WRITE)) {
      DeviceCalls.put(random, RNDADDENTROPY, info.array());
    }
  }

  /**
   * Makes the kernel's random numbers start anew from what was mixed in: two clones then differ.
   */
  public static void reseedRandom() {
    try (Descriptor random = Descriptor.open("/dev/urandom", OpenAccess.WRITE)) {
      int ignored = DeviceCalls.withNumber(random, RNDRESEEDCRNG, 0);
    }
  }

  /** What {@code sysinfo(2)} tells. */
  public static MachineStatus status() {
    try (Memory memory = new Memory()) {
      MemorySegment info = memory.zeroed(SYSINFO_BYTES);
      // SAFETY: struct sysinfo has 112 bytes and lives until the call has returned.
      NativeCall.check(
          NativeCall.syscall(SyscallNumbers.SYSINFO, info.address(), 0, 0), "sysinfo", "");
      long unit = Integer.toUnsignedLong(Memory.getInt(info, 104));
      return new MachineStatus(
          Memory.getLong(info, 0),
          Memory.getLong(info, 32) * unit,
          Memory.getLong(info, 40) * unit,
          Memory.getLong(info, 64) * unit,
          Memory.getLong(info, 72) * unit,
          Memory.getShort(info, 80));
    }
  }
}
