package dev.casemate.guest;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * What to build and where.
 *
 * @param kernel the kernel to boot
 * @param output the guest's directory, replaced as a whole when the build is done
 * @param agent a directory with the agent's jars, directly in it or in its {@code lib}; {@code
 *     agent.jar} among them is the program
 * @param cache where downloads and products are kept between builds
 * @param javaHome the JDK that the guest's runtime is linked from
 * @param kernelSource the Debian package with the sources of the own kernel
 */
record BuildOptions(
    KernelFlavour kernel, Path output, Path agent, Path cache, Path javaHome, String kernelSource) {
  static final String USAGE =
      """
      Builds a guest: kernel, root image and their manifest.

        java -jar guest.jar --output DIR --agent DIR [option …]

        --kernel stock|own      the distribution's kernel (default) or one built for this purpose
        --output DIR            the guest's directory, replaced as a whole when the build is done
        --agent DIR             where agent.jar is; the jars it needs are beside it or in DIR/lib
        --cache DIR             keeps downloads and products between builds; default is
                                /var/cache/casemate for root, else ~/.cache/casemate
        --java-home DIR         the JDK to link the guest's runtime from; default is this one
        --kernel-source PACKAGE the Debian source package of the own kernel (linux-source-6.12)
        --help                  prints this

      Needs apt-get, dpkg-deb and mkfs.erofs; the own kernel needs make, gcc, flex, bison, bc and
      libelf-dev as well. Progress goes to standard error. Exit status: 0 done, 1 failed, 2 misused.
      """;

  private static final String DEFAULT_SOURCE = "linux-source-6.12";

  /**
   * Reads a command line.
   *
   * @param environment for HOME, XDG_CACHE_HOME and CASEMATE_CACHE
   * @throws CasemateException INVALID_ARGUMENT when it is malformed
   */
  static BuildOptions parse(List<String> arguments, Map<String, String> environment) {
    KernelFlavour kernel = KernelFlavour.STOCK;
    Path output = null;
    Path agent = null;
    Path cache = defaultCache(environment);
    Path javaHome = Path.of(System.getProperty("java.home"));
    String source = DEFAULT_SOURCE;
    Deque<String> rest = new ArrayDeque<>(arguments);
    while (!rest.isEmpty()) {
      String option = rest.removeFirst();
      switch (option) {
        case "--kernel" -> kernel = flavour(value(option, rest));
        case "--output" -> output = Path.of(value(option, rest)).toAbsolutePath().normalize();
        case "--agent" -> agent = Path.of(value(option, rest)).toAbsolutePath().normalize();
        case "--cache" -> cache = Path.of(value(option, rest)).toAbsolutePath().normalize();
        case "--java-home" -> javaHome = Path.of(value(option, rest)).toAbsolutePath();
        case "--kernel-source" -> source = value(option, rest);
        default -> throw misused("'" + option + "' is not an option");
      }
    }
    if (output == null || agent == null) {
      throw misused("--output and --agent are required");
    }
    return new BuildOptions(kernel, output, agent, cache, javaHome, source);
  }

  private static String value(String option, Deque<String> rest) {
    if (rest.isEmpty() || rest.getFirst().isEmpty()) {
      throw misused(option + " needs a value");
    }
    return rest.removeFirst();
  }

  private static KernelFlavour flavour(String text) {
    return Arrays.stream(KernelFlavour.values())
        .filter(flavour -> flavour.text().equals(text))
        .findFirst()
        .orElseThrow(() -> misused("--kernel takes stock or own, not '" + text + "'"));
  }

  private static Path defaultCache(Map<String, String> environment) {
    String chosen = environment.getOrDefault("CASEMATE_CACHE", "");
    if (!chosen.isEmpty()) {
      return Path.of(chosen).toAbsolutePath();
    }
    if ("root".equals(System.getProperty("user.name"))) {
      return Path.of("/var/cache/casemate");
    }
    String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
    return xdg.isEmpty()
        ? Path.of(System.getProperty("user.home"), ".cache", "casemate")
        : Path.of(xdg, "casemate");
  }

  private static CasemateException misused(String why) {
    return new CasemateException(
        ErrorCode.INVALID_ARGUMENT, "build a guest", why, "--help lists the options");
  }
}
