package dev.casemate.guest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The loadable modules of a kernel package. What a module needs and what it answers to is read from
 * the module itself ({@code .modinfo}, include/linux/module.h), since a package that was only
 * unpacked has no {@code modules.dep}. Owned by the building thread.
 */
final class KernelModules {
  private static final String XZ = ".xz";

  private final Map<String, Path> files = new LinkedHashMap<>();
  private final Map<String, Module> read = new LinkedHashMap<>();
  private final Path scratch;

  /** A module. Immutable; its bytes are not copied. */
  static final class Module {
    private final String name;
    private final byte[] content;
    private final List<String> needs;
    private final List<String> aliases;

    Module(String name, byte[] content, List<String> needs, List<String> aliases) {
      this.name = name;
      this.content = content;
      this.needs = List.copyOf(needs);
      this.aliases = List.copyOf(aliases);
    }

    /** With underscores. */
    String name() {
      return name;
    }

    /** The file's bytes, uncompressed and without a signature. */
    byte[] content() {
      return content;
    }

    /** The modules that must be loaded before it, directly. */
    List<String> needs() {
      return needs;
    }

    /** Patterns of the devices, file systems and protocols that it serves. */
    List<String> aliases() {
      return aliases;
    }
  }

  /**
   * @param directory the kernel's {@code lib/modules/RELEASE}
   * @param scratch a directory for intermediate files
   */
  KernelModules(Path directory, Path scratch) throws IOException {
    this.scratch = scratch;
    for (Path file : Trees.sorted(directory)) {
      String name = String.valueOf(file.getFileName());
      int end = name.indexOf(".ko");
      if (end > 0 && Files.isRegularFile(file)) {
        files.put(canonical(name.substring(0, end)), file);
      }
    }
  }

  private static String canonical(String name) {
    return name.replace('-', '_');
  }

  /** Whether the kernel has it as a module; if not, it is built in or missing altogether. */
  boolean has(String name) {
    return files.containsKey(canonical(name));
  }

  /**
   * The named modules and all that they need, each behind what it needs; names that the kernel has
   * not as modules are left out.
   */
  List<Module> closure(List<String> names) throws IOException {
    Set<String> order = new LinkedHashSet<>();
    for (String name : names) {
      visit(canonical(name), order);
    }
    List<Module> modules = new ArrayList<>();
    for (String name : order) {
      modules.add(read(name));
    }
    return modules;
  }

  private void visit(String name, Set<String> order) throws IOException {
    if (order.contains(name) || !files.containsKey(name)) {
      return;
    }
    for (String needed : read(name).needs()) {
      visit(needed, order);
    }
    order.add(name);
  }

  private Module read(String name) throws IOException {
    Module known = read.get(name);
    if (known != null) {
      return known;
    }
    Path file = files.get(name);
    if (file == null) {
      throw Failures.image("read a kernel module", "there is no " + name, "");
    }
    byte[] content = ModuleSignature.cut(content(file));
    ByteBuffer info =
        ElfFile.parse(content, file.toString())
            .flatMap(elf -> elf.section(".modinfo"))
            .orElseThrow(() ->
                Failures.image("read the kernel module " + file, "it has no .modinfo section", ""));
    List<String> needs = new ArrayList<>();
    List<String> aliases = new ArrayList<>();
    byte[] text = new byte[info.remaining()];
    info.get(text);
    for (String entry : new String(text, StandardCharsets.ISO_8859_1).split("\0", -1)) {
      if (entry.startsWith("depends=")) {
        for (String one : entry.substring("depends=".length()).split(",", -1)) {
          if (!one.isEmpty()) {
            needs.add(canonical(one));
          }
        }
      } else if (entry.startsWith("alias=")) {
        aliases.add(entry.substring("alias=".length()));
      }
    }
    Module module = new Module(name, content, needs, aliases);
    read.put(name, module);
    return module;
  }

  private byte[] content(Path file) throws IOException {
    String name = file.toString();
    if (!name.endsWith(XZ)) {
      return Files.readAllBytes(file);
    }
    HostTool.require("xz", "xz-utils");
    Path copy = scratch.resolve(String.valueOf(file.getFileName()));
    Files.copy(file, copy);
    HostTool.of(scratch, "xz", "-d", copy.toString()).run("unpack the kernel module " + name);
    Path plain = Path.of(copy.toString().substring(0, copy.toString().length() - XZ.length()));
    byte[] content = Files.readAllBytes(plain);
    Files.delete(plain);
    return content;
  }
}
