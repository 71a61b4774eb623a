package dev.casemate.e2e;

import dev.casemate.testkit.CasemateCommand;
import dev.casemate.testkit.Leftovers;
import dev.casemate.testkit.RuncCommand;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests of one container, with one of runc beside it for comparison; nothing stays of either. */
abstract class OneContainer {
  /** The id of both containers. */
  static final String ID = "box";

  @TempDir Path scratch = Path.of("");

  CasemateCommand casemate = CasemateCommand.in(scratch);
  RuncCommand runc = RuncCommand.in(scratch);
  Leftovers leftovers = Leftovers.before();

  @BeforeEach
  void lookAround() {
    casemate = CasemateCommand.in(scratch);
    runc = RuncCommand.in(scratch);
    leftovers = Leftovers.before(casemate.stateDirectory());
  }

  @AfterEach
  void nothingIsLeft() {
    casemate.run("delete", "--force", ID).mustSucceed();
    runc.run("delete", "--force", ID);
    leftovers.mustBeNone();
  }
}
