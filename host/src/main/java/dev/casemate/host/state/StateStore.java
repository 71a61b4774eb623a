package dev.casemate.host.state;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.Json;
import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import dev.casemate.model.json.JsonWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The containers of one root directory: {@code ROOT/ID/state.json} each. A name is claimed by
 * moving its directory into place, so that of several makers exactly one wins; a record is replaced
 * as a whole, so that readers, who take no lock, see the old or the new one. Thread-safe; several
 * processes may use the same root.
 */
public final class StateStore {
  private static final String FILE = "state.json";

  // No id can begin with '#', so that a directory on its way in or out is never listed.
  private static final String MAKING_PREFIX = "#making-";
  private static final String REMOVED_PREFIX = "#removed-";
  private static final String NEXT = "#next";

  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY_DIRECTORY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path root;
  private final Path runDirectories;

  /** The store below a directory, which need not exist yet. */
  public StateStore(Path root) {
    this(root, RunDirectory.PARENT);
  }

  /** A store whose sandboxes run elsewhere. */
  StateStore(Path root, Path runDirectories) {
    this.root = root.toAbsolutePath().normalize();
    this.runDirectories = runDirectories;
  }

  /** The directory of a container. */
  public Path directory(ContainerId id) {
    return root.resolve(id.value());
  }

  /**
   * Takes a name for a container that is about to be made. Name and record appear in one step: from
   * then on whoever finds the name finds what is to be removed, too.
   *
   * @param first tells who makes the container, and where
   * @throws CasemateException ALREADY_EXISTS when the name is taken; EXHAUSTED on a full disk
   */
  public void claim(ContainerRecord first) {
    ContainerId id = first.id();
    String tried = "create container " + id;
    Path making = root.resolve(MAKING_PREFIX + first.monitor().pid() + "-" + unique());
    try {
      if (!Files.isDirectory(root)) {
        Files.createDirectories(root, OWNER_ONLY_DIRECTORY);
      }
      Files.createDirectory(making, OWNER_ONLY_DIRECTORY);
      replace(making, FILE, first.toJson());
      if (Files.exists(directory(id), LinkOption.NOFOLLOW_LINKS)) {
        throw taken(tried);
      }
      // Never replaces another's: a directory with something in it is not overwritten.
      Files.move(making, directory(id), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException failure) {
      throw Files.exists(directory(id), LinkOption.NOFOLLOW_LINKS)
          ? taken(tried)
          : failed(tried, root, failure);
    } finally {
      discard(making);
    }
  }

  private static CasemateException taken(String tried) {
    return new CasemateException(
        ErrorCode.ALREADY_EXISTS,
        tried,
        "the id is in use",
        "choose another id, or delete that container first");
  }

  private static String unique() {
    return Long.toHexString(System.nanoTime()) + "-" + Thread.currentThread().threadId();
  }

  /** Removes what a maker left that was killed while it took a name. */
  public void discardClaims(long maker) {
    try (DirectoryStream<Path> left =
        Files.newDirectoryStream(root, MAKING_PREFIX + maker + "-*")) {
      left.forEach(StateStore::discard);
    } catch (IOException none) {
      // Nothing was made, or nothing can be removed: names beginning like this hinder nobody.
    }
  }

  private static void discard(Path directory) {
    try {
      removeAll(directory);
    } catch (IOException stays) {
      // It is no container's, and no list shows it.
    }
  }

  /** The user id of whoever takes a name in this process, 0 to 2^31-1. */
  public static int owner() {
    Path self = Path.of("/proc/self");
    try {
      return (Integer) Files.getAttribute(self, "unix:uid");
    } catch (IOException failure) {
      throw failed("find this process's user", self, failure);
    }
  }

  /**
   * Writes a container's record; its name must have been claimed.
   *
   * @throws CasemateException NOT_FOUND when it was removed meanwhile; EXHAUSTED on a full disk
   */
  public synchronized void write(ContainerRecord container) {
    Path directory = directory(container.id());
    String tried = "record the state of container " + container.id();
    try {
      if (Files.isDirectory(container.runDirectory())) {
        Path copies = RecordCopy.directory(container.runDirectory());
        if (!Files.isDirectory(copies)) {
          Files.createDirectory(copies, OWNER_ONLY_DIRECTORY);
        }
        replace(copies, container.id().value(), new RecordCopy(root, container).toJson());
      }
      replace(directory, FILE, container.toJson());
    } catch (NoSuchFileException removed) {
      throw new CasemateException(
          ErrorCode.NOT_FOUND, tried, "it was removed meanwhile", "", removed);
    } catch (IOException failure) {
      throw failed(tried, directory, failure);
    }
  }

  /** Puts a file in another's place, as a whole. */
  private static void replace(Path directory, String name, JsonObject content) throws IOException {
    Path next = directory.resolve(NEXT);
    byte[] text = JsonWriter.pretty(content).getBytes(StandardCharsets.UTF_8);
    Files.deleteIfExists(next);
    try (FileChannel file =
        FileChannel.open(
            next,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            OWNER_ONLY_FILE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text);
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
      // Before the rename, or a crash could leave an empty file under the good name.
      file.force(true);
    }
    Files.move(next, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * What stands under a name. A container whose state file is lost or damaged is found by the copy
   * in its run directory, which is there for as long as something runs.
   */
  public StoredState find(ContainerId id) {
    StoredState stored = read(id);
    if (stored instanceof StoredState.Present) {
      return stored;
    }
    return RecordCopy.find(runDirectories, root, id)
        .<StoredState>map(StoredState.Present::new)
        .orElse(stored);
  }

  private StoredState read(ContainerId id) {
    byte[] text;
    try {
      text = Files.readAllBytes(directory(id).resolve(FILE));
    } catch (NoSuchFileException | NotDirectoryException missing) {
      return Files.isDirectory(directory(id))
          ? new StoredState.Damaged("it is missing")
          : new StoredState.Absent();
    } catch (IOException failure) {
      return new StoredState.Damaged(String.valueOf(failure.getMessage()));
    }
    try {
      JsonCursor at = JsonCursor.of(Json.parse(text, FILE, ContainerRecord.LIMITS), FILE);
      ContainerRecord container = ContainerRecord.parse(at);
      return container.id().value().equals(id.value())
          ? new StoredState.Present(container)
          : new StoredState.Damaged("it is the record of " + container.id());
    } catch (CasemateException damaged) {
      return new StoredState.Damaged(damaged.why());
    } catch (IllegalArgumentException | DateTimeException damaged) {
      return new StoredState.Damaged(String.valueOf(damaged.getMessage()));
    }
  }

  /**
   * The container of that name.
   *
   * @param verb names what is tried in errors: {@code "start"}
   * @throws CasemateException NOT_FOUND when there is none; WRONG_STATE when its record is damaged
   */
  public ContainerRecord require(ContainerId id, String verb) {
    return find(id).require(id, verb);
  }

  /** The names that are taken, in their order. */
  public List<ContainerId> list() {
    List<ContainerId> ids = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
      for (Path entry : entries) {
        if (Files.isDirectory(entry)) {
          addNamed(String.valueOf(entry.getFileName()), ids);
        }
      }
    } catch (NoSuchFileException none) {
      return List.of();
    } catch (IOException failure) {
      throw failed("list the containers", root, failure);
    }
    ids.sort((a, b) -> a.value().compareTo(b.value()));
    return List.copyOf(ids);
  }

  private static void addNamed(String name, List<ContainerId> ids) {
    try {
      ids.add(new ContainerId(name));
    } catch (CasemateException foreign) {
      // On its way out, or not of our making.
    }
  }

  /** Frees a name; when nobody holds it, nothing happens. Of several that try, one removes. */
  public void remove(ContainerId id) {
    RecordCopy.find(runDirectories, root, id).ifPresent(StateStore::removeCopy);
    Path leaving = root.resolve(REMOVED_PREFIX + ProcessHandle.current().pid() + "-" + unique());
    try {
      // The rename decides who removes, and frees the name at once and as a whole.
      Files.move(directory(id), leaving, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException gone) {
      return;
    } catch (IOException failure) {
      throw failed("remove the state of container " + id, root, failure);
    }
    try {
      removeAll(leaving);
    } catch (IOException failure) {
      throw failed("remove the state of container " + id, leaving, failure);
    }
  }

  /** Or the name would be found again, for as long as the sandbox lives. */
  private static void removeCopy(ContainerRecord container) {
    Path copy = RecordCopy.directory(container.runDirectory()).resolve(container.id().value());
    try {
      Files.deleteIfExists(copy);
    } catch (IOException failure) {
      throw failed("remove the state of container " + container.id(), copy, failure);
    }
  }

  private static void removeAll(Path directory) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    } catch (NoSuchFileException gone) {
      return;
    }
    Files.deleteIfExists(directory);
  }

  private static CasemateException failed(String tried, Path where, IOException failure) {
    boolean full = DiskSpace.isFull(where);
    return new CasemateException(
        full ? ErrorCode.EXHAUSTED : ErrorCode.HOST_UNFIT,
        tried,
        full ? "the file system of " + where + " is full" : String.valueOf(failure),
        full ? "free some space" : "check that " + where + " can be written",
        failure);
  }
}
