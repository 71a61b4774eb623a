package dev.casemate.cli.image;

/**
 * What an image may cost.
 *
 * @param bytes the greatest sum of file sizes that is unpacked
 * @param entries the greatest number of files in all layers
 * @param layers the greatest number of layers
 * @param documentBytes the greatest size of a manifest, index or configuration
 */
record ImageLimits(long bytes, long entries, int layers, int documentBytes) {
  /**
   * 64 GiB and two million files, beyond which an image is rather an attack on the disk; 256
   * layers, twice what overlay file systems take; documents of 4 MiB, the bound of registries.
   */
  static final ImageLimits DEFAULT = new ImageLimits(64L << 30, 2_000_000, 256, 4 << 20);
}
