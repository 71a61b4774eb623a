package dev.casemate.cli.image;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;

/** What can be wrong with an image, as errors for people. */
final class ImageProblem {
  private ImageProblem() {}

  /** The image breaks a rule. */
  static CasemateException malformed(String why) {
    return new CasemateException(
        ErrorCode.INVALID_ARGUMENT,
        "unpack the image",
        why,
        "make the image again, for example with: skopeo copy … oci-archive:image.tar");
  }

  /** The image is larger than its limits. */
  static CasemateException tooLarge(String what) {
    return new CasemateException(
        ErrorCode.EXHAUSTED, "unpack the image", what, "use a smaller image");
  }

  /** The image uses what is not supported. */
  static CasemateException unsupported(String why, String advice) {
    return new CasemateException(ErrorCode.UNSUPPORTED, "unpack the image", why, advice);
  }
}
