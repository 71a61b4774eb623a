package dev.casemate.cli;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.nio.file.Path;

/** Where this program was installed, which its launcher tells. */
final class Installation {
  private Installation() {}

  /** The directory that holds bin, lib, libexec and share. */
  static Path home() {
    String home = System.getProperty("casemate.home", "");
    if (home.isEmpty()) {
      throw new CasemateException(
          ErrorCode.HOST_UNFIT,
          "find the installation",
          "the property casemate.home is not set",
          "start casemate through its bin/casemate");
    }
    return Path.of(home);
  }
}
