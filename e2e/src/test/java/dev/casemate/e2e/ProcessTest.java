package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.testkit.Bundle;
import dev.casemate.testkit.CommandResult;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The first process of a container finds what it finds under runc, and ends as it does there. */
@Tag("vm")
class ProcessTest extends OneContainer {
  /** Prints what a process is given. Nothing in it differs between two kernels. */
  private static final String FACTS =
      """
      grep -E '^(Cap...|NoNewPrivs|Seccomp|Uid|Gid|Groups|Umask):' /proc/self/status
      id
      umask
      pwd
      ls -ld . .. | awk '{print $1, $3, $4}'
      hostname
      cat /proc/self/oom_score_adj
      grep -E '^Max (open files|core file size|stack size|cpu time)' /proc/self/limits
      cat /proc/sys/net/ipv4/ip_default_ttl /proc/sys/kernel/msgmax /proc/sys/net/core/somaxconn
      env
      for argument; do echo "[$argument]"; done
      echo /proc/$$/fd/*
      ps -o pid,ppid,pgid,sid,args | head -n 2
      """;

  @Test
  void aUserWithSomeOfEverythingFindsTheSameAsUnderRunc() throws IOException {
    String bundle =
        facts("two words", "", "quo\"te", "$dollar", "ünï")
            .set("process.cwd", "\"/made/for/it\"")
            .set(
                "process.user",
                "{\"uid\": 1000, \"gid\": 1000, \"umask\": 23, \"additionalGids\": [5, 10, 77777]}")
            .set("process.env", "[\"PATH=/bin\", \"EMPTY=\", \"ODD=a b=c 'd' \\\"e\\\"\", \"A=ü\"]")
            .set("process.noNewPrivileges", "false")
            .set("process.oomScoreAdj", "123")
            .set("process.capabilities.ambient", "[\"CAP_NET_RAW\"]")
            .set("process.capabilities.inheritable", "[\"CAP_NET_RAW\", \"CAP_SETUID\"]")
            .set("process.capabilities.permitted", "[\"CAP_NET_RAW\", \"CAP_SETUID\"]")
            .set("process.capabilities.effective", "[\"CAP_NET_RAW\"]")
            .set("process.capabilities.bounding", "[\"CAP_NET_RAW\", \"CAP_SETUID\", \"CAP_KILL\"]")
            .set(
                "process.rlimits",
                """
                [{"type": "RLIMIT_NOFILE", "soft": 512, "hard": 1024},
                 {"type": "RLIMIT_CORE", "soft": 0, "hard": 18446744073709551615},
                 {"type": "RLIMIT_CPU", "soft": 3600, "hard": 7200}]\
                """)
            .set("hostname", "\"a-name.of.its-own\"")
            .set(
                "linux.sysctl",
                """
                {"net.ipv4.ip_default_ttl": "63", "kernel.msgmax": "4096", "net.core.somaxconn": "321"}\
                """)
            .write()
            .toString();

    String facts = mustPrintTheSame(bundle);

    assertThat(facts)
        .contains(
            "CapAmb:\t0000000000002000",
            "Umask:\t0027",
            "groups=5,10,77777",
            "/made/for/it\n",
            "HOME=/tmp\n",
            "[two words]\n[]\n[quo\"te]\n[$dollar]\n[ünï]\n");
  }

  @Test
  void aUserWithNothingFindsTheSameAsUnderRunc() throws IOException {
    String bundle =
        facts()
            .set("process.user", "{\"uid\": 4321, \"gid\": 99}")
            .set("process.capabilities", "{}")
            .set("process.env", "[\"PATH=/bin\"]")
            .remove("hostname")
            .write()
            .toString();

    assertThat(mustPrintTheSame(bundle))
        .contains("HOME=/\n", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1");
  }

  private Bundle facts(String... arguments) throws IOException {
    Bundle bundle = Bundle.in(scratch.resolve("bundle"));
    bundle.write();
    Files.writeString(bundle.rootfs().resolve("facts"), FACTS);
    String[] args = new String[arguments.length + 2];
    args[0] = "sh";
    args[1] = "/facts";
    System.arraycopy(arguments, 0, args, 2, arguments.length);
    return bundle.args(args);
  }

  private String mustPrintTheSame(String bundle) {
    String expected = runc.run("run", "--bundle", bundle, ID).mustSucceed().text();

    CommandResult result = casemate.run("run", "--bundle", bundle, ID).mustSucceed();

    assertThat(result.text()).isEqualTo(expected);
    return expected;
  }
}
