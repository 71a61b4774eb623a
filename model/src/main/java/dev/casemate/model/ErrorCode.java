package dev.casemate.model;

/**
 * Everything that can go wrong, by kind. The number is stable, travels on the wire and names a page
 * under {@code docs/errors}; nothing decides on message text.
 */
public enum ErrorCode {
  /** A malformed or contradictory request, bundle or configuration. */
  INVALID_ARGUMENT(100, Owner.USER, 3),
  /** The named container, process, bundle or file does not exist. */
  NOT_FOUND(101, Owner.USER, 5),
  /** The id is in use. */
  ALREADY_EXISTS(102, Owner.USER, 6),
  /** The verb does not apply to the state that the container or process is in. */
  WRONG_STATE(103, Owner.USER, 9),
  /** A feature that the chosen VMM, guest or host lacks; raised before anything is touched. */
  UNSUPPORTED(104, Owner.USER, 12),
  /** The program to run in the container cannot be executed. */
  EXEC_FAILED(105, Owner.USER, 3),
  /** An OCI hook failed or timed out. */
  HOOK_FAILED(106, Owner.USER, 9),

  /** A program, kernel feature or permission that the host must provide is missing. */
  HOST_UNFIT(200, Owner.HOST, 9),
  /** No guest kernel or image, or one that does not match its digest. */
  GUEST_IMAGE(201, Owner.HOST, 9),
  /** The VMM could not be started, or died. */
  VMM_DIED(202, Owner.HOST, 14),
  /** The guest kernel panicked. */
  GUEST_PANIC(203, Owner.HOST, 14),
  /** The guest agent did not answer within its bound. */
  AGENT_SILENT(204, Owner.HOST, 14),
  /** A host process of the sandbox (file daemon, monitor) died. */
  HELPER_DIED(205, Owner.HOST, 14),

  /** The host has no disk, memory, descriptors or process ids left for the request. */
  EXHAUSTED(300, Owner.RESOURCES, 8),
  /** A bound on time ran out. */
  TIMED_OUT(301, Owner.RESOURCES, 4),
  /** The caller went away or gave up before the request was done. */
  CANCELLED(302, Owner.RESOURCES, 1),

  /** A defect in Casemate. */
  BUG(900, Owner.BUG, 13),
  /** The peer broke the protocol. */
  PROTOCOL(901, Owner.BUG, 13);

  /** Who can do something about an error. */
  public enum Owner {
    /** The caller. */
    USER,
    /** Whoever runs the host. */
    HOST,
    /** Nobody by fault: more of something is needed. */
    RESOURCES,
    /** Casemate's developers. */
    BUG
  }

  private final int number;
  private final Owner owner;
  private final int grpcStatus;

  ErrorCode(int number, Owner owner, int grpcStatus) {
    this.number = number;
    this.owner = owner;
    this.grpcStatus = grpcStatus;
  }

  /** The stable number, 100 to 999. */
  public int number() {
    return number;
  }

  /** Who can do something about it. */
  public Owner owner() {
    return owner;
  }

  /** The canonical gRPC status code (google.rpc.Code), 1 to 16. */
  public int grpcStatus() {
    return grpcStatus;
  }
}
