package dev.casemate.host.control;

import dev.casemate.core.TerminalSize;
import dev.casemate.model.ExecId;
import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import dev.casemate.model.oci.ProcessSpec;
import dev.casemate.model.oci.Resources;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What a verb asks of the monitor of a container that exists. */
public sealed interface ControlRequest {
  /** The message's kind. */
  String kind();

  /** The message's content. */
  JsonObject toJson();

  /** Lets the first process go. */
  record Start() implements ControlRequest {
    @Override
    public String kind() {
      return "start";
    }

    @Override
    public JsonObject toJson() {
      return JsonObject.EMPTY;
    }
  }

  /** Sends a signal, 1 to 64. */
  record Kill(int signal, boolean all) implements ControlRequest {
    @Override
    public String kind() {
      return "kill";
    }

    @Override
    public JsonObject toJson() {
      return JsonObject.builder().put("signal", signal).putFlag("all", all).build();
    }
  }

  /**
   * Starts a further process; after READY the stand-in's process id follows.
   *
   * @param consoleSocket where the terminal's master goes, or null
   */
  record Exec(ExecId exec, ProcessSpec process, @Nullable Path consoleSocket)
      implements ControlRequest {
    @Override
    public String kind() {
      return "exec";
    }

    @Override
    public JsonObject toJson() {
      return JsonObject.builder()
          .put("exec", exec.value())
          .put("process", process.toJson())
          .put("consoleSocket", consoleSocket == null ? null : consoleSocket.toString())
          .build();
    }
  }

  /**
   * Sets a terminal's size.
   *
   * @param exec null for the first process
   */
  record Resize(@Nullable ExecId exec, TerminalSize size) implements ControlRequest {
    @Override
    public String kind() {
      return "resize";
    }

    @Override
    public JsonObject toJson() {
      return JsonObject.builder()
          .put("exec", exec == null ? null : exec.value())
          .put("columns", size.columns())
          .put("rows", size.rows())
          .build();
    }
  }

  /** Freezes every process. */
  record Pause() implements ControlRequest {
    @Override
    public String kind() {
      return "pause";
    }

    @Override
    public JsonObject toJson() {
      return JsonObject.EMPTY;
    }
  }

  /** Undoes {@link Pause}. */
  record Resume() implements ControlRequest {
    @Override
    public String kind() {
      return "resume";
    }

    @Override
    public JsonObject toJson() {
      return JsonObject.EMPTY;
    }
  }

  /** Asks for the processes. */
  record Processes() implements ControlRequest {
    @Override
    public String kind() {
      return "processes";
    }

    @Override
    public JsonObject toJson() {
      return JsonObject.EMPTY;
    }
  }

  /**
   * Waits until the container lacked memory more often, or has stopped; not for ever.
   *
   * @param known how often the caller knows of
   */
  record AwaitOutOfMemory(long known) implements ControlRequest {
    @Override
    public String kind() {
      return "awaitOutOfMemory";
    }

    @Override
    public JsonObject toJson() {
      return JsonObject.builder().put("known", known).build();
    }
  }

  /** Asks for the statistics. */
  record Stats() implements ControlRequest {
    @Override
    public String kind() {
      return "stats";
    }

    @Override
    public JsonObject toJson() {
      return JsonObject.EMPTY;
    }
  }

  /** Changes limits. */
  record Update(Resources resources) implements ControlRequest {
    @Override
    public String kind() {
      return "update";
    }

    @Override
    public JsonObject toJson() {
      return JsonObject.builder().put("resources", resources.toJson()).build();
    }
  }

  /** Ends the sandbox at once, whatever runs in it; the connection ends when all is gone. */
  record Destroy() implements ControlRequest {
    @Override
    public String kind() {
      return "destroy";
    }

    @Override
    public JsonObject toJson() {
      return JsonObject.EMPTY;
    }
  }

  /** Reads it back. */
  static ControlRequest parse(Message message) {
    JsonCursor at = message.content();
    return switch (message.kind()) {
      case "start" -> new Start();
      case "kill" -> new Kill((int) at.require("signal").integer(0, 64), at.flag("all"));
      case "exec" -> {
        String console = at.text("consoleSocket");
        yield new Exec(
            new ExecId(at.require("exec").text()),
            ProcessSpec.parse(at.require("process")),
            console == null ? null : Path.of(console));
      }
      case "resize" -> {
        String exec = at.text("exec");
        yield new Resize(
            exec == null ? null : new ExecId(exec),
            new TerminalSize(at.require("columns").int32(), at.require("rows").int32()));
      }
      case "pause" -> new Pause();
      case "resume" -> new Resume();
      case "processes" -> new Processes();
      case "stats" -> new Stats();
      case "awaitOutOfMemory" ->
          new AwaitOutOfMemory(at.require("known").integer(0, Long.MAX_VALUE));
      case "update" -> new Update(Resources.parse(at.require("resources")));
      case "destroy" -> new Destroy();
      default -> throw at.error("there is no request '" + message.kind() + "'", "");
    };
  }
}
