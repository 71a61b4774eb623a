package dev.casemate.host.control;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;

/** An error as a message carries it. */
final class ErrorText {
  private ErrorText() {}

  static JsonObject toJson(CasemateException error) {
    return JsonObject.builder()
        .put("code", error.code().number())
        .put("tried", error.tried())
        .put("why", error.why())
        .put("advice", error.advice())
        .build();
  }

  static CasemateException parse(JsonCursor at) {
    int number = at.require("code").int32();
    return new CasemateException(
        code(number), at.textOrEmpty("tried"), at.textOrEmpty("why"), at.textOrEmpty("advice"));
  }

  private static ErrorCode code(int number) {
    for (ErrorCode code : ErrorCode.values()) {
      if (code.number() == number) {
        return code;
      }
    }
    return ErrorCode.BUG;
  }
}
