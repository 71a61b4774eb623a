package dev.casemate.guest;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;

/** Stands for the agent: says that it is up on the host's port, then sends back what it gets. */
public final class EchoAgent {
  private EchoAgent() {}

  /** Echoes for ever, or ends at once when it is only run to be trained. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length == 1 && arguments[0].equals("--train")) {
      return;
    }
    try (RandomAccessFile port = new RandomAccessFile(port(), "rw")) {
      port.write("up\n".getBytes(StandardCharsets.US_ASCII));
      byte[] buffer = new byte[64];
      while (true) {
        int count = port.read(buffer);
        if (count > 0) {
          port.write(buffer, 0, count);
        } else {
          // A port whose host is not there reads as ended.
          Thread.sleep(1);
        }
      }
    }
  }

  /** Waits for the port, which appears some time after its driver, under the device's number. */
  private static File port() throws InterruptedException {
    while (true) {
      File[] ports = new File("/dev").listFiles((dev, name) -> name.startsWith("vport"));
      if (ports != null && ports.length > 0) {
        return ports[0];
      }
      Thread.sleep(1);
    }
  }
}
