package dev.casemate.cli.line;

import java.util.List;

/**
 * Completion scripts for shells, made from the table. Container ids are asked from {@code casemate
 * list --quiet} when the user presses the key.
 */
public final class Completion {
  private static final String NOTE = "# Made from casemate's table of commands; do not edit.\n";

  private Completion() {}

  /** The script for bash; to be put into share/bash-completion/completions/casemate. */
  public static String bash() {
    StringBuilder out = new StringBuilder(8192);
    out.append(NOTE);
    out.append(
        """
        _casemate() {
          local word="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"
          local verb="" i
          for ((i = 1; i < COMP_CWORD; i++)); do
            case "${COMP_WORDS[i]}" in
        """);
    out.append("      ")
        .append(valuePatterns(VerbTable.globalFlags()))
        .append(") i=$((i + 1)) ;;\n");
    out.append(
        """
              -*) ;;
              *) verb="${COMP_WORDS[i]}"; break ;;
            esac
          done
          local flags="" files="" ids="" words=""
          case "$verb" in
        """);
    out.append("    \"\")\n      words=\"").append(verbs()).append("\"\n");
    appendBashFlags(out, VerbTable.globalFlags());
    out.append("      ;;\n");
    for (Verb verb : Verb.values()) {
      if (!verb.hidden()) {
        VerbSpec spec = VerbTable.spec(verb);
        out.append("    ").append(verb.text()).append(")\n");
        if (takesId(spec)) {
          out.append("      ids=1\n");
        }
        if (verb == Verb.HELP) {
          out.append("      words=\"").append(verbs()).append("\"\n");
        }
        appendBashFlags(out, spec.flags());
        out.append("      ;;\n");
      }
    }
    out.append(
        """
          esac
          if [[ "$word" == -* ]]; then
            COMPREPLY=($(compgen -W "$flags" -- "$word"))
          elif [[ -n "$files" ]]; then
            COMPREPLY=($(compgen -f -- "$word"))
          else
            [[ -n "$ids" ]] && words="$(casemate list --quiet 2>/dev/null)"
            COMPREPLY=($(compgen -W "$words" -- "$word"))
          fi
        }
        complete -o filenames -F _casemate casemate
        """);
    return out.toString();
  }

  private static void appendBashFlags(StringBuilder out, List<Flag> flags) {
    out.append("      flags=\"--help");
    for (Flag flag : flags) {
      if (!flag.name().equals("help")) {
        out.append(" --").append(flag.name());
      }
      if (!flag.alias().isEmpty()) {
        out.append(" -").append(flag.alias());
      }
    }
    out.append("\"\n      case \"$previous\" in\n");
    for (Flag flag : flags) {
      if (!flag.choices().isEmpty()) {
        out.append("        ").append(patterns(flag)).append(") COMPREPLY=($(compgen -W \"");
        out.append(String.join(" ", flag.choices())).append("\" -- \"$word\")); return ;;\n");
      } else if (flag.kind() == FlagKind.PATH) {
        out.append("        ").append(patterns(flag)).append(") files=1 ;;\n");
      } else if (flag.kind().takesValue()) {
        out.append("        ").append(patterns(flag)).append(") return ;;\n");
      }
    }
    out.append("        *) ;;\n      esac\n");
  }

  private static String patterns(Flag flag) {
    return flag.alias().isEmpty() ? "--" + flag.name() : "--" + flag.name() + "|-" + flag.alias();
  }

  private static String valuePatterns(List<Flag> flags) {
    StringBuilder out = new StringBuilder();
    for (Flag flag : flags) {
      if (flag.kind().takesValue()) {
        out.append(out.isEmpty() ? "" : "|").append(patterns(flag));
      }
    }
    return out.toString();
  }

  private static String verbs() {
    StringBuilder out = new StringBuilder();
    for (Verb verb : Verb.values()) {
      if (!verb.hidden()) {
        out.append(out.isEmpty() ? "" : " ").append(verb.text());
      }
    }
    return out.toString();
  }

  private static boolean takesId(VerbSpec spec) {
    return spec.arguments().startsWith("CONTAINER")
        && spec.verb() != Verb.CREATE
        && spec.verb() != Verb.RUN;
  }

  /** The script for zsh; to be put into share/zsh/site-functions/_casemate. */
  public static String zsh() {
    StringBuilder out = new StringBuilder(8192);
    out.append("#compdef casemate\n").append(NOTE);
    out.append(
        """
        _casemate_ids() {
          local -a ids
          ids=(${(f)"$(casemate list --quiet 2>/dev/null)"})
          _describe 'container' ids
        }
        _casemate() {
          local context state line
          local -a verbs
          verbs=(
        """);
    for (Verb verb : Verb.values()) {
      if (!verb.hidden()) {
        out.append("    ").append(zshQuoted(verb.text() + ":" + VerbTable.spec(verb).summary()));
        out.append('\n');
      }
    }
    out.append("  )\n  _arguments -C \\\n");
    appendZshFlags(out, VerbTable.globalFlags());
    out.append(
        """
            '1:command:->verb' '*::argument:->argument'
          case $state in
            verb) _describe 'command' verbs ;;
            argument)
              case $line[1] in
        """);
    for (Verb verb : Verb.values()) {
      if (!verb.hidden()) {
        VerbSpec spec = VerbTable.spec(verb);
        out.append("        ").append(verb.text()).append(")\n          _arguments \\\n");
        appendZshFlags(out, spec.flags());
        if (takesId(spec)) {
          out.append("    '1:container:_casemate_ids' '*::argument:_normal'");
        } else if (verb == Verb.HELP) {
          out.append("    '1:command:(").append(verbs()).append(")'");
        } else {
          out.append("    '*:argument:_files'");
        }
        out.append(" ;;\n");
      }
    }
    out.append("      esac ;;\n  esac\n}\n_casemate \"$@\"\n");
    return out.toString();
  }

  private static void appendZshFlags(StringBuilder out, List<Flag> flags) {
    for (Flag flag : flags) {
      String repeated = flag.kind() == FlagKind.LIST ? "*" : "";
      appendZshFlag(out, repeated + "--" + flag.name(), flag);
      if (!flag.alias().isEmpty()) {
        appendZshFlag(out, repeated + "-" + flag.alias(), flag);
      }
    }
  }

  private static void appendZshFlag(StringBuilder out, String name, Flag flag) {
    String value = "";
    if (!flag.choices().isEmpty()) {
      value = ":value:(" + String.join(" ", flag.choices()) + ")";
    } else if (flag.kind() == FlagKind.PATH) {
      value = ":path:_files";
    } else if (flag.kind().takesValue()) {
      value = ":value: ";
    }
    String help = flag.help().replace("[", "\\[").replace("]", "\\]").replace(":", "\\:");
    String equals = value.isEmpty() || !name.contains("--") ? "" : "=";
    out.append("    ").append(zshQuoted(name + equals + "[" + help + "]" + value));
    out.append(" \\\n");
  }

  private static String zshQuoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  /** The script for fish; to be put into share/fish/vendor_completions.d/casemate.fish. */
  public static String fish() {
    StringBuilder out = new StringBuilder(8192);
    out.append(NOTE).append("complete -c casemate -f\n");
    for (Flag flag : VerbTable.globalFlags()) {
      appendFishFlag(out, "__fish_use_subcommand", flag);
    }
    for (Verb verb : Verb.values()) {
      if (!verb.hidden()) {
        VerbSpec spec = VerbTable.spec(verb);
        out.append("complete -c casemate -n __fish_use_subcommand -a ").append(verb.text());
        out.append(" -d ").append(fishQuoted(spec.summary())).append('\n');
        String seen = "'__fish_seen_subcommand_from " + verb.text() + "'";
        if (takesId(spec)) {
          out.append("complete -c casemate -n ").append(seen);
          out.append(" -a '(casemate list --quiet 2>/dev/null)'\n");
        }
        for (Flag flag : spec.flags()) {
          appendFishFlag(out, seen, flag);
        }
      }
    }
    return out.toString();
  }

  private static void appendFishFlag(StringBuilder out, String condition, Flag flag) {
    out.append("complete -c casemate -n ").append(condition).append(" -l ").append(flag.name());
    if (!flag.alias().isEmpty()) {
      out.append(" -s ").append(flag.alias());
    }
    if (!flag.choices().isEmpty()) {
      out.append(" -x -a ").append(fishQuoted(String.join(" ", flag.choices())));
    } else if (flag.kind() == FlagKind.PATH) {
      out.append(" -r -F");
    } else if (flag.kind().takesValue()) {
      out.append(" -x");
    }
    out.append(" -d ").append(fishQuoted(flag.help())).append('\n');
  }

  private static String fishQuoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
