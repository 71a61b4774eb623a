package dev.casemate.e2e;

import static dev.casemate.model.ErrorCode.ALREADY_EXISTS;
import static dev.casemate.model.ErrorCode.GUEST_IMAGE;
import static dev.casemate.model.ErrorCode.HOST_UNFIT;
import static dev.casemate.model.ErrorCode.INVALID_ARGUMENT;
import static dev.casemate.model.ErrorCode.NOT_FOUND;
import static dev.casemate.model.ErrorCode.UNSUPPORTED;
import static dev.casemate.model.ErrorCode.WRONG_STATE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.model.ErrorCode;
import dev.casemate.testkit.Await;
import dev.casemate.testkit.Bundle;
import dev.casemate.testkit.CasemateCommand;
import dev.casemate.testkit.CommandResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What cannot be done is refused: with runc's exit code, a text that helps, the error's code, and
 * nothing left behind.
 */
@Tag("vm")
class BadInputTest extends OneContainer {
  private static final long SEED = 20_261_127;

  @BeforeEach
  void logAsJson() {
    casemate = casemate.with("--log-format", "json");
  }

  private CommandResult create(Path bundle) {
    return casemate.run("create", "--bundle", bundle.toString(), ID);
  }

  private Bundle bundle() {
    return Bundle.in(scratch.resolve("bundle"));
  }

  private Path config(byte[] text) throws IOException {
    Path bundle = Files.createDirectories(scratch.resolve("bundle"));
    Files.write(bundle.resolve("config.json"), text);
    return bundle;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  @Test
  void aBundleMustBeThere() throws IOException {
    Refusal.check(
        create(scratch.resolve("nowhere")), 1, NOT_FOUND, "nowhere", "there is no such directory");
    Path empty = Files.createDirectory(scratch.resolve("empty"));
    Refusal.check(create(empty), 1, NOT_FOUND, "config.json does not exist");
    Files.createDirectory(empty.resolve("config.json"));
    Refusal.check(create(empty), 1, INVALID_ARGUMENT, "config.json cannot be read");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``                                   | line 1, column 1",
        "{                                    | line 1, column 2",
        "[]                                   | expected an object",
        "{~ 'a': 1,~ 'b' 2~}                  | line 3, column 6",
        "{~ 'a': 1,~ 'a': 2~}                 | line 3, column 2: the member name is there twice",
        "{'ociVersion': '1.0.2'} trailing     | line 1, column 25",
        "{'ociVersion': '1.0.2', 'a': 'ä\\q'} | line 1, column 33",
      })
  void aBrokenConfigurationIsToldByLineAndColumn(String text, String where) throws IOException {
    Path bundle = config(bytes(text.replace('~', '\n').replace('\'', '"')));

    Refusal.check(create(bundle), 1, INVALID_ARGUMENT, "config.json", where);
  }

  @Test
  void aConfigurationThatIsNoTextIsRefused() throws IOException {
    byte[] noise = new byte[4096];
    new Random(SEED).nextBytes(noise);
    Refusal.check(create(config(noise)), 1, INVALID_ARGUMENT, "line 1, column 1");
  }

  @Test
  void aConfigurationHasBounds() throws IOException {
    byte[] large = new byte[(10 << 20) + 1];
    Arrays.fill(large, (byte) ' ');
    Refusal.check(create(config(large)), 1, INVALID_ARGUMENT, "larger than 10485760 bytes");
    String deep = "{\"ociVersion\":" + "[".repeat(100_000);
    Refusal.check(
        create(config(bytes(deep))), 1, INVALID_ARGUMENT, "more than 64 levels of nesting");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.9.0", "1.3.0", "2.0.0", "1.0", "v1.0.2", "1.0.2.3", ""})
  void otherVersionsAreRefused(String version) {
    Path bundle = bundle().set("ociVersion", "\"" + version + "\"").write();

    Refusal.check(create(bundle), 1, UNSUPPORTED, "ociVersion", "1.0.0 to 1.2.x");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.0.0", "1.0.2-dev", "1.0.2", "1.1.0", "1.2.0", "1.2.1"})
  void versionsThatAreOursAreReadOn(String version) {
    Path bundle =
        bundle().set("ociVersion", "\"" + version + "\"").set("root.path", "\"none\"").write();

    Refusal.check(create(bundle), 1, NOT_FOUND, "use the root file system none");
  }

  static Stream<Arguments> wrongConfigurations() {
    return Stream.of(
        Arguments.of("ociVersion", null, INVALID_ARGUMENT, "ociVersion: it is missing"),
        Arguments.of("ociVersion", "1", INVALID_ARGUMENT, "expected a string, found a number"),
        Arguments.of("process", null, INVALID_ARGUMENT, "process: it is missing"),
        Arguments.of("process.args", null, INVALID_ARGUMENT, "process.args"),
        Arguments.of("process.args", "[]", INVALID_ARGUMENT, "process.args"),
        Arguments.of("process.args", "[1]", INVALID_ARGUMENT, "process.args[0]"),
        Arguments.of("process.args", "[\"a\\u0000b\"]", INVALID_ARGUMENT, "NUL"),
        Arguments.of("process.cwd", null, INVALID_ARGUMENT, "process.cwd"),
        Arguments.of("process.cwd", "\"relative\"", INVALID_ARGUMENT, "process.cwd"),
        Arguments.of("process.user.uid", "-1", INVALID_ARGUMENT, "process.user.uid"),
        Arguments.of("root", null, INVALID_ARGUMENT, "root: it is missing"),
        Arguments.of("root.path", null, INVALID_ARGUMENT, "root.path"),
        Arguments.of("root.path", "\"nowhere\"", NOT_FOUND, "nowhere does not exist"),
        Arguments.of("root.path", "\"config.json\"", INVALID_ARGUMENT, "not a directory"),
        Arguments.of("hostname", "\"" + "h".repeat(65) + "\"", INVALID_ARGUMENT, "hostname"),
        Arguments.of("vm", "{}", UNSUPPORTED, "vm"),
        Arguments.of("windows", "{}", UNSUPPORTED, "windows"),
        Arguments.of("linux.cgroupsPath", "\"/../up\"", INVALID_ARGUMENT, "linux.cgroupsPath"),
        Arguments.of("linux.resources.memory.limit", "\"1g\"", INVALID_ARGUMENT, "memory.limit"),
        namespace("pid"),
        namespace("ipc"),
        namespace("uts"),
        namespace("mount"),
        namespace("cgroup"),
        mount("\"type\":\"bind\",\"source\":\"/nowhere\"", NOT_FOUND, "mount /nowhere on /m"),
        mount("\"type\":\"bind\",\"source\":\"/dev/kmsg\"", UNSUPPORTED, "device /dev/kmsg"),
        mount("\"type\":\"bind\",\"source\":\"/proc/sys\"", UNSUPPORTED, "/proc/sys"),
        mount("\"type\":\"ext4\",\"source\":\"/dev/sda\"", UNSUPPORTED, "'ext4'"));
  }

  private static Arguments namespace(String type) {
    String path = "/proc/1/ns/" + (type.equals("mount") ? "mnt" : type);
    return Arguments.of(
        "linux.namespaces",
        "[{\"type\":\"network\"},{\"type\":\"" + type + "\",\"path\":\"" + path + "\"}]",
        UNSUPPORTED,
        "join the " + type + " namespace " + path);
  }

  private static Arguments mount(String members, ErrorCode code, String words) {
    return Arguments.of("mounts", "[{\"destination\":\"/m\"," + members + "}]", code, words);
  }

  @ParameterizedTest
  @MethodSource("wrongConfigurations")
  void whatIsWrongInAConfigurationIsNamed(
      String member, @org.jspecify.annotations.Nullable String json, ErrorCode code, String words) {
    Bundle bundle = json == null ? bundle().remove(member) : bundle().set(member, json);

    Refusal.check(create(bundle.write()), 1, code, words);
  }

  @Test
  void idsAreBounded() {
    String bundle = bundle().write().toString();
    for (String id : List.of("", ".", "..", "a/b", "../up", "ä", "a b", "x".repeat(256))) {
      Refusal.check(
          casemate.run("create", "--bundle", bundle, "--", id), 1, INVALID_ARGUMENT, "use the id");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "state,",
    "start,",
    "kill,",
    "delete,",
    "pause,",
    "resume,",
    "ps,",
    "update,",
    "events,",
    "exec, true"
  })
  void anUnknownContainerIsNotFoundByAnyVerb(
      String verb, @org.jspecify.annotations.Nullable String argument) {
    CommandResult result =
        argument == null ? casemate.run(verb, ID) : casemate.run(verb, ID, argument);

    Refusal.check(result, verb.equals("exec") ? 255 : 1, NOT_FOUND, "container does not exist", ID);
  }

  @Test
  void theCommandLineIsCheckedBeforeAnythingElse() {
    Refusal.check(casemate.run("crate", ID), 3, INVALID_ARGUMENT, "perhaps 'create' was meant");
    Refusal.check(casemate.run("--rot", "/x", "list"), 1, INVALID_ARGUMENT, "not defined: -rot");
    for (String verb : List.of("create", "start", "state", "kill", "delete", "exec", "run")) {
      Refusal.check(
          casemate.run(verb, "--nonsense", ID), 1, INVALID_ARGUMENT, "not defined: -nonsense");
      Refusal.check(casemate.run(verb), 1, INVALID_ARGUMENT, "requires", "argument(s)");
    }
    Refusal.check(casemate.run("state", ID, "x"), 1, INVALID_ARGUMENT, "exactly 1 argument(s)");
    Refusal.check(casemate.run("create", ID, "--bundle"), 1, INVALID_ARGUMENT, "needs an argument");
    Refusal.check(casemate.run("ps", "-f", "xml", ID), 1, INVALID_ARGUMENT, "only table, json");
    Refusal.check(casemate.run("checkpoint", ID), 1, UNSUPPORTED, "checkpoint");
  }

  @Test
  void theLogFileGetsTheSameLineAndTheCodeIsOnStandardError() throws IOException {
    Path log = scratch.resolve("log.json");
    CommandResult result =
        casemate.with("--log", log.toString()).run("create", "--bundle", "/nowhere", ID);

    result.mustExit(1);
    Refusal.checkLine(Files.readString(log), NOT_FOUND, "read the bundle /nowhere");
    assertThat(result.errors()).startsWith("cannot read the bundle").endsWith(" [NOT_FOUND]\n");
  }

  static Stream<Arguments> configurations() {
    return Stream.of(
        Arguments.of("[hypervisor.qemu]\ndefault_memry = 64", INVALID_ARGUMENT, "default_memory?"),
        Arguments.of("[hypervisor.qemu]\ndefault_memory = '64'", INVALID_ARGUMENT, "a number"),
        Arguments.of("[hypervisor.qemu]\ndefault_memory = 1", INVALID_ARGUMENT, "line 2"),
        Arguments.of("[hypervisor.qemu\n", INVALID_ARGUMENT, "line 1"),
        Arguments.of("[hypervisor.qemu]\nguest = 'none'", INVALID_ARGUMENT, "guest"),
        Arguments.of("[hypervisor.qemu]\npath = '/no/qemu'", HOST_UNFIT, "/no/qemu"),
        Arguments.of("[hypervisor.qemu]\npath = '/etc/passwd'", HOST_UNFIT, "/etc/passwd"),
        Arguments.of("[hypervisor.qemu]\nvirtio_fs_daemon = '/no/fs'", HOST_UNFIT, "/no/fs"),
        Arguments.of("[hypervisor.qemu]\nkernel = '/no/kernel'", GUEST_IMAGE, "/no/kernel"),
        Arguments.of("[hypervisor.qemu]\nkernel = '/etc/passwd'", GUEST_IMAGE, "/etc/passwd"),
        Arguments.of("[hypervisor.qemu]\nimage = '/no/image'", GUEST_IMAGE, "/no/image"));
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void aWrongConfigurationOfTheHostIsToldToWhoeverCreates(
      String toml, ErrorCode code, String words) {
    Path bundle = bundle().write();

    Refusal.check(
        casemate.withConfiguration(toml).run("create", "--bundle", bundle.toString(), ID),
        1,
        code,
        words);
  }

  @Test
  void aConfigurationThatCannotBeReadIsTold() {
    Path bundle = bundle().write();
    CasemateCommand configured = casemate.withConfiguration("");
    String file = "/etc/casemate/configuration.toml";
    for (String spoiling :
        List.of(
            "rm " + file + "; mkdir " + file,
            "printf '\\377\\376' >" + file,
            "head -c 2000000 /dev/zero >" + file)) {
      Refusal.check(
          configured.onHostWith(spoiling).run("create", "--bundle", bundle.toString(), ID),
          1,
          INVALID_ARGUMENT,
          "read the configuration",
          file);
    }
  }

  @Test
  void withoutAGuestThereIsNothingToBoot() {
    CasemateCommand bare =
        casemate.onHostWith("mount -t tmpfs none " + CasemateCommand.home() + "/share/guest");

    Refusal.check(
        bare.run("create", "--bundle", bundle().write().toString(), ID),
        1,
        GUEST_IMAGE,
        "there is no",
        "./x image");
  }

  @Test
  void aDamagedGuestIsFoundOutBeforeItIsBooted() throws IOException {
    Path installed = guest();
    String bundle = bundle().write().toString();
    Random random = new Random(SEED);
    for (Path original : files(installed)) {
      for (boolean truncated : new boolean[] {true, false}) {
        Path guests = scratch.resolve("guests");
        Path copy = guests.resolve(installed.getFileName());
        copy(installed, copy);
        Path damaged = copy.resolve(original.getFileName());
        byte[] content = Files.readAllBytes(damaged);
        int at = random.nextInt(content.length);
        if (truncated) {
          Files.write(damaged, Arrays.copyOf(content, at));
        } else if (isText(damaged)) {
          // Not every bit of a text matters; its first one does.
          content[0] ^= 1;
          Files.write(damaged, content);
        } else {
          content[at] ^= (byte) (1 << random.nextInt(8));
          Files.write(damaged, content);
        }

        CommandResult result =
            casemate
                .onHostWith("mount --bind " + guests + " " + installed.getParent())
                .run("create", "--bundle", bundle, ID);

        Refusal.check(result, 1, GUEST_IMAGE, String.valueOf(original.getFileName()), "./x image");
      }
    }
  }

  private static boolean isText(Path file) {
    return file.toString().endsWith(".json");
  }

  /** The guest that a machine without configuration boots. */
  private static Path guest() {
    Path guests = CasemateCommand.home().resolve("share/guest");
    Path own = guests.resolve("own");
    return Files.exists(own.resolve("guest.json")) ? own : guests.resolve("stock");
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return new ArrayList<>(files.filter(Files::isRegularFile).sorted().toList());
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    for (Path file : files(from)) {
      Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** One machine for all states, since each boot takes seconds. */
  @Test
  void verbsAreRefusedInTheWrongState() {
    String bundle =
        bundle()
            .args("sh", "-c", "trap 'exit 3' TERM; while :; do sleep 1; done")
            .write()
            .toString();
    casemate.run("create", "--bundle", bundle, ID).mustSucceed();
    Refusal.check(
        casemate.run("create", "--bundle", bundle, ID),
        1,
        ALREADY_EXISTS,
        "container with given ID already exists");
    Refusal.check(casemate.run("run", "--bundle", bundle, ID), 1, ALREADY_EXISTS, "already exists");
    Refusal.check(casemate.run("resume", ID), 1, WRONG_STATE, "container not paused");
    Refusal.check(casemate.run("kill", ID, "NONSENSE"), 1, INVALID_ARGUMENT, "unknown signal");

    casemate.run("start", ID).mustSucceed();
    Refusal.check(casemate.run("start", ID), 1, WRONG_STATE, "running");
    Refusal.check(casemate.run("delete", ID), 1, WRONG_STATE, "running");
    Refusal.check(casemate.run("exec", ID, "nonsense"), 255, ErrorCode.EXEC_FAILED, "nonsense");
    Refusal.check(casemate.run("exec", ID), 255, INVALID_ARGUMENT, "args cannot be empty");
    Refusal.check(casemate.run("exec", "--process", "/nowhere", ID), 255, NOT_FOUND, "/nowhere");
    Refusal.check(casemate.run("exec", "-u", "me", ID, "true"), 255, INVALID_ARGUMENT, "'me'");

    casemate.run("pause", ID).mustSucceed();
    Refusal.check(casemate.run("pause", ID), 1, WRONG_STATE, "paused");
    Refusal.check(casemate.run("exec", ID, "true"), 255, WRONG_STATE, "paused");
    Refusal.check(casemate.run("delete", ID), 1, WRONG_STATE, "paused");
    casemate.run("resume", ID).mustSucceed();

    casemate.run("kill", ID, "TERM").mustSucceed();
    Await.until("it has stopped", () -> casemate.run("state", ID).text().contains("\"stopped\""));
    for (String verb : List.of("start", "kill", "pause", "resume", "ps", "update", "events")) {
      Refusal.check(casemate.run(verb, ID), 1, WRONG_STATE);
    }
    Refusal.check(casemate.run("kill", ID), 1, WRONG_STATE, "container not running");
    Refusal.check(casemate.run("exec", ID, "true"), 255, WRONG_STATE, "stopped");
    Refusal.check(
        casemate.run("create", "--bundle", bundle, ID), 1, ALREADY_EXISTS, "already exists");
    casemate.run("delete", ID).mustSucceed();
    Refusal.check(casemate.run("delete", ID), 1, NOT_FOUND, "container does not exist");
  }
}
