package dev.casemate.model.oci;

import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.JsonCursor;

/**
 * The versions of the runtime-spec that are understood: 1.0.0 to 1.2.x, also their {@code -dev}.
 */
public final class SpecVersion {
  /** The oldest that is understood. */
  public static final String LEAST = "1.0.0";

  /** The newest that is understood, which is what our own documents carry. */
  public static final String MOST = "1.2.1";

  private static final int NEWEST_MINOR = 2;

  private SpecVersion() {}

  /** Reads and checks the member {@code ociVersion}. */
  static String parse(JsonCursor at) {
    JsonCursor versionAt = at.require("ociVersion");
    String version = versionAt.text();
    if (!isSupported(version)) {
      throw versionAt.error(
          ErrorCode.UNSUPPORTED,
          "the version is not one of " + LEAST + " to 1." + NEWEST_MINOR + ".x",
          "write the configuration for one of them");
    }
    return version;
  }

  /** Whether it is {@code 1.MINOR.PATCH}, with or without {@code -SUFFIX}, and MINOR is known. */
  static boolean isSupported(String version) {
    int suffix = version.indexOf('-');
    String numbers = suffix < 0 ? version : version.substring(0, suffix);
    int firstDot = numbers.indexOf('.');
    int secondDot = numbers.indexOf('.', firstDot + 1);
    if (firstDot < 0 || secondDot < 0) {
      return false;
    }
    int minor = number(numbers.substring(firstDot + 1, secondDot));
    return number(numbers.substring(0, firstDot)) == 1
        && minor >= 0
        && minor <= NEWEST_MINOR
        && number(numbers.substring(secondDot + 1)) >= 0;
  }

  /** The value of one to three digits, or -1. */
  private static int number(String digits) {
    if (digits.isEmpty() || digits.length() > 3) {
      return -1;
    }
    int value = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = 10 * value + digit;
    }
    return value;
  }
}
