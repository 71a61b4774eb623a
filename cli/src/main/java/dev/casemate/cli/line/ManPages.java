package dev.casemate.cli.line;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Manual pages in roff (man(7) macros), made from the table: one of the program, one per verb. */
public final class ManPages {
  private ManPages() {}

  /** Every page by file name, such as {@code casemate-create.1}. */
  public static Map<String, String> all() {
    Map<String, String> pages = new LinkedHashMap<>();
    pages.put("casemate.1", program());
    for (Verb verb : Verb.values()) {
      if (!verb.hidden() && verb != Verb.HELP) {
        pages.put("casemate-" + verb.text() + ".1", verb(VerbTable.spec(verb)));
      }
    }
    return pages;
  }

  private static String program() {
    StringBuilder out = new StringBuilder(4096);
    heading(out, "CASEMATE");
    out.append(
        ".SH NAME\ncasemate \\- containers that each run in a virtual machine of their own\n");
    out.append(".SH SYNOPSIS\n.B casemate\n[global options]\n.I command\n");
    out.append("[command options] [arguments...]\n");
    out.append(".SH DESCRIPTION\n");
    paragraph(
        out,
        "An OCI runtime with the command line of runc. Each container gets a kernel of its own in"
            + " a small virtual machine.");
    out.append(".SH COMMANDS\n");
    for (Verb verb : Verb.values()) {
      if (!verb.hidden()) {
        out.append(".TP\n.B ").append(escaped(verb.text())).append('\n');
        out.append(escaped(VerbTable.spec(verb).summary())).append('\n');
      }
    }
    out.append(".SH GLOBAL OPTIONS\n");
    flags(out, VerbTable.globalFlags());
    out.append(".SH EXIT STATUS\n");
    paragraph(
        out,
        "0 on success, 1 on an error. run ends with the status of the container, exec with that of"
            + " the process, or 255 if it could not be run. A process that a signal ended has the"
            + " status 128 plus the signal; 137 is also the status of every container whose"
            + " machine died.");
    out.append(".SH FILES\n");
    item(out, "/etc/casemate/configuration.toml", "the configuration; it may be absent");
    item(out, "/run/casemate/containers", "the state of containers");
    return out.toString();
  }

  private static String verb(VerbSpec spec) {
    StringBuilder out = new StringBuilder(2048);
    String name = "casemate-" + spec.verb().text();
    heading(out, name.toUpperCase(java.util.Locale.ROOT));
    out.append(".SH NAME\n").append(escaped(name)).append(" \\- ");
    out.append(escaped(spec.summary())).append('\n');
    out.append(".SH SYNOPSIS\n").append(escaped(Help.usage(spec))).append('\n');
    if (!spec.description().isEmpty()) {
      out.append(".SH DESCRIPTION\n");
      for (String text : spec.description().split("\n\n", -1)) {
        paragraph(out, text);
      }
    }
    if (!spec.flags().isEmpty()) {
      out.append(".SH OPTIONS\n");
      flags(out, spec.flags());
    }
    out.append(".SH SEE ALSO\n.BR casemate (1)\n");
    return out.toString();
  }

  private static void heading(StringBuilder out, String title) {
    out.append(".\\\" Made from casemate's table of commands; do not edit.\n.TH \"");
    out.append(escaped(title)).append("\" \"1\" \"\" \"Casemate\" \"User Commands\"\n");
  }

  private static void flags(StringBuilder out, List<Flag> flags) {
    for (Flag flag : flags) {
      out.append(".TP\n.B ").append(escaped(Help.names(flag))).append('\n');
      out.append(escaped(Help.explained(flag))).append('\n');
    }
  }

  private static void item(StringBuilder out, String name, String text) {
    out.append(".TP\n.I ").append(escaped(name)).append('\n').append(escaped(text)).append('\n');
  }

  private static void paragraph(StringBuilder out, String text) {
    out.append(".PP\n").append(escaped(text.strip())).append('\n');
  }

  /** Backslash and minus mean something to roff everywhere, dot and quote at a line's start. */
  private static String escaped(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    boolean lineStart = true;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (lineStart && (c == '.' || c == '\'')) {
        out.append("\\&");
      }
      switch (c) {
        case '\\' -> out.append("\\e");
        case '-' -> out.append("\\-");
        default -> out.append(c);
      }
      lineStart = c == '\n';
    }
    return out.toString();
  }
}
