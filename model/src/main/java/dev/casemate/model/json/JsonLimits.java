package dev.casemate.model.json;

/**
 * What a document may cost.
 *
 * @param bytes the largest accepted input in bytes, at least 1
 * @param depth the deepest accepted nesting of arrays and objects, 1 to 128
 */
public record JsonLimits(int bytes, int depth) {
  /** Requests, state files, replies: none of ours comes near. */
  public static final JsonLimits SMALL = new JsonLimits(1 << 20, 64);

  /** A container's {@code config.json}; the largest seen in the field are some 100 KiB. */
  public static final JsonLimits OCI = new JsonLimits(10 << 20, 64);

  // The parser recurses; 128 levels fit the smallest stack that our JVMs give a thread (200 KiB).
  private static final int DEEPEST = 128;

  /** Checks the ranges. */
  public JsonLimits {
    if (bytes < 1 || depth < 1 || depth > DEEPEST) {
      throw new IllegalArgumentException("bytes " + bytes + ", depth " + depth);
    }
  }
}
