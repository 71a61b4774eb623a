package dev.casemate.host.caller;

import dev.casemate.host.control.StandInFifos;
import dev.casemate.linux.Descriptor;
import dev.casemate.linux.Filesystem;
import dev.casemate.linux.OpenAccess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The monitor's ends of the FIFOs of one stand-in. */
final class StandInPipes implements AutoCloseable {
  private static final int OWNER_ONLY = 0600;

  private final StandInFifos fifos;
  private final Descriptor orders;
  private final Descriptor reports;

  private StandInPipes(StandInFifos fifos, Descriptor orders, Descriptor reports) {
    this.fifos = fifos;
    this.orders = orders;
    this.reports = reports;
  }

  /** Makes the FIFOs, their names beginning with a prefix. */
  static StandInPipes make(Path directory, String prefix) {
    StandInFifos fifos =
        new StandInFifos(
            directory.resolve(prefix + ".orders"), directory.resolve(prefix + ".reports"));
    Filesystem.makeFifo(fifos.orders().toString(), OWNER_ONLY);
    Filesystem.makeFifo(fifos.reports().toString(), OWNER_ONLY);
    // Opened for both directions, neither open waits for the stand-in, and its own never wait for
    // us.
    return new StandInPipes(
        fifos,
        Descriptor.open(fifos.orders().toString(), OpenAccess.READ_WRITE),
        Descriptor.open(fifos.reports().toString(), OpenAccess.READ_WRITE));
  }

  StandInFifos fifos() {
    return fifos;
  }

  Descriptor reports() {
    return reports;
  }

  /** Gives an order; a stand-in that is gone does not matter. */
  void order(String line) {
    orders.writeAll((line + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  public void close() {
    // The names first: a stand-in that comes late finds none, and does not wait for an end to open.
    try {
      Files.deleteIfExists(fifos.orders());
      Files.deleteIfExists(fifos.reports());
    } catch (IOException unwritable) {
      throw new UncheckedIOException(unwritable);
    } finally {
      orders.close();
      reports.close();
    }
  }
}
