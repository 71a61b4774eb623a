package dev.casemate.cli;

import dev.casemate.host.HostRuntime;
import dev.casemate.host.configuration.ConfigurationFile;
import dev.casemate.host.control.MessageStream;
import dev.casemate.host.monitor.SandboxMonitor;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.BufferedInputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;

/**
 * {@code monitor}, hidden: the process that owns a sandbox. {@code create} spawns it and talks to
 * it over its standard input and output, which nothing else may touch.
 */
final class MonitorVerb implements Action {
  @Override
  public int run(Invocation invocation) {
    FileOutputStream output = new FileOutputStream(FileDescriptor.out);
    MessageStream caller =
        new MessageStream(new BufferedInputStream(invocation.input()), output, output);
    try {
      return SandboxMonitor.run(MonitorVerb::runtime, caller);
    } catch (IOException gone) {
      throw new CasemateException(
          ErrorCode.CANCELLED, "make a container", "the caller went away", "", gone);
    }
  }

  private static HostRuntime runtime() {
    return new HostRuntime(
        Installation.home(), ConfigurationFile.read(ConfigurationFile.INSTALLED).configuration());
  }
}
