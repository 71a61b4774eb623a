package dev.casemate.cli.line;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeneratedFilesTest {
  private static final long SHELL_BOUND_SECONDS = 60;

  @Test
  void helpNamesEveryVerbAndFlag() {
    String program = Help.program("1\n");
    for (Flag flag : VerbTable.globalFlags()) {
      assertThat(program).contains("--" + flag.name()).contains(flag.help());
    }
    for (Verb verb : Verb.values()) {
      VerbSpec spec = VerbTable.spec(verb);
      assertThat(program.contains("\n   " + verb.text())).isEqualTo(!verb.hidden());
      String help = Help.verb(spec);
      assertThat(help).startsWith("NAME:\n   casemate " + verb.text() + " - ").contains("USAGE:\n");
      for (Flag flag : spec.flags()) {
        assertThat(help).contains(Help.names(flag)).contains(flag.help());
      }
      assertThat(help.lines()).noneMatch(line -> line.endsWith(" "));
    }
  }

  @Test
  void helpWrapsDescriptions() {
    for (Verb verb : Verb.values()) {
      String help = Help.verb(VerbTable.spec(verb));
      int from = help.indexOf("DESCRIPTION:");
      if (from >= 0) {
        int to = help.indexOf("OPTIONS:", from);
        String description = to < 0 ? help.substring(from) : help.substring(from, to);
        assertThat(description.lines()).allMatch(line -> line.length() <= 80);
      }
    }
  }

  @Test
  void bashCompletionIsCompleteAndParses(@TempDir Path directory) throws Exception {
    String script = Completion.bash();
    for (Verb verb : Verb.values()) {
      if (!verb.hidden()) {
        String part = between(script, "\n    " + verb.text() + ")\n", "\n      ;;\n");
        for (Flag flag : VerbTable.spec(verb).flags()) {
          assertThat(part).contains("--" + flag.name());
          assertThat(part).contains(flag.alias().isEmpty() ? "" : " -" + flag.alias());
        }
      }
    }
    assertParses("bash", directory, script);
  }

  @Test
  void bashCompletesVerbsFlagsAndChoices(@TempDir Path directory) throws Exception {
    Path script = directory.resolve("completion");
    Files.writeString(
        script,
        Completion.bash()
            + """
            casemate() { echo one; echo two; }
            try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _casemate; echo "${COMPREPLY[@]}"; }
            try casemate sta
            try casemate delete --fo
            try casemate list --format ""
            try casemate --root /r state t
            """);
    Process bash = new ProcessBuilder("bash", script.toString()).redirectErrorStream(true).start();
    String output = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor(SHELL_BOUND_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(output).isEqualTo("start state\n--force\ntable json\ntwo\n");
  }

  @Test
  void zshAndFishCompletionNameEverything() {
    String zsh = Completion.zsh();
    String fish = Completion.fish();
    for (Verb verb : Verb.values()) {
      if (!verb.hidden()) {
        assertThat(zsh).contains("'" + verb.text() + ":");
        assertThat(fish).contains("-a " + verb.text() + " ");
        String part = between(zsh, "\n        " + verb.text() + ")\n", ";;\n");
        for (Flag flag : VerbTable.spec(verb).flags()) {
          assertThat(part).contains("--" + flag.name());
          assertThat(fish).contains("from " + verb.text() + "' -l " + flag.name());
        }
      }
    }
  }

  @Test
  void manualPagesNameEverything() {
    Map<String, String> pages = ManPages.all();
    for (Verb verb : Verb.values()) {
      String page = pages.get("casemate-" + verb.text() + ".1");
      if (verb.hidden() || verb == Verb.HELP) {
        assertThat(page).isNull();
        continue;
      }
      assertThat(Objects.requireNonNull(pages.get("casemate.1")))
          .contains(".B " + verb.text() + "\n");
      for (Flag flag : VerbTable.spec(verb).flags()) {
        assertThat(page).contains(".B \\-\\-" + flag.name().replace("-", "\\-"));
      }
    }
    for (String page : pages.values()) {
      assertThat(page.lines())
          .allMatch(line ->
              !line.startsWith(".") || line.matches("\\.(\\\\\"|TH|SH|TP|PP|B|BR|I)( .*)?"));
    }
  }

  private static String between(String text, String start, String end) {
    int from = text.indexOf(start);
    assertThat(from).as(start).isNotNegative();
    return text.substring(from, text.indexOf(end, from));
  }

  private static void assertParses(String shell, Path directory, String script)
      throws IOException, InterruptedException {
    Path file = directory.resolve("script");
    Files.writeString(file, script);
    Process process =
        new ProcessBuilder(shell, "-n", file.toString()).redirectErrorStream(true).start();
    assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEmpty();
    assertThat(process.waitFor(SHELL_BOUND_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }
}
