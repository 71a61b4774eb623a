package dev.casemate.agent;

import dev.casemate.linux.Descriptor;
import dev.casemate.protocol.ConnectionOptions;
import dev.casemate.protocol.TtrpcConnection;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The agent as a program of its own that serves its standard input and output, so that tests can
 * give it mount and cgroup namespaces of its own. Ends with its input, and takes its containers
 * along.
 */
final class AgentOnPipes {
  private AgentOnPipes() {}

  /** Takes the directory that stands for {@code /run}. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    AgentLog log = new AgentLog(new FileOutputStream(FileDescriptor.err), AgentLog.Level.DEBUG);
    Children children = new Children(log);
    children.start();
    Readiness readiness = new Readiness();
    GuestLayout layout = new GuestLayout(Path.of(arguments[0]), Path.of("/usr/bin/crun"), false);
    Guest guest = Guest.assemble(layout, children, readiness, log);
    guest.prepare();
    readiness.done();
    Descriptor in = Descriptor.duplicateOf(0);
    Descriptor out = Descriptor.duplicateOf(1);
    TtrpcConnection connection =
        Agent.server(guest)
            .serve(
                in.inputStream(),
                out.outputStream(),
                out::close,
                ConnectionOptions.platform("rpc"));
    connection.awaitClosed();
    guest.sandbox().destroy();
    try {
      Files.deleteIfExists(CgroupFiles.at(CgroupFiles.PARENT).directory());
    } catch (FileSystemException e) {
      // Another run uses it.
      log.debug("left the parent cgroup");
    }
  }
}
