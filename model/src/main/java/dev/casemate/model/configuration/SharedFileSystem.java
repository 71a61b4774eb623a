package dev.casemate.model.configuration;

/** How directories of the host reach the guest. */
public enum SharedFileSystem {
  /** virtio-fs where a daemon is installed, else 9p where QEMU and guest have it. */
  AUTO("auto"),
  /** virtio-fs through a vhost-user daemon; an error where there is none. */
  VIRTIO_FS("virtio-fs"),
  /** 9p, served by QEMU itself. */
  VIRTIO_9P("virtio-9p");

  private final String text;

  SharedFileSystem(String text) {
    this.text = text;
  }

  /** As the configuration writes it. */
  public String text() {
    return text;
  }
}
