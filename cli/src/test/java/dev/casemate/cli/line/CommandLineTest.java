package dev.casemate.cli.line;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
  private static CommandLine parse(String... args) {
    return CommandLine.parse(args);
  }

  /** A value that the flag takes. */
  static String sample(Flag flag) {
    return switch (flag.kind()) {
      case SWITCH -> "true";
      case NUMBER -> "7";
      case DURATION -> "2s";
      case TEXT, LIST, PATH -> flag.choices().isEmpty() ? "some" : flag.choices().get(0);
    };
  }

  private static List<String> arguments(VerbSpec spec) {
    List<String> arguments = new ArrayList<>();
    for (int i = 0; i < spec.minimum(); i++) {
      arguments.add("a" + i);
    }
    return arguments;
  }

  @ParameterizedTest
  @EnumSource(Verb.class)
  void everyFlagOfTheTableIsTakenInEverySpelling(Verb verb) {
    VerbSpec spec = VerbTable.spec(verb);
    for (Flag flag : spec.flags()) {
      List<String> names = new ArrayList<>(List.of("--" + flag.name(), "-" + flag.name()));
      if (!flag.alias().isEmpty()) {
        names.addAll(List.of("-" + flag.alias(), "--" + flag.alias()));
      }
      for (String name : names) {
        List<String> line = new ArrayList<>(List.of(verb.text(), name + "=" + sample(flag)));
        line.addAll(arguments(spec));
        assertThat(parse(line.toArray(String[]::new)).line().text(flag)).isEqualTo(sample(flag));
        if (flag.kind().takesValue()) {
          line.set(1, name);
          line.add(2, sample(flag));
          assertThat(parse(line.toArray(String[]::new)).line().text(flag)).isEqualTo(sample(flag));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Verb.class)
  void nothingThatIsNotInTheTableIsTaken(Verb verb) {
    VerbSpec spec = VerbTable.spec(verb);
    Set<String> known = new HashSet<>();
    for (Flag flag : spec.flags()) {
      known.add(flag.name());
      known.add(flag.alias());
    }
    Set<String> elsewhere = new HashSet<>();
    for (Verb other : Verb.values()) {
      for (Flag flag : VerbTable.spec(other).flags()) {
        elsewhere.add(flag.name());
      }
    }
    elsewhere.removeAll(known);
    elsewhere.add("no-such-flag");
    for (String name : elsewhere) {
      assertThatThrownBy(() -> parse(verb.text(), "--" + name, "x", "y"))
          .as("%s --%s", verb.text(), name)
          .isInstanceOf(CasemateException.class)
          .hasMessageContaining("flag provided but not defined: -" + name);
    }
  }

  @Test
  void noVerbNamesAFlagTwice() {
    for (Verb verb : Verb.values()) {
      Set<String> seen = new HashSet<>();
      for (Flag flag : VerbTable.spec(verb).flags()) {
        assertThat(seen.add(flag.name())).as("%s --%s", verb.text(), flag.name()).isTrue();
        assertThat(flag.alias().isEmpty() || seen.add(flag.alias()))
            .as("%s -%s", verb.text(), flag.alias())
            .isTrue();
      }
    }
  }

  @Test
  void everyFlagOfRuncIsThereWithItsLetterAndItsKind() throws IOException {
    int checked = 0;
    for (String line : runcFlags()) {
      String[] words = line.split(" ", -1);
      List<Flag> flags =
          words[0].equals("main")
              ? VerbTable.globalFlags()
              : VerbTable.spec(Verb.valueOf(words[0].toUpperCase(Locale.ROOT))).flags();
      for (int i = 1; i < words.length; i++) {
        boolean takesValue = words[i].endsWith("=");
        String[] names = words[i].replace("=", "").split(",", -1);
        Flag flag = VerbSpec.find(flags, names[0]);
        assertThat(flag).as("%s --%s", words[0], names[0]).isNotNull();
        assertThat(Objects.requireNonNull(flag).kind().takesValue())
            .as("%s --%s", words[0], names[0])
            .isEqualTo(takesValue);
        assertThat(flag.alias()).isEqualTo(names.length > 1 ? names[1] : "");
        checked++;
      }
    }
    assertThat(checked).isGreaterThan(90);
  }

  private static List<String> runcFlags() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            CommandLineTest.class.getResourceAsStream("runc-1.1-flags.txt"), "no list")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .toList();
    }
  }

  @Test
  void enginesLinesAreUnderstood() {
    CommandLine create =
        parse(
            "--root",
            "/r",
            "--log",
            "/b/log.json",
            "--log-format",
            "json",
            "create",
            "--bundle",
            "/b",
            "--pid-file",
            "/b/init.pid",
            "c1");
    assertThat(create.verb()).isEqualTo(Verb.CREATE);
    assertThat(create.global().text(Flags.ROOT)).isEqualTo("/r");
    assertThat(create.line().text(Flags.PID_FILE)).isEqualTo("/b/init.pid");
    assertThat(create.line().arguments()).containsExactly("c1");
    assertThat(parse("update", "--resources=-", "c1").line().text(Flags.RESOURCES)).isEqualTo("-");
    assertThat(parse("update", "--resources", "-", "c1").line().text(Flags.RESOURCES))
        .isEqualTo("-");
    assertThat(parse("kill", "--all", "c1", "9").line().arguments()).containsExactly("c1", "9");
    assertThat(parse("ps", "--format", "json", "c1").line().text(Flags.FORMAT)).isEqualTo("json");
  }

  @Test
  void flagsMayFollowArgumentsExceptWhereACommandFollows() {
    assertThat(parse("delete", "c1", "--force").line().has(Flags.FORCE)).isTrue();
    assertThat(parse("exec", "c1", "ls", "-t").line().arguments())
        .containsExactly("c1", "ls", "-t");
    assertThat(parse("run", "c1", "-b", "/b").line().text(Flags.BUNDLE)).isEqualTo("/b");
    CommandLine image = parse("run", "--image", "i.tar", "sh", "-c", "x", "-b");
    assertThat(image.line().arguments()).containsExactly("sh", "-c", "x", "-b");
    assertThat(parse("exec", "-t", "--", "-odd", "x").line().arguments())
        .containsExactly("-odd", "x");
    assertThat(parse("state", "-").line().arguments()).containsExactly("-");
  }

  @Test
  void switchesTakeAValueOnlyBehindEquals() {
    assertThat(parse("delete", "--force=false", "c1").line().has(Flags.FORCE)).isFalse();
    assertThat(parse("delete", "--force", "c1").line().arguments()).containsExactly("c1");
    assertThatThrownBy(() -> parse("delete", "--force=maybe", "c1"))
        .hasMessageContaining("invalid boolean value \"maybe\" for -force");
  }

  @Test
  void lettersOfSwitchesShareADash() {
    ParsedLine line = parse("run", "-it", "--image", "i", "sh").line();
    assertThat(line.has(Flags.INTERACTIVE)).isTrue();
    assertThat(line.has(Flags.TTY)).isTrue();
    assertThat(line.arguments()).containsExactly("sh");
    assertThatThrownBy(() -> parse("run", "-ib", "x", "c1")).hasMessageContaining("-ib");
  }

  @Test
  void theLastTextCountsAndListsGather() {
    CommandLine line = parse("exec", "-e", "A=1", "--cwd", "/a", "-e", "B=2", "--cwd=/b", "c", "x");
    assertThat(line.line().list(Flags.ENV)).containsExactly("A=1", "B=2");
    assertThat(line.line().text(Flags.CWD)).isEqualTo("/b");
  }

  @ParameterizedTest
  @CsvSource({
    "kil, kill",
    "stae, state",
    "delte, delete",
    "resum, resume",
    "cerate, create",
    "exce, exec"
  })
  void aWrongVerbGetsTheNearestOne(String wrong, String right) {
    assertThatThrownBy(() -> parse(wrong, "c1"))
        .hasMessageContaining("there is no command '" + wrong + "'")
        .hasMessageContaining("'" + right + "'");
  }

  @Test
  void aWrongFlagGetsTheNearestOne() {
    assertThatThrownBy(() -> parse("create", "--budnle", "/b", "c1"))
        .isInstanceOfSatisfying(
            CasemateException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("perhaps --bundle");
    assertThatThrownBy(() -> parse("--rot", "/r", "list")).hasMessageContaining("--root");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "state",
        "state a b",
        "kill",
        "kill a b c",
        "list a",
        "exec",
        "create --bundle",
        "run --preserve-fds abc x",
        "events --interval 5 c",
        "events --interval 1y c",
        "list -f xml",
        "kill -ab c1",
        "update --pids-limit 1.5 c"
      })
  void malformedLinesAreRefused(String line) {
    assertThatThrownBy(() -> parse(line.split(" ", -1)))
        .isInstanceOfSatisfying(
            CasemateException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
  }

  @Test
  void helpIsFoundOnBothSidesOfTheVerb() {
    assertThat(parse("state", "--help").helpWanted()).isTrue();
    assertThat(parse("--help", "state").helpWanted()).isTrue();
    assertThat(parse("-h").helpWanted()).isTrue();
    assertThat(parse("exec", "c1", "ls", "--help").helpWanted()).isFalse();
    assertThat(parse("h").verb()).isEqualTo(Verb.HELP);
  }

  @ParameterizedTest
  @CsvSource({
    "5s, 5000",
    "1m30s, 90000",
    "250ms, 250",
    "1h, 3600000",
    "0s, 0",
    "5, -1",
    "s, -1",
    "'', -1",
    "-1s, -1",
    "99999999h, -1",
    "1s2, -1"
  })
  void durationsAreReadAsGoWritesThem(String text, long millis) {
    assertThat(Durations.millis(text)).isEqualTo(millis);
  }

  @Test
  void globalFlagsAreReadAsFarAsTheyGo() {
    ParsedLine global =
        CommandLine.lenientGlobal(new String[] {"--log", "/l", "--nonsense", "--root", "/r"});
    assertThat(global.text(Flags.LOG)).isEqualTo("/l");
    assertThat(global.has(Flags.ROOT)).isFalse();
  }
}
