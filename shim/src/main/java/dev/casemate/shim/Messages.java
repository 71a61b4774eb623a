package dev.casemate.shim;

import com.google.protobuf.Any;
import com.google.protobuf.MessageLite;

/** Messages within messages, as containerd's typeurl package names them: without any prefix. */
final class Messages {
  private Messages() {}

  /** A message under its full name. */
  static Any any(String name, MessageLite message) {
    return Any.newBuilder().setTypeUrl(name).setValue(message.toByteString()).build();
  }

  /** Whether a message is of that type, whatever prefix its sender gives the name. */
  static boolean is(Any any, String name) {
    String url = any.getTypeUrl();
    return url.equals(name) || url.endsWith("/" + name);
  }
}
