package dev.casemate.shim;

import dev.casemate.host.Version;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/**
 * The process. Its launcher starts it in a session and a mount namespace of its own and passes on
 * what it prints before it serves: the address, or in one line why there is none.
 */
public final class Main {
  private static final int FAILED = 1;

  /** The largest options that make sense hold a whole configuration. */
  private static final int MOST_OPTION_BYTES = 4 << 20;

  private Main() {}

  /** Does what containerd asks for, and ends the process. */
  public static void main(String[] words) {
    OutputStream output = new FileOutputStream(FileDescriptor.out);
    int code = run(words, new FileInputStream(FileDescriptor.in), output, System.getenv());
    // Threads may be blocked in native code; nothing of theirs is needed any more.
    System.exit(code);
  }

  private static int run(
      String[] words, InputStream input, OutputStream output, Map<String, String> environment) {
    String problem;
    try {
      act(words, input, output, environment);
      return 0;
    } catch (CasemateException failure) {
      problem = String.valueOf(failure.getMessage());
    } catch (IOException | RuntimeException | LinkageError defect) {
      problem = "containerd-shim-casemate-v2 has a defect: " + defect;
    }
    try {
      output.write((problem + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException nobodyListens) {
      // The exit code is left.
    }
    return FAILED;
  }

  private static void act(
      String[] words, InputStream input, OutputStream output, Map<String, String> environment)
      throws IOException {
    // The launcher changes the directory; what containerd called from is in the environment.
    Path here = Path.of(environment.getOrDefault("CASEMATE_BUNDLE", ""));
    ShimArguments arguments = ShimArguments.parse(words, here.toAbsolutePath());
    switch (arguments.action()) {
      case SERVE ->
          ShimProcess.run(arguments, home(), options(input), environment, new Answer(output));
      case DELETE -> output.write(new DeadShim(arguments).delete().toByteArray());
      case INFO -> output.write(RuntimeInformation.of(options(input)).toByteArray());
      case VERSION ->
          output.write(
              ("containerd-shim-casemate-v2 version " + Version.current().number() + "\n")
                  .getBytes(StandardCharsets.UTF_8));
      case REHEARSE -> new Rehearsal(home().resolve("lib")).run();
    }
  }

  private static byte[] options(InputStream input) throws IOException {
    return input.readNBytes(MOST_OPTION_BYTES);
  }

  private static Path home() {
    String home = System.getProperty("casemate.home", "");
    if (home.isEmpty()) {
      throw new CasemateException(
          ErrorCode.HOST_UNFIT,
          "find the installation",
          "the property casemate.home is not set",
          "call bin/containerd-shim-casemate-v2");
    }
    return Path.of(home);
  }

  /** Standard output and error, which are one pipe: its reader waits until both are closed. */
  private static final class Answer extends OutputStream {
    private final OutputStream output;

    Answer(OutputStream output) {
      this.output = output;
    }

    @Override
    public void write(int one) throws IOException {
      output.write(one);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      output.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      // The JDK puts /dev/null in the place of each.
      output.close();
      new FileOutputStream(FileDescriptor.err).close();
    }
  }
}
