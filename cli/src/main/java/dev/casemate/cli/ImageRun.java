package dev.casemate.cli;

import dev.casemate.cli.image.Image;
import dev.casemate.cli.image.ImageConfig;
import dev.casemate.cli.line.Flag;
import dev.casemate.cli.line.Flags;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.JsonWriter;
import dev.casemate.model.oci.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** {@code run --image}: from an image to a running container, for people. */
final class ImageRun {
  private static final Path EMPTY_DIRECTORY = Path.of("rootfs");

  private final Invocation invocation;
  private final Timing timing = new Timing();

  ImageRun(Invocation invocation) {
    this.invocation = invocation;
  }

  /** Runs it; tells the exit code. */
  int run() {
    Image image = Image.find(invocation.line().text(Flags.IMAGE));
    ContainerId id = new ContainerId(invocation.line().textOr(Flags.NAME, newName()));
    boolean directory = image.kind() == Image.Kind.DIRECTORY;
    if (invocation.line().has(Flags.BUNDLE)) {
      throw conflict(Flags.BUNDLE, "an image brings its own bundle");
    }
    if (invocation.line().has(Flags.RW) && !directory) {
      throw conflict(Flags.RW, "only a root file system directory can be changed by its container");
    }
    Path root = Path.of(invocation.command().global().textOr(Flags.ROOT, Flags.ROOT.defaultText()));
    try (TemporaryBundle bundle =
        TemporaryBundle.make(TemporaryBundle.DIRECTORY, id, root.toAbsolutePath())) {
      LastAct removal = LastAct.prepare("remove-bundle", bundle::close);
      try {
        return run(image, id, bundle);
      } finally {
        removal.cancel();
      }
    }
  }

  private int run(Image image, ContainerId id, TemporaryBundle bundle) {
    Path rootfs = image.path();
    ImageConfig config = ImageConfig.NONE;
    boolean directory = image.kind() == Image.Kind.DIRECTORY;
    if (!directory) {
      rootfs = makeDirectory(bundle.path().resolve(EMPTY_DIRECTORY));
      timing.begin();
      try (Progress _ = Progress.start(invocation, "unpacking the image")) {
        config = image.unpack(rootfs, bundle.path());
      }
      timing.end("unpack");
    }
    Spec spec = ImageSpec.of(invocation, config, rootfs, id);
    writeSpec(bundle.path(), spec);
    boolean scratch = directory && !invocation.line().has(Flags.RW);
    CreationOrder order =
        new CreationOrder(
            id, bundle.path().toString(), CreateVerb.consoleSocket(invocation), scratch, true);
    boolean terminal = spec.process().terminal();
    boolean input = terminal || invocation.line().has(Flags.INTERACTIVE);
    int code = new ContainerRun(invocation, order, terminal, input, timing).run();
    if (invocation.line().has(Flags.DETACH) || invocation.line().has(Flags.KEEP)) {
      bundle.keep();
      invocation.output().printLine(id.value());
    }
    return code;
  }

  private static Path makeDirectory(Path path) {
    try {
      return Files.createDirectory(path);
    } catch (IOException failure) {
      throw cannotWrite(path, failure);
    }
  }

  private static void writeSpec(Path bundle, Spec spec) {
    Path file = bundle.resolve(Spec.FILE_NAME);
    try {
      Files.writeString(file, JsonWriter.pretty(spec.toJson()) + "\n");
    } catch (IOException failure) {
      throw cannotWrite(file, failure);
    }
  }

  private static CasemateException cannotWrite(Path path, IOException failure) {
    return new CasemateException(
        ErrorCode.EXHAUSTED,
        "write " + path,
        String.valueOf(failure.getMessage()),
        "look for space and permissions",
        failure);
  }

  private static CasemateException conflict(Flag flag, String why) {
    return new CasemateException(
        ErrorCode.INVALID_ARGUMENT,
        "use --" + flag.name() + " with this --image",
        why,
        "leave --" + flag.name() + " away");
  }

  /** Unique on this host: two processes never share a pid at the same moment. */
  private static String newName() {
    long pid = ProcessHandle.current().pid();
    return "run-" + pid + "-" + Long.toString(System.currentTimeMillis(), 36);
  }
}
