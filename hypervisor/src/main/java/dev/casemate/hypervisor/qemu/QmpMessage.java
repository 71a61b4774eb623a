package dev.casemate.hypervisor.qemu;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.Json;
import dev.casemate.model.json.JsonBoolean;
import dev.casemate.model.json.JsonLimits;
import dev.casemate.model.json.JsonNull;
import dev.casemate.model.json.JsonNumber;
import dev.casemate.model.json.JsonObject;
import dev.casemate.model.json.JsonString;
import dev.casemate.model.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * One line from QEMU's monitor (QEMU's docs/interop/qmp-spec). QEMU is less trusted than we are:
 * anything but a well-formed message is a PROTOCOL error.
 */
sealed interface QmpMessage {
  /** The largest message accepted, in bytes. What we ask for answers in well under 1 KiB. */
  int LARGEST = 64 * 1024;

  /** Nesting in what we ask for is below 5. */
  JsonLimits LIMITS = new JsonLimits(LARGEST, 16);

  /** Sent once, first. */
  record Greeting(int major, int minor, int micro) implements QmpMessage {}

  /** A command's success. */
  record Reply(long id, JsonValue value) implements QmpMessage {}

  /** A command's failure. The id is -1 when QEMU could not even read the command. */
  record Failure(long id, String errorClass, String description) implements QmpMessage {}

  /** Something happened to the machine. */
  record Event(QmpEvent event) implements QmpMessage {}

  /** Parses one line. */
  static QmpMessage parse(byte[] line) {
    JsonObject message;
    try {
      message = Json.parseObject(line, "QMP message", LIMITS);
    } catch (CasemateException e) {
      throw broken(e.why(), e);
    }
    if (message.get("QMP") instanceof JsonObject greeting) {
      return greeting(greeting);
    }
    if (message.get("event") instanceof JsonString name) {
      JsonObject data = message.get("data") instanceof JsonObject o ? o : JsonObject.EMPTY;
      return new Event(event(name.value(), data));
    }
    JsonValue value = message.get("return");
    if (value != null) {
      return new Reply(id(message.get("id")), value);
    }
    if (message.get("error") instanceof JsonObject error) {
      JsonValue id = message.get("id");
      return new Failure(
          id == null || id == JsonNull.NULL ? -1 : id(id),
          text(error, "class"),
          text(error, "desc"));
    }
    throw broken("neither greeting, event, return nor error", null);
  }

  private static Greeting greeting(JsonObject greeting) {
    if (greeting.get("version") instanceof JsonObject version
        && version.get("qemu") instanceof JsonObject qemu) {
      return new Greeting(number(qemu, "major"), number(qemu, "minor"), number(qemu, "micro"));
    }
    throw broken("a greeting without a version", null);
  }

  private static QmpEvent event(String name, JsonObject data) {
    return switch (name) {
      case "SHUTDOWN" -> new QmpEvent.Shutdown(flag(data, "guest"), text(data, "reason"));
      case "RESET" -> new QmpEvent.Reset(flag(data, "guest"), text(data, "reason"));
      case "GUEST_PANICKED" -> new QmpEvent.GuestPanicked(text(data, "action"));
      case "VSERPORT_CHANGE" -> new QmpEvent.PortChanged(text(data, "id"), flag(data, "open"));
      case "STOP" -> new QmpEvent.Stopped();
      case "RESUME" -> new QmpEvent.Resumed();
      default -> new QmpEvent.Other(shortened(name));
    };
  }

  private static long id(@Nullable JsonValue value) {
    if (value instanceof JsonNumber number && number.isInteger()) {
      try {
        return Long.parseLong(number.literal());
      } catch (NumberFormatException e) {
        throw broken("id " + shortened(number.literal()) + " is out of range", e);
      }
    }
    throw broken("a reply without a number as its id", null);
  }

  private static int number(JsonObject object, String name) {
    long value = id(object.get(name));
    if (value < 0 || value > MOST_VERSION) {
      throw broken(name + " is " + value, null);
    }
    return (int) value;
  }

  /** No part of a QEMU version comes near. */
  int MOST_VERSION = 9999;

  private static boolean flag(JsonObject object, String name) {
    return object.get(name) == JsonBoolean.TRUE;
  }

  private static String text(JsonObject object, String name) {
    return object.get(name) instanceof JsonString text ? shortened(text.value()) : "";
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT);
  }

  /** Longest text from QEMU that we keep, in characters. */
  int LONGEST_TEXT = 400;

  private static CasemateException broken(String why, @Nullable Throwable cause) {
    return new CasemateException(ErrorCode.PROTOCOL, "understand QEMU's monitor", why, "", cause);
  }
}
