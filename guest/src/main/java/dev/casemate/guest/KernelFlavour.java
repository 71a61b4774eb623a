package dev.casemate.guest;

/** Which kernel a guest boots. */
enum KernelFlavour {
  /** The distribution's kernel with an initrd of ours: needs no compiler and a minute. */
  STOCK("stock"),
  /** Our own kernel from the distribution's sources: boots faster, takes ten minutes to make. */
  OWN("own");

  private final String text;

  KernelFlavour(String text) {
    this.text = text;
  }

  /** As the command line and the output directory name it. */
  String text() {
    return text;
  }
}
