package dev.casemate.testkit;

import dev.casemate.model.json.Json;
import dev.casemate.model.json.JsonArray;
import dev.casemate.model.json.JsonLimits;
import dev.casemate.model.json.JsonObject;
import dev.casemate.model.json.JsonValue;
import dev.casemate.model.json.JsonWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An OCI bundle of a test's own: a root file system with Debian's static busybox, and a config.json
 * as containerd would write it for a plain container, to be changed member by member.
 *
 * <pre>{@code
 * Path bundle =
 *     Bundle.in(scratch.resolve("b1"))
 *         .args("sh", "-c", "exit 7")
 *         .set("linux.resources.memory.limit", "134217728")
 *         .write();
 * }</pre>
 */
public final class Bundle {

  private static final Path BUSYBOX = Path.of("/bin/busybox");

  private static final String TEMPLATE =
      """
      {
        "ociVersion": "1.0.2",
        "process": {
          "terminal": false,
          "user": {"uid": 0, "gid": 0},
          "args": ["true"],
          "env": ["PATH=/bin", "HOME=/root"],
          "cwd": "/",
          "capabilities": {
            "bounding": ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_SETGID", "CAP_SETUID"],
            "effective": ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_SETGID", "CAP_SETUID"],
            "permitted": ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_SETGID", "CAP_SETUID"]
          },
          "noNewPrivileges": true
        },
        "root": {"path": "rootfs", "readonly": false},
        "hostname": "box",
        "mounts": [
          {"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid", "noexec", "nodev"]},
          {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
           "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
          {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
           "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]},
          {"destination": "/dev/shm", "type": "tmpfs", "source": "shm",
           "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]},
          {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue",
           "options": ["nosuid", "noexec", "nodev"]},
          {"destination": "/sys", "type": "sysfs", "source": "sysfs",
           "options": ["nosuid", "noexec", "nodev", "ro"]}
        ],
        "linux": {
          "namespaces": [
            {"type": "pid"}, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"}, {"type": "network"},
            {"type": "cgroup"}
          ],
          "maskedPaths": ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"],
          "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
        }
      }
      """;

  private final Path directory;
  private JsonObject config = Json.parseObject(TEMPLATE, "the template", JsonLimits.OCI);

  private Bundle(Path directory) {
    this.directory = directory;
  }

  /** A bundle in a directory that {@link #write} makes. */
  public static Bundle in(Path directory) {
    return new Bundle(directory);
  }

  /** What the container runs. */
  public Bundle args(String... args) {
    return set("process.args", JsonArray.ofStrings(List.of(args)).toString());
  }

  /** Sets the member at a dotted path, like {@code process.user.uid}, to JSON text. */
  public Bundle set(String path, String json) {
    config = with(config, List.of(path.split("\\.", -1)), Json.parse(json, path, JsonLimits.OCI));
    return this;
  }

  /** Removes the member at a dotted path. */
  public Bundle remove(String path) {
    config = with(config, List.of(path.split("\\.", -1)), null);
    return this;
  }

  /** Appends JSON text to the array at a dotted path, like {@code mounts}; makes it if missing. */
  public Bundle add(String path, String json) {
    JsonValue at = config;
    for (String name : path.split("\\.", -1)) {
      at = at instanceof JsonObject object ? object.get(name) : null;
    }
    List<JsonValue> elements =
        new java.util.ArrayList<>(at instanceof JsonArray(var present) ? present : List.of());
    elements.add(Json.parse(json, path, JsonLimits.OCI));
    return set(path, new JsonArray(elements).toString());
  }

  /** The bundle's directory. */
  public Path directory() {
    return directory;
  }

  /** The root file system, once written. */
  public Path rootfs() {
    return directory.resolve("rootfs");
  }

  /** Writes config.json, and the root file system if there is none yet; returns the directory. */
  public Path write() {
    try {
      Files.createDirectories(directory);
      if (!Files.exists(rootfs())) {
        writeRootfs(rootfs());
      }
      Files.writeString(directory.resolve("config.json"), JsonWriter.pretty(config));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return directory;
  }

  /** Makes a root file system: busybox under its many names, and the files programs expect. */
  public static void writeRootfs(Path rootfs) throws IOException {
    for (String made : List.of("bin", "etc", "root", "tmp", "proc", "sys", "dev", "var", "mnt")) {
      Files.createDirectories(rootfs.resolve(made));
    }
    Path busybox = rootfs.resolve("bin/busybox");
    Files.copy(BUSYBOX, busybox, StandardCopyOption.COPY_ATTRIBUTES);
    for (String applet : applets()) {
      if (!applet.equals("busybox")) {
        Files.createSymbolicLink(rootfs.resolve("bin").resolve(applet), Path.of("busybox"));
      }
    }
    Files.writeString(
        rootfs.resolve("etc/passwd"),
        "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/tmp:/bin/sh\n");
    Files.writeString(rootfs.resolve("etc/group"), "root:x:0:\nuser:x:1000:\n");
  }

  private static List<String> applets() throws IOException {
    Process list = new ProcessBuilder(BUSYBOX.toString(), "--list").start();
    return new String(list.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
        .lines()
        .toList();
  }

  private static JsonObject with(JsonObject object, List<String> path, @Nullable JsonValue value) {
    Map<String, JsonValue> members = new LinkedHashMap<>(object.members());
    String name = path.getFirst();
    if (path.size() > 1) {
      JsonObject inner = members.get(name) instanceof JsonObject o ? o : JsonObject.EMPTY;
      members.put(name, with(inner, path.subList(1, path.size()), value));
    } else if (value == null) {
      members.remove(name);
    } else {
      members.put(name, value);
    }
    return new JsonObject(members);
  }
}
