package dev.casemate.cli;

import dev.casemate.cli.line.Flag;
import dev.casemate.cli.line.Flags;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.oci.Spec;
import java.util.List;

/** {@code run}: create, start, wait and delete in one, for a bundle or, for people, an image. */
final class RunVerb implements Action {
  private static final List<Flag> FOR_IMAGES =
      List.of(
          Flags.INTERACTIVE,
          Flags.TTY,
          Flags.ENV,
          Flags.VOLUME,
          Flags.WORKDIR,
          Flags.RUN_USER,
          Flags.RUN_MEMORY,
          Flags.CPUS,
          Flags.NAME,
          Flags.HOSTNAME,
          Flags.READ_ONLY,
          Flags.RW,
          Flags.ENTRYPOINT);

  @Override
  public int run(Invocation invocation) {
    PreservedDescriptors.refuse(invocation);
    if (invocation.line().has(Flags.IMAGE)) {
      return new ImageRun(invocation).run();
    }
    refuseImageFlags(invocation);
    if (invocation.line().arguments().size() != 1) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "read the command line of casemate run",
          "\"run\" requires exactly 1 argument(s), the id of the new container",
          "name an image with --image to run without a bundle");
    }
    String bundle = invocation.path(Flags.BUNDLE, ".");
    Spec spec = Bundle.spec(bundle);
    CreationOrder order =
        new CreationOrder(
            invocation.container(), bundle, CreateVerb.consoleSocket(invocation), false, false);
    return new ContainerRun(invocation, order, spec.process().terminal(), true, new Timing()).run();
  }

  private static void refuseImageFlags(Invocation invocation) {
    for (int i = 0; i < FOR_IMAGES.size(); i++) {
      Flag flag = FOR_IMAGES.get(i);
      if (invocation.line().has(flag)) {
        throw new CasemateException(
            ErrorCode.INVALID_ARGUMENT,
            "read the command line of casemate run",
            "--" + flag.name() + " needs --image; a bundle says it in its config.json",
            "name an image with --image or leave the flag away");
      }
    }
  }

  /** Deletes a container; what is gone already is fine. */
  static void delete(Containers host, ContainerId id) {
    try {
      host.delete(id, true);
    } catch (CasemateException failure) {
      if (failure.code() != ErrorCode.NOT_FOUND) {
        throw failure;
      }
    }
  }
}
