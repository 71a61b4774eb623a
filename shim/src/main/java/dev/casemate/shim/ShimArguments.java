package dev.casemate.shim;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import java.nio.file.Path;

/**
 * The command line that containerd calls a shim with: flags in the manner of Go, then one word.
 *
 * @param namespace containerd's
 * @param id of the container; for {@link Action#SERVE} also the sandbox's name
 * @param bundle the container's directory
 */
record ShimArguments(Action action, String namespace, String id, Path bundle, boolean debug) {
  /** What is to be done. */
  enum Action {
    /** Serve a pod; {@code start} does it in the background. */
    SERVE,
    /** Clean up after a shim that died. */
    DELETE,
    /** Print what this runtime is, for containerd. */
    INFO,
    /** Print the version, for people. */
    VERSION,
    /** Do what a shim does, to record which classes that needs. */
    REHEARSE
  }

  /**
   * Reads it.
   *
   * @param here the directory that containerd calls from, the bundle
   * @throws CasemateException INVALID_ARGUMENT
   */
  static ShimArguments parse(String[] words, Path here) {
    Action action = null;
    String namespace = "";
    String id = "";
    Path bundle = here;
    boolean debug = false;
    for (int i = 0; i < words.length; i++) {
      String word = words[i];
      if (!word.startsWith("-")) {
        // What is rehearsed is said behind it, and there is only one thing.
        action = action == Action.REHEARSE ? action : action(word);
        continue;
      }
      String flag = word.substring(word.startsWith("--") ? 2 : 1);
      int equals = flag.indexOf('=');
      String name = equals < 0 ? flag : flag.substring(0, equals);
      switch (name) {
        case "debug" -> debug = equals < 0 || !flag.substring(equals + 1).equals("false");
        case "v" -> action = Action.VERSION;
        case "info" -> action = Action.INFO;
        case "namespace", "id", "bundle", "address", "publish-binary", "socket" -> {
          String value;
          if (equals >= 0) {
            value = flag.substring(equals + 1);
          } else if (i + 1 < words.length) {
            value = words[++i];
          } else {
            throw wrong("-" + name + " needs a value");
          }
          switch (name) {
            case "namespace" -> namespace = value;
            case "id" -> id = value;
            case "bundle" -> bundle = here.resolve(value);
            default -> {
              // containerd tells where it listens by TTRPC_ADDRESS, too, which is what counts.
            }
          }
        }
        default -> throw wrong("there is no flag " + word);
      }
    }
    if (action == null) {
      throw wrong("it is neither start nor delete");
    }
    return new ShimArguments(action, namespace, id, bundle, debug).checked();
  }

  private static Action action(String word) {
    return switch (word) {
      case "start" -> Action.SERVE;
      case "delete" -> Action.DELETE;
      case "rehearse" -> Action.REHEARSE;
      default -> throw wrong("there is no action '" + word + "'");
    };
  }

  private ShimArguments checked() {
    if (action == Action.SERVE || action == Action.DELETE) {
      if (namespace.isEmpty() || id.isEmpty()) {
        throw wrong("-namespace and -id are needed");
      }
      // Both become file names.
      new ContainerId(namespace);
      new ContainerId(id);
    }
    return this;
  }

  private static CasemateException wrong(String why) {
    return new CasemateException(
        ErrorCode.INVALID_ARGUMENT,
        "read the command line",
        why,
        "this program is called by containerd; see docs/operations/containerd.md");
  }
}
