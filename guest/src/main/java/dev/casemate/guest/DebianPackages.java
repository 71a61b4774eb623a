package dev.casemate.guest;

import dev.casemate.model.CasemateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Packages of the machine's own distribution, from the archives that its apt is set up with; apt
 * checks their signatures. Nothing is ever installed: archives are kept in the cache and unpacked
 * where they are wanted. Owned by the building thread.
 */
final class DebianPackages {
  private static final Pattern FIELD = Pattern.compile("([A-Za-z0-9-]+):[ \\t]*(.*)");
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9+.-]*");

  private final BuildCache cache;
  private final Progress progress;
  private final Map<String, String> used = new TreeMap<>();

  DebianPackages(BuildCache cache, Progress progress) {
    this.cache = cache;
    this.progress = progress;
  }

  /** Every package that was used so far with its version, by name. */
  Map<String, String> used() {
    return Map.copyOf(used);
  }

  /**
   * A package as the archive describes it.
   *
   * @param name the package
   * @param fields of its description (deb822), by name
   */
  record Description(String name, Map<String, String> fields) {
    /** The version. */
    String version() {
      return fields.getOrDefault("Version", "");
    }

    /** Its digest in the archive: what identifies the package. */
    String sha256() {
      return fields.getOrDefault("SHA256", version());
    }

    /** The names it depends on, without versions; of alternatives the first. */
    List<String> dependencies() {
      List<String> names = new ArrayList<>();
      String all =
          fields.getOrDefault("Pre-Depends", "") + "," + fields.getOrDefault("Depends", "");
      for (String one : all.split(",", -1)) {
        Matcher name = NAME.matcher(one.strip());
        if (name.lookingAt()) {
          names.add(name.group());
        }
      }
      return names;
    }
  }

  /** The version of a package that is installed on this machine. */
  Optional<String> installedVersion(String name) {
    try {
      String answer =
          HostTool.of(Path.of("/"), "dpkg-query", "-W", "-f=${db:Status-Status} ${Version}", name)
              .run("ask for the package " + name);
      return answer.startsWith("installed ")
          ? Optional.of(answer.substring("installed ".length()).strip())
          : Optional.empty();
    } catch (CasemateException notInstalled) {
      return Optional.empty();
    }
  }

  /** Records that files of an installed package went into the guest. */
  void note(String name, String version) {
    used.put(name, version);
  }

  /** What apt would install for a name. */
  Description describe(String name) {
    String purpose = "find the package " + name;
    String text;
    try {
      text = HostTool.of(Path.of("/"), "apt-cache", "show", "--no-all-versions", name).run(purpose);
    } catch (CasemateException e) {
      throw Failures.host(
          purpose,
          "apt knows no such package",
          "run apt-get update, and check that the archive can be reached");
    }
    return new Description(name, parse(text));
  }

  /** The first paragraph of a deb822 text; continuation lines are dropped. */
  static Map<String, String> parse(String text) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      if (line.isEmpty()) {
        break;
      }
      Matcher field = FIELD.matcher(line);
      if (field.matches()) {
        fields.put(field.group(1), field.group(2).strip());
      }
    }
    return fields;
  }

  /** The package's archive, downloaded unless the cache has it. */
  Path download(Description wanted) {
    used.put(wanted.name(), wanted.version());
    String key =
        new ContentKey().add(wanted.name()).add(wanted.version()).add(wanted.sha256()).name();
    Path entry = cache.entry("package", key, directory -> fetch(wanted, directory));
    return entry.resolve("package.deb");
  }

  private void fetch(Description wanted, Path directory) throws IOException {
    progress.note("downloading " + wanted.name() + " " + wanted.version());
    String purpose = "download " + wanted.name();
    try {
      HostTool.of(
              directory,
              "apt-get",
              "-qq",
              "-o",
              "APT::Sandbox::User=root",
              "download",
              wanted.name() + "=" + wanted.version())
          .run(purpose);
    } catch (CasemateException e) {
      throw new CasemateException(
          e.code(),
          purpose,
          e.why(),
          "check the network, and run apt-get update when the package list is old",
          e);
    }
    for (Path file : Trees.sorted(directory)) {
      if (file.toString().endsWith(".deb")) {
        Files.move(file, directory.resolve("package.deb"), StandardCopyOption.ATOMIC_MOVE);
        return;
      }
    }
    throw Failures.host(purpose, "apt-get downloaded nothing", "run apt-get update");
  }

  /** Unpacks a package's files below a directory. */
  void unpack(Description wanted, Path directory) throws IOException {
    Files.createDirectories(directory);
    HostTool.of(directory, "dpkg-deb", "-x", download(wanted).toString(), directory.toString())
        .run("unpack " + wanted.name());
  }
}
