package dev.casemate.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads a file of descriptors (google/protobuf/descriptor.proto, FileDescriptorSet) as facts, one
 * line each, in the terms of the table {@code agent-protocol.facts}. The lite runtime has no
 * classes for descriptors, and these few fields need none.
 */
final class Descriptors {
  private static final int LABEL_REPEATED = 3;

  private static final List<String> TYPES =
      List.of(
          "?",
          "double",
          "float",
          "int64",
          "uint64",
          "int32",
          "fixed64",
          "fixed32",
          "bool",
          "string",
          "group",
          "message",
          "bytes",
          "uint32",
          "enum",
          "sfixed32",
          "sfixed64",
          "sint32",
          "sint64");

  private final List<String> facts = new ArrayList<>();

  private Descriptors() {}

  static List<String> facts(byte[] descriptorSet) throws IOException {
    Descriptors reader = new Descriptors();
    for (Fields file : fields(descriptorSet).messages(1)) {
      reader.file(file);
    }
    return List.copyOf(reader.facts);
  }

  private void file(Fields file) throws IOException {
    String scope = file.text(2);
    for (Fields message : file.messages(4)) {
      message(scope, message);
    }
    for (Fields type : file.messages(5)) {
      enumeration(scope, type);
    }
    for (Fields service : file.messages(6)) {
      String name = scope + "." + service.text(1);
      facts.add("service " + name);
      for (Fields method : service.messages(2)) {
        boolean unary = method.number(5) == 0 && method.number(6) == 0;
        facts.add(
            String.join(
                " ",
                "rpc",
                name,
                method.text(1),
                method.text(2).substring(1),
                method.text(3).substring(1),
                unary ? "unary" : "streaming"));
      }
    }
  }

  private void message(String scope, Fields message) throws IOException {
    String name = scope + "." + message.text(1);
    boolean mapEntry = message.messages(7).stream().anyMatch(options -> options.number(7) != 0);
    facts.add("message " + name + (mapEntry ? " map-entry" : ""));
    List<Fields> oneofs = message.messages(8);
    for (Fields field : message.messages(2)) {
      String type = field.has(6) ? field.text(6).substring(1) : TYPES.get((int) field.number(5));
      facts.add(
          String.join(
              " ",
              "field",
              name,
              Long.toString(field.number(3)),
              label(field, oneofs),
              type,
              field.text(1)));
    }
    for (Fields nested : message.messages(3)) {
      message(name, nested);
    }
    for (Fields nested : message.messages(4)) {
      enumeration(name, nested);
    }
  }

  private static String label(Fields field, List<Fields> oneofs) {
    if (field.number(17) != 0) {
      return "optional";
    }
    if (field.has(9)) {
      return "oneof:" + oneofs.get((int) field.number(9)).text(1);
    }
    return field.number(4) == LABEL_REPEATED ? "repeated" : "singular";
  }

  private void enumeration(String scope, Fields type) throws IOException {
    String name = scope + "." + type.text(1);
    facts.add("enum " + name);
    for (Fields value : type.messages(2)) {
      facts.add("value " + name + " " + value.number(2) + " " + value.text(1));
    }
  }

  private static Fields fields(byte[] message) throws IOException {
    Map<Integer, List<Object>> values = new TreeMap<>();
    CodedInputStream in = CodedInputStream.newInstance(message);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      List<Object> list =
          values.computeIfAbsent(WireFormat.getTagFieldNumber(tag), number -> new ArrayList<>());
      switch (WireFormat.getTagWireType(tag)) {
        case WireFormat.WIRETYPE_VARINT -> list.add(in.readInt64());
        case WireFormat.WIRETYPE_LENGTH_DELIMITED -> list.add(in.readBytes());
        default -> throw new IOException("a descriptor has a field of an unexpected wire type");
      }
    }
    return new Fields(values);
  }

  /** The fields of one message by number. */
  private record Fields(Map<Integer, List<Object>> values) {
    boolean has(int number) {
      return values.containsKey(number);
    }

    String text(int number) {
      return ((ByteString) values.getOrDefault(number, List.of(ByteString.EMPTY)).get(0))
          .toStringUtf8();
    }

    long number(int number) {
      return (Long) values.getOrDefault(number, List.of(0L)).get(0);
    }

    List<Fields> messages(int number) throws IOException {
      List<Fields> messages = new ArrayList<>();
      for (Object value : values.getOrDefault(number, List.of())) {
        messages.add(fields(((ByteString) value).toByteArray()));
      }
      return messages;
    }
  }
}
