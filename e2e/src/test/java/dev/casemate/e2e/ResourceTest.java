package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.testkit.Await;
import dev.casemate.testkit.Bundle;
import dev.casemate.testkit.CommandResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Limits and system call filters hold in the guest, and can be seen there. */
@Tag("vm")
class ResourceTest extends OneContainer {
  private static final String THROTTLED = "awk '/nr_throttled/ {print $2}' /sys/fs/cgroup/cpu.stat";

  @Test
  void limitsAreSeenEnforcedAndChangedWhileTheContainerRuns() {
    String bundle =
        Bundle.in(scratch.resolve("bundle"))
            .args("sleep", "100000")
            .add(
                "mounts",
                """
                {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
                 "options": ["nosuid", "noexec", "nodev", "relatime", "ro"]}\
                """)
            .set("linux.resources.memory", "{\"limit\": 67108864, \"reservation\": 33554432}")
            .set(
                "linux.resources.cpu",
                "{\"quota\": 20000, \"period\": 100000, \"shares\": 512, \"cpus\": \"0\"}")
            .set("linux.resources.pids", "{\"limit\": 20}")
            .set("linux.resources.unified", "{\"memory.high\": \"62914560\"}")
            .write()
            .toString();
    casemate.run("run", "--detach", "--bundle", bundle, ID).mustSucceed();

    assertThat(limits())
        .isEqualTo("67108864\n33554432\n62914560\n20000 100000\n20\n/sys/fs/cgroup ro\n");
    assertThat(inside("cat /sys/fs/cgroup/cpu.weight").strip()).isEqualTo("20");
    // Far more processes than there may be: the shell says so and gives up.
    String many = "(for i in $(seq 40); do sleep 600 & done); kill -9 -1";
    assertThat(casemate.run("exec", ID, "sh", "-c", many).mustSucceed().errors())
        .contains("can't fork: Resource temporarily unavailable");
    assertThat(inside("i=0; while [ $((i += 1)) -lt 2000 ]; do :; done; " + THROTTLED))
        .isNotEqualTo("0\n");

    casemate.run("update", "--memory", "134217728", "--pids-limit", "50", ID).mustSucceed();
    assertThat(limits()).startsWith("134217728\n").contains("\n50\n");
    casemate
        .runWithInput(
            "{\"cpu\": {\"quota\": 80000, \"period\": 100000}, \"pids\": {\"limit\": 60}}"
                .getBytes(StandardCharsets.UTF_8),
            "update",
            "--resources",
            "-",
            ID)
        .mustSucceed();
    assertThat(limits()).startsWith("134217728\n").contains("\n80000 100000\n60\n");
  }

  private String limits() {
    return inside(
        """
        cd /sys/fs/cgroup; cat memory.max memory.low memory.high cpu.max pids.max
        awk '$5 == "/sys/fs/cgroup" {print $5, substr($6, 1, 2)}' /proc/self/mountinfo\
        """);
  }

  private String inside(String script) {
    return casemate.run("exec", ID, "sh", "-c", script).mustSucceed().text();
  }

  @Test
  void whoTakesTooMuchMemoryIsKilledAndTheReasonIsKept() throws IOException {
    String bundle =
        Bundle.in(scratch.resolve("bundle"))
            .args("tail", "/dev/zero")
            .set("linux.resources.memory", "{\"limit\": 33554432}")
            .write()
            .toString();
    casemate.run("create", "--bundle", bundle, ID).mustSucceed();

    casemate.run("start", ID).mustSucceed();

    Await.until("it was killed", () -> casemate.run("state", ID).text().contains("\"stopped\""));
    Path record;
    try (var files = Files.walk(casemate.stateDirectory())) {
      record = files.filter(file -> file.endsWith("state.json")).findFirst().orElseThrow();
    }
    assertThat(Files.readString(record)).contains("137", "out of memory in the guest");
  }

  @Test
  void systemCallsAreRefusedAsUnderRunc() throws IOException {
    Bundle bundle =
        Bundle.in(scratch.resolve("bundle"))
            .args(
                "sh",
                "-c",
                """
                grep Seccomp: /proc/self/status
                mkdir /made; echo $?; rmdir /tmp; echo $?
                touch /file; chmod 700 /file; echo $?; chmod 4700 /file; echo $?
                hostname other; echo $?; hostname
                sh -c 'kill -USR1 $$'; echo $?; sync; echo unreachable\
                """)
            .set(
                "linux.seccomp",
                """
                {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
                 "syscalls": [
                   {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28},
                   {"names": ["rmdir"], "action": "SCMP_ACT_ERRNO"},
                   {"names": ["chmod"], "action": "SCMP_ACT_ERRNO", "errnoRet": 122, "args": [
                     {"index": 1, "value": 2048, "valueTwo": 2048, "op": "SCMP_CMP_MASKED_EQ"}]},
                   {"names": ["fchmodat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 122, "args": [
                     {"index": 2, "value": 2048, "valueTwo": 2048, "op": "SCMP_CMP_MASKED_EQ"}]},
                   {"names": ["sethostname"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38},
                   {"names": ["sync"], "action": "SCMP_ACT_KILL_PROCESS"}]}\
                """);
    mustEndTheSame(bundle);
  }

  @Test
  void whatAProfileDoesNotNameMeetsItsDefault() throws IOException {
    Bundle bundle =
        Bundle.in(scratch.resolve("bundle"))
            .args("sh", "-c", "mkdir /made; echo $?; hostname other; echo $?; ls -d /bin")
            .set(
                "linux.seccomp",
                """
                {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 95,
                 "architectures": ["SCMP_ARCH_X86_64"],
                 "syscalls": [{"action": "SCMP_ACT_ALLOW", "names": [
                   "access", "arch_prctl", "brk", "capget", "capset", "chdir", "chown", "clone",
                   "clone3", "close", "close_range", "connect", "dup", "dup2", "dup3",
                   "epoll_create1", "epoll_ctl", "epoll_pwait", "execve", "execveat", "exit",
                   "exit_group", "faccessat", "faccessat2", "fchdir", "fchown", "fcntl",
                   "fstat", "fstatfs", "futex", "getcwd", "getdents64", "getegid", "geteuid",
                   "getgid", "getpgrp", "getpid", "getppid", "getrandom", "getsid", "gettid",
                   "getuid", "ioctl", "keyctl", "lseek", "lstat", "madvise", "mmap", "mprotect",
                   "munmap", "nanosleep", "newfstatat", "open", "openat", "openat2", "pipe",
                   "pipe2", "poll", "prctl", "pread64", "prlimit64", "read", "readlink",
                   "readlinkat", "rseq", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
                   "sched_getaffinity", "sched_yield", "seccomp", "sendmsg", "set_robust_list",
                   "set_tid_address", "setgid", "setgroups", "setpgid", "setresgid", "setresuid",
                   "setuid", "sigaltstack", "socket", "stat", "statfs", "statx", "tgkill", "time",
                   "umask", "uname", "vfork", "wait4", "waitid", "write", "writev"]}]}\
                """);
    mustEndTheSame(bundle);
  }

  private void mustEndTheSame(Bundle bundle) throws IOException {
    String directory = bundle.write().toString();
    CommandResult expected = runc.run("run", "--bundle", directory, ID);
    Files.deleteIfExists(bundle.rootfs().resolve("file"));

    CommandResult result = casemate.run("run", "--bundle", directory, ID);

    assertThat(result.text()).isEqualTo(expected.text());
    assertThat(result.errors()).isEqualTo(expected.errors());
    assertThat(result.exitCode()).isEqualTo(expected.exitCode());
    assertThat(expected.text()).as("the container ran").contains("\n1\n");
  }
}
