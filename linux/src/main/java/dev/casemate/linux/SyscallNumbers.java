package dev.casemate.linux;

/**
 * The numbers of the system calls used here, for the two architectures that Casemate runs on:
 * x86_64 ({@code arch/x86/entry/syscalls/syscall_64.tbl}) and aarch64 ({@code
 * include/uapi/asm-generic/unistd.h}). Calls that aarch64 lacks are not used at all.
 */
final class SyscallNumbers {
  /** Whether this machine is an aarch64; otherwise it is an x86_64. */
  static final boolean AARCH64 = isAarch64(System.getProperty("os.arch", ""));

  static final int READ = pick(0, 63);
  static final int WRITE = pick(1, 64);
  static final int CLOSE = pick(3, 57);
  static final int LSEEK = pick(8, 62);
  static final int IOCTL = pick(16, 29);
  static final int GETPID = pick(39, 172);
  static final int SOCKET = pick(41, 198);
  static final int CONNECT = pick(42, 203);
  static final int SENDMSG = pick(46, 211);
  static final int RECVMSG = pick(47, 212);
  static final int SHUTDOWN = pick(48, 210);
  static final int BIND = pick(49, 200);
  static final int LISTEN = pick(50, 201);
  static final int GETSOCKNAME = pick(51, 204);
  static final int SOCKETPAIR = pick(53, 199);
  static final int SETSOCKOPT = pick(54, 208);
  static final int GETSOCKOPT = pick(55, 209);
  static final int WAIT4 = pick(61, 260);
  static final int KILL = pick(62, 129);
  static final int FCNTL = pick(72, 25);
  static final int FLOCK = pick(73, 32);
  static final int FSYNC = pick(74, 82);
  static final int FTRUNCATE = pick(77, 46);
  static final int FCHMOD = pick(91, 52);
  static final int FCHOWN = pick(93, 55);
  static final int SYSINFO = pick(99, 179);
  static final int SETSID = pick(112, 157);
  static final int GETSID = pick(124, 156);
  static final int STATFS = pick(137, 43);
  static final int FSTATFS = pick(138, 44);
  static final int PIVOT_ROOT = pick(155, 41);
  static final int PRCTL = pick(157, 167);
  static final int CHROOT = pick(161, 51);
  static final int SYNC = pick(162, 81);
  static final int MOUNT = pick(165, 40);
  static final int UMOUNT2 = pick(166, 39);
  static final int REBOOT = pick(169, 142);
  static final int SETHOSTNAME = pick(170, 161);
  static final int GETTID = pick(186, 178);
  static final int LSETXATTR = pick(189, 6);
  static final int CLOCK_SETTIME = pick(227, 112);
  static final int CLOCK_GETTIME = pick(228, 113);
  static final int WAITID = pick(247, 95);
  static final int INOTIFY_ADD_WATCH = pick(254, 27);
  static final int INOTIFY_RM_WATCH = pick(255, 28);
  static final int MKDIRAT = pick(258, 34);
  static final int MKNODAT = pick(259, 33);
  static final int FCHOWNAT = pick(260, 54);
  static final int UNLINKAT = pick(263, 35);
  static final int RENAMEAT2 = pick(316, 276);
  static final int SYMLINKAT = pick(266, 36);
  static final int READLINKAT = pick(267, 78);
  static final int FCHMODAT = pick(268, 53);
  static final int PPOLL = pick(271, 73);
  static final int UNSHARE = pick(272, 97);
  static final int OPENAT = pick(257, 56);
  static final int ACCEPT4 = pick(288, 242);
  static final int EVENTFD2 = pick(290, 19);
  static final int PIPE2 = pick(293, 59);
  static final int INOTIFY_INIT1 = pick(294, 26);
  static final int PRLIMIT64 = pick(302, 261);
  static final int SETNS = pick(308, 268);
  static final int MEMFD_CREATE = pick(319, 279);
  static final int STATX = pick(332, 291);

  // Numbers from 424 on are the same everywhere.

  /** Since Linux 5.1. */
  static final int PIDFD_SEND_SIGNAL = 424;

  /** Since Linux 5.2. */
  static final int OPEN_TREE = 428;

  /** Since Linux 5.2. */
  static final int MOVE_MOUNT = 429;

  /** Since Linux 5.3. */
  static final int PIDFD_OPEN = 434;

  /** Since Linux 5.6. */
  static final int OPENAT2 = 437;

  /** Since Linux 5.6. */
  static final int PIDFD_GETFD = 438;

  /** Since Linux 5.12. */
  static final int MOUNT_SETATTR = 442;

  private SyscallNumbers() {}

  private static boolean isAarch64(String architecture) {
    return switch (architecture) {
      case "amd64", "x86_64" -> false;
      case "aarch64" -> true;
      default ->
          throw new UnsupportedOperationException(
              "no system call numbers for the architecture " + architecture);
    };
  }

  private static int pick(int x86, int aarch64) {
    return AARCH64 ? aarch64 : x86;
  }
}
