package dev.casemate.cli.line;

import java.util.List;

/** Help texts, made from the table in the layout that users of runc know. */
public final class Help {
  private static final int WIDTH = 80;
  private static final String INDENT = "   ";

  private Help() {}

  /**
   * The help of the whole program.
   *
   * @param version the lines of {@code --version} behind the program's name
   */
  public static String program(String version) {
    StringBuilder out = new StringBuilder(4096);
    out.append("NAME:\n   casemate - containers that each run in a virtual machine of their own\n");
    out.append("\nUSAGE:\n   casemate [global options] command [command options] [arguments...]\n");
    out.append("\nVERSION:\n").append(indented(version.strip())).append("\nCOMMANDS:\n");
    int width = 0;
    for (Verb verb : Verb.values()) {
      width = Math.max(width, verbNames(verb).length());
    }
    for (Verb verb : Verb.values()) {
      if (!verb.hidden()) {
        String names = verbNames(verb);
        out.append(INDENT).append(names).repeat(" ", width - names.length() + 2);
        out.append(VerbTable.spec(verb).summary()).append('\n');
      }
    }
    out.append("\nGLOBAL OPTIONS:\n");
    appendFlags(out, VerbTable.globalFlags());
    return out.toString();
  }

  /** The help of one verb. */
  public static String verb(VerbSpec spec) {
    StringBuilder out = new StringBuilder(2048);
    out.append("NAME:\n   casemate ").append(spec.verb().text());
    out.append(" - ").append(spec.summary()).append("\n\nUSAGE:\n   ");
    out.append(usage(spec)).append('\n');
    if (!spec.description().isEmpty()) {
      out.append("\nDESCRIPTION:\n").append(indented(wrap(spec.description())));
    }
    if (!spec.flags().isEmpty()) {
      out.append("\nOPTIONS:\n");
      appendFlags(out, spec.flags());
    }
    return out.toString();
  }

  /** The usage line of one verb. */
  static String usage(VerbSpec spec) {
    String options = spec.flags().isEmpty() ? "" : " [options]";
    String arguments = spec.arguments().isEmpty() ? "" : " " + spec.arguments();
    return "casemate " + spec.verb().text() + options + arguments;
  }

  /** How a flag is written, such as {@code --bundle value, -b value}. */
  static String names(Flag flag) {
    String value = flag.kind().takesValue() ? " value" : "";
    String shown = "--" + flag.name() + value;
    return flag.alias().isEmpty() ? shown : shown + ", -" + flag.alias() + value;
  }

  /** The help text of a flag with choices and default. */
  static String explained(Flag flag) {
    StringBuilder out = new StringBuilder(flag.help());
    if (!flag.choices().isEmpty()) {
      out.append(": ").append(String.join(" or ", flag.choices()));
    }
    if (!flag.defaultText().isEmpty()) {
      out.append(" (default: ").append(flag.defaultText()).append(')');
    }
    return out.toString();
  }

  private static String verbNames(Verb verb) {
    return verb == Verb.HELP ? "help, h" : verb.text();
  }

  private static void appendFlags(StringBuilder out, List<Flag> flags) {
    int width = 0;
    for (Flag flag : flags) {
      width = Math.max(width, names(flag).length());
    }
    for (Flag flag : flags) {
      String names = names(flag);
      out.append(INDENT).append(names).repeat(" ", width - names.length() + 2);
      out.append(explained(flag)).append('\n');
    }
  }

  private static String indented(String text) {
    StringBuilder out = new StringBuilder(text.length() + 64);
    for (String line : text.split("\n", -1)) {
      if (!line.isEmpty()) {
        out.append(INDENT).append(line);
      }
      out.append('\n');
    }
    return out.toString();
  }

  /** Breaks paragraphs, each one line of the table, at spaces. */
  private static String wrap(String text) {
    StringBuilder out = new StringBuilder(text.length() + 64);
    int column = 0;
    for (String word : text.replace("\n", " \n ").split(" ", -1)) {
      if (word.equals("\n")) {
        out.append('\n');
        column = 0;
      } else if (!word.isEmpty()) {
        if (column > 0 && column + 1 + word.length() > WIDTH - INDENT.length()) {
          out.append('\n');
          column = 0;
        }
        out.append(column > 0 ? " " : "").append(word);
        column += word.length() + (column > 0 ? 1 : 0);
      }
    }
    return out.toString();
  }
}
