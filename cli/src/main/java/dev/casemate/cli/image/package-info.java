/**
 * Container images from files: finds the layers of an OCI layout (directory or tar) or of a {@code
 * docker save} tar, checks their digests and unpacks them into a directory.
 *
 * <p>An image comes from a stranger. No entry can name a place outside the directory: names are
 * resolved beneath it, symbolic links included, by {@link dev.casemate.cli.image.RootDirectory}.
 * The directory belongs to one unpacking and nobody else may write to it meanwhile. Numbers and
 * sizes are bounded by {@link dev.casemate.cli.image.ImageLimits}. Device nodes are left out: on
 * the host they would be the host's devices.
 */
package dev.casemate.cli.image;
