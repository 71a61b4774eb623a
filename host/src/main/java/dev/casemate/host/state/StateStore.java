package dev.casemate.host.state;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.Json;
import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonLimits;
import dev.casemate.model.json.JsonWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
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
 * making its directory, so that of several makers exactly one wins; a record is replaced as a
 * whole, so that readers, who take no lock, see the old or the new one. Thread-safe; several
 * processes may use the same root.
 */
public final class StateStore {
  private static final String FILE = "state.json";

  // No id can begin with it, so that a directory on its way out is never listed.
  private static final String REMOVED_PREFIX = "#removed-";

  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY_DIRECTORY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path root;

  /** The store below a directory, which need not exist yet. */
  public StateStore(Path root) {
    this.root = root.toAbsolutePath().normalize();
  }

  /** The directory of a container. */
  public Path directory(ContainerId id) {
    return root.resolve(id.value());
  }

  /**
   * Takes a name.
   *
   * @throws CasemateException ALREADY_EXISTS when it is taken
   */
  public void claim(ContainerId id) {
    String tried = "create container " + id;
    try {
      if (!Files.isDirectory(root)) {
        Files.createDirectories(root, OWNER_ONLY_DIRECTORY);
      }
      Files.createDirectory(directory(id), OWNER_ONLY_DIRECTORY);
    } catch (FileAlreadyExistsException taken) {
      throw new CasemateException(
          ErrorCode.ALREADY_EXISTS,
          tried,
          "the id is in use",
          "choose another id, or delete that container first",
          taken);
    } catch (IOException failure) {
      throw failed(tried, root, failure);
    }
  }

  /** The user id of who took a name, 0 to 2^31-1: the owner of its directory, as for runc. */
  public int owner(ContainerId id) {
    try {
      return (Integer) Files.getAttribute(directory(id), "unix:uid");
    } catch (IOException failure) {
      throw failed("look at the state of container " + id, directory(id), failure);
    }
  }

  /**
   * Writes a container's record; its name must have been claimed.
   *
   * @throws CasemateException NOT_FOUND when it was removed meanwhile; EXHAUSTED on a full disk
   */
  public synchronized void write(ContainerRecord container) {
    Path directory = directory(container.id());
    Path next = directory.resolve(FILE + ".next");
    byte[] text = JsonWriter.pretty(container.toJson()).getBytes(StandardCharsets.UTF_8);
    String tried = "record the state of container " + container.id();
    try {
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
      Files.move(next, directory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException removed) {
      throw new CasemateException(
          ErrorCode.NOT_FOUND, tried, "it was removed meanwhile", "", removed);
    } catch (IOException failure) {
      throw failed(tried, directory, failure);
    }
  }

  /** What stands under a name. */
  public StoredState find(ContainerId id) {
    byte[] text;
    try {
      text = Files.readAllBytes(directory(id).resolve(FILE));
    } catch (NoSuchFileException | NotDirectoryException missing) {
      return Files.isDirectory(directory(id))
          ? new StoredState.Claimed()
          : new StoredState.Absent();
    } catch (IOException failure) {
      return new StoredState.Damaged(String.valueOf(failure.getMessage()));
    }
    try {
      JsonCursor at = JsonCursor.of(Json.parse(text, FILE, JsonLimits.SMALL), FILE);
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
   * @throws CasemateException NOT_FOUND when there is none; WRONG_STATE while it is being made, or
   *     when its record is damaged
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
    // Without the id, which may be as long as a file's name can be.
    String unique = ProcessHandle.current().pid() + "-" + Long.toHexString(System.nanoTime());
    Path leaving = root.resolve(REMOVED_PREFIX + unique);
    try {
      // The rename decides who removes, and frees the name at once and as a whole.
      Files.move(directory(id), leaving, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException gone) {
      return;
    } catch (IOException failure) {
      throw failed("remove the state of container " + id, root, failure);
    }
    try {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(leaving)) {
        for (Path file : files) {
          Files.deleteIfExists(file);
        }
      }
      Files.deleteIfExists(leaving);
    } catch (IOException failure) {
      throw failed("remove the state of container " + id, leaving, failure);
    }
  }

  private static CasemateException failed(String tried, Path where, IOException failure) {
    boolean full = isFull(where);
    return new CasemateException(
        full ? ErrorCode.EXHAUSTED : ErrorCode.HOST_UNFIT,
        tried,
        full ? "the file system of " + where + " is full" : String.valueOf(failure),
        full ? "free some space" : "check that " + where + " can be written",
        failure);
  }

  private static boolean isFull(Path where) {
    Path existing = where;
    while (existing.getParent() != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    try {
      return Files.getFileStore(existing).getUsableSpace() == 0;
    } catch (IOException unknown) {
      return false;
    }
  }
}
