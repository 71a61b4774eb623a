package dev.casemate.linux;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The main program of a second JVM, for calls that change or end the process that makes them. */
public final class Probe {
  private static final int FAILED = 90;

  private Probe() {}

  /** A command that runs this program to do one thing, with words in front of it. */
  static ChildCommand command(String what, String... prefix) {
    List<String> argv = new ArrayList<>(List.of(prefix));
    argv.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    argv.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx64m",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Probe.class.getName(),
            what));
    return ChildCommand.of(argv);
  }

  /** Does one thing; anything but success ends with another exit code. */
  public static void main(String[] arguments) {
    switch (arguments[0]) {
      case "session" -> session();
      case "terminal" -> terminal();
      case "power-off" -> {
        if (Processes.self() == 1) {
          Machine.powerOff();
        }
      }
      case "restart" -> {
        if (Processes.self() == 1) {
          Machine.restart();
        }
      }
      default -> System.exit(FAILED);
    }
  }

  private static void session() {
    Processes.startSession();
    if (Processes.session(0) != Processes.self()) {
      System.exit(FAILED + 1);
    }
    try {
      Processes.startSession();
      System.exit(FAILED + 2);
    } catch (LinuxException e) {
      if (e.errno() != Errno.EPERM) {
        System.exit(FAILED + 3);
      }
    }
  }

  private static void terminal() {
    Processes.startSession();
    try {
      Descriptor.open("/dev/tty", OpenAccess.WRITE).close();
      System.exit(FAILED + 4);
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENXIO) {
        System.exit(FAILED + 5);
      }
    }
    try (Descriptor stdin = Descriptor.duplicateOf(0)) {
      Terminal.makeControlling(stdin);
    }
    try (Descriptor terminal = Descriptor.open("/dev/tty", OpenAccess.WRITE)) {
      terminal.writeAll("to the controlling terminal\n".getBytes(StandardCharsets.UTF_8));
    }
  }
}
