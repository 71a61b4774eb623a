package dev.casemate.model.oci;

import dev.casemate.model.json.Json;
import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonLimits;
import dev.casemate.model.json.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A process to run (runtime-spec, config, "Process"); also the content of the file that {@code exec
 * --process} names.
 *
 * @param terminal whether it gets a terminal
 * @param consoleSize the terminal's first size
 * @param user whom it runs as
 * @param args the program and its arguments, at least one
 * @param env its whole environment, {@code NAME=value}
 * @param cwd its working directory, absolute
 * @param capabilities its capabilities, or null for none
 * @param rlimits its limits, each type once
 * @param noNewPrivileges whether exec never raises privileges, prctl(2) PR_SET_NO_NEW_PRIVS
 * @param apparmorProfile the profile to confine it with
 * @param oomScoreAdj -1000 to 1000, or null to leave it alone
 * @param selinuxLabel the label to run with
 * @param ioPriority passed through as it is (since runtime-spec 1.1)
 * @param scheduler passed through as it is (since runtime-spec 1.1)
 * @param execCpuAffinity passed through as it is (since runtime-spec 1.2.1)
 */
public record ProcessSpec(
    boolean terminal,
    @Nullable ConsoleSize consoleSize,
    User user,
    List<String> args,
    List<String> env,
    String cwd,
    @Nullable Capabilities capabilities,
    List<Rlimit> rlimits,
    boolean noNewPrivileges,
    @Nullable String apparmorProfile,
    @Nullable Integer oomScoreAdj,
    @Nullable String selinuxLabel,
    @Nullable JsonObject ioPriority,
    @Nullable JsonObject scheduler,
    @Nullable JsonObject execCpuAffinity) {
  private static final int OOM_SCORE_LIMIT = 1000;
  private static final User NOBODY_NAMED = new User(0, 0, null, List.of(), null);

  /** Copies what is mutable. */
  public ProcessSpec {
    args = List.copyOf(args);
    env = List.copyOf(env);
    rlimits = List.copyOf(rlimits);
  }

  /**
   * Reads a process document.
   *
   * @param what names the document in errors
   */
  public static ProcessSpec parse(byte[] document, String what) {
    return parse(JsonCursor.of(Json.parse(document, what, JsonLimits.OCI), what));
  }

  public static ProcessSpec parse(JsonCursor at) {
    JsonCursor user = at.find("user");
    ProcessSpec parsed =
        new ProcessSpec(
            at.flag("terminal"),
            Documents.optional(at, "consoleSize", ConsoleSize::parse),
            user == null ? NOBODY_NAMED : User.parse(user),
            at.texts("args"),
            at.texts("env"),
            at.require("cwd").text(),
            Documents.optional(at, "capabilities", Capabilities::parse),
            Documents.list(at, "rlimits", Rlimit::parse),
            at.flag("noNewPrivileges"),
            at.text("apparmorProfile"),
            at.optionalInt("oomScoreAdj"),
            at.text("selinuxLabel"),
            Documents.passThrough(at, "ioPriority"),
            Documents.passThrough(at, "scheduler"),
            Documents.passThrough(at, "execCPUAffinity"));
    parsed.check(at);
    return parsed;
  }

  private void check(JsonCursor at) {
    if (args.isEmpty()) {
      throw at.errorAt("args", "there is no program to run", "name at least one");
    }
    if (!cwd.startsWith("/")) {
      throw at.require("cwd").error("it is not absolute", "write the whole path");
    }
    if (oomScoreAdj != null && Math.abs((long) oomScoreAdj) > OOM_SCORE_LIMIT) {
      throw at.require("oomScoreAdj").error("it is not in -1000 to 1000", "correct the value");
    }
    Set<String> types = new HashSet<>();
    for (Rlimit rlimit : rlimits) {
      if (!types.add(rlimit.type())) {
        throw at.require("rlimits").error(rlimit.type() + " is there twice", "keep one of them");
      }
    }
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder()
        .putFlag("terminal", terminal)
        .put("consoleSize", consoleSize == null ? null : consoleSize.toJson())
        .put("user", user.toJson())
        .putStrings("args", args)
        .putStrings("env", env)
        .put("cwd", cwd)
        .put("capabilities", capabilities == null ? null : capabilities.toJson())
        .putArray("rlimits", Documents.array(rlimits, Rlimit::toJson))
        .putFlag("noNewPrivileges", noNewPrivileges)
        .put("apparmorProfile", apparmorProfile)
        .put("oomScoreAdj", oomScoreAdj)
        .put("selinuxLabel", selinuxLabel)
        .put("ioPriority", ioPriority)
        .put("scheduler", scheduler)
        .put("execCPUAffinity", execCpuAffinity)
        .build();
  }

  /** The same, confined by no host security module. */
  public ProcessSpec withoutHostLabels() {
    return new ProcessSpec(
        terminal,
        consoleSize,
        user,
        args,
        env,
        cwd,
        capabilities,
        rlimits,
        noNewPrivileges,
        null,
        oomScoreAdj,
        null,
        ioPriority,
        scheduler,
        execCpuAffinity);
  }

  /** The same with these limits, too, as far as it names none of the type. */
  public ProcessSpec withDefaultLimits(List<Rlimit> defaults) {
    List<Rlimit> all = new ArrayList<>(rlimits);
    for (Rlimit limit : defaults) {
      if (rlimits.stream().noneMatch(named -> named.type().equals(limit.type()))) {
        all.add(limit);
      }
    }
    return new ProcessSpec(
        terminal,
        consoleSize,
        user,
        args,
        env,
        cwd,
        capabilities,
        all,
        noNewPrivileges,
        apparmorProfile,
        oomScoreAdj,
        selinuxLabel,
        ioPriority,
        scheduler,
        execCpuAffinity);
  }

  /** The same with another program, environment and terminal, as {@code exec} derives it. */
  public ProcessSpec withCommand(
      List<String> otherArgs, List<String> otherEnv, boolean otherTerminal) {
    return new ProcessSpec(
        otherTerminal,
        consoleSize,
        user,
        otherArgs,
        otherEnv,
        cwd,
        capabilities,
        rlimits,
        noNewPrivileges,
        apparmorProfile,
        oomScoreAdj,
        selinuxLabel,
        ioPriority,
        scheduler,
        execCpuAffinity);
  }

  /** The same in another directory. */
  public ProcessSpec withCwd(String other) {
    return new ProcessSpec(
        terminal,
        consoleSize,
        user,
        args,
        env,
        other,
        capabilities,
        rlimits,
        noNewPrivileges,
        apparmorProfile,
        oomScoreAdj,
        selinuxLabel,
        ioPriority,
        scheduler,
        execCpuAffinity);
  }

  /** The same as another user. */
  public ProcessSpec withUser(User other) {
    return new ProcessSpec(
        terminal,
        consoleSize,
        other,
        args,
        env,
        cwd,
        capabilities,
        rlimits,
        noNewPrivileges,
        apparmorProfile,
        oomScoreAdj,
        selinuxLabel,
        ioPriority,
        scheduler,
        execCpuAffinity);
  }

  /** The same with other capabilities. */
  public ProcessSpec withCapabilities(@Nullable Capabilities other) {
    return new ProcessSpec(
        terminal,
        consoleSize,
        user,
        args,
        env,
        cwd,
        other,
        rlimits,
        noNewPrivileges,
        apparmorProfile,
        oomScoreAdj,
        selinuxLabel,
        ioPriority,
        scheduler,
        execCpuAffinity);
  }

  /** The same with the flag set. */
  public ProcessSpec withNoNewPrivileges() {
    return new ProcessSpec(
        terminal,
        consoleSize,
        user,
        args,
        env,
        cwd,
        capabilities,
        rlimits,
        true,
        apparmorProfile,
        oomScoreAdj,
        selinuxLabel,
        ioPriority,
        scheduler,
        execCpuAffinity);
  }
}
