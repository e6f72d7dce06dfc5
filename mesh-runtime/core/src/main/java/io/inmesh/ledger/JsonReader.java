package io.inmesh.ledger;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.inmesh.ledger.Schema.EnumValue;
import io.inmesh.ledger.Schema.Field;
import io.inmesh.ledger.Schema.Message;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * From what JSON is made of to wire bytes, by the ledger's schema. One instance for one use.
 * JsonFormat of protobuf cannot do it: it ends at the first field or type that it does not know.
 */
final class JsonReader {
  private static final int MAX_DEPTH = 100;
  private static final String GOOGLE = "google.protobuf.";

  private final Schema schema;
  private final Map<String, LedgerFinding> notRead = new LinkedHashMap<>();
  private final Deque<String> path = new ArrayDeque<>();

  JsonReader(Schema schema) {
    this.schema = schema;
  }

  JsonResource read(String typeUrl, Map<String, ?> tree) {
    String name = typeUrl.substring(typeUrl.lastIndexOf('/') + 1);
    Message message = schema.find(name);
    if (message == null) {
      throw new IllegalArgumentException("no such message is known here: " + typeUrl);
    }
    ByteString bytes = message(message, tree);
    return new JsonResource(bytes, List.copyOf(notRead.values()));
  }

  /** What writes to a stream that is in memory. */
  private interface Write {
    void to(CodedOutputStream out) throws IOException;
  }

  private static ByteString bytes(Write write) {
    ByteString.Output buffer = ByteString.newOutput();
    CodedOutputStream out = CodedOutputStream.newInstance(buffer);
    try {
      write.to(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return buffer.toByteString();
  }

  private ByteString message(Message message, Map<String, ?> tree) {
    if (path.size() > MAX_DEPTH) {
      throw wrong("is nested deeper than " + MAX_DEPTH);
    }
    return bytes(
        out -> {
          for (Map.Entry<String, ?> entry : tree.entrySet()) {
            Field field = message.byJsonName.get(entry.getKey());
            if (field != null) {
              path.addLast(field.name);
              field(field, entry.getValue(), out);
              path.removeLast();
            } else if (!entry.getKey().equals("@type")) {
              unread(message.name + "." + entry.getKey());
              out.writeUInt32(JsonResource.UNREAD, 1);
            }
          }
        });
  }

  private void unread(String what) {
    LedgerFinding before = notRead.get(what);
    notRead.put(
        what,
        new LedgerFinding(
            what,
            before == null ? place() : before.where(),
            before == null ? 1 : before.count() + 1,
            "newer than the messages known here"));
  }

  private String place() {
    return String.join(".", path).replace(".[", "[");
  }

  private IllegalArgumentException wrong(String what) {
    return new IllegalArgumentException((path.isEmpty() ? "" : place() + ": ") + what);
  }

  private void field(Field field, @Nullable Object value, CodedOutputStream out)
      throws IOException {
    if (value == null) {
      return;
    }
    if (field.message != null && field.message.mapEntry) {
      for (Map.Entry<String, ?> entry : map(value).entrySet()) {
        ByteString pair = entry(field.message, entry.getKey(), entry.getValue());
        out.writeBytes(field.number, pair);
      }
    } else if (field.repeated) {
      if (!(value instanceof List<?> list)) {
        throw wrong("needs a list, is " + shown(value));
      }
      int i = 0;
      for (Object element : list) {
        path.addLast("[" + i++ + "]");
        if (element == null) {
          throw wrong("is null");
        }
        one(field, element, out);
        path.removeLast();
      }
    } else {
      one(field, value, out);
    }
  }

  private ByteString entry(Message entry, String key, @Nullable Object value) {
    return bytes(
        out -> {
          Field of = entry.byNumber.get(1);
          Field to = entry.byNumber.get(2);
          if (of != null && to != null) {
            one(of, key, out);
            field(to, value, out);
          }
        });
  }

  private void one(Field field, Object value, CodedOutputStream out) throws IOException {
    int number = field.number;
    switch (field.type) {
      case TYPE_MESSAGE -> out.writeBytes(number, nested(field, value));
      case TYPE_STRING -> out.writeString(number, text(value));
      case TYPE_BYTES -> out.writeBytes(number, WellKnown.base64(text(value)));
      case TYPE_BOOL -> out.writeBool(number, bool(value));
      case TYPE_ENUM -> out.writeEnum(number, enumValue(field, value));
      case TYPE_DOUBLE -> out.writeDouble(number, real(value));
      case TYPE_FLOAT -> out.writeFloat(number, (float) real(value));
      case TYPE_INT32, TYPE_INT64 -> out.writeInt64(number, integer(value));
      case TYPE_UINT32, TYPE_UINT64 -> out.writeUInt64(number, integer(value));
      case TYPE_SINT32, TYPE_SINT64 -> out.writeSInt64(number, integer(value));
      case TYPE_FIXED32, TYPE_SFIXED32 -> out.writeFixed32(number, (int) integer(value));
      case TYPE_FIXED64, TYPE_SFIXED64 -> out.writeFixed64(number, integer(value));
      case TYPE_GROUP -> throw wrong("is a group");
    }
  }

  private ByteString nested(Field field, Object value) {
    if (field.typeName.equals(Schema.ANY)) {
      return any(map(value));
    }
    if (field.typeName.startsWith(GOOGLE)) {
      return wellKnown(field.typeName, value);
    }
    if (field.message == null) {
      unread(field.path());
      return bytes(out -> out.writeUInt32(JsonResource.UNREAD, 1));
    }
    return message(field.message, map(value));
  }

  private ByteString any(Map<String, ?> tree) {
    Object url = tree.get("@type");
    if (url == null) {
      if (tree.isEmpty()) {
        return ByteString.EMPTY;
      }
      throw wrong("needs an @type");
    }
    String name = url.toString().substring(url.toString().lastIndexOf('/') + 1);
    ByteString body;
    Message message = schema.find(name);
    if (message != null) {
      body = message(message, tree);
    } else if (name.startsWith(GOOGLE) && tree.get("value") != null) {
      body = wellKnown(name, java.util.Objects.requireNonNull(tree.get("value")));
    } else {
      body = ByteString.EMPTY; // the walk says that nobody knows the type
    }
    return bytes(
        out -> {
          out.writeString(1, url.toString());
          out.writeTag(2, WireFormat.WIRETYPE_LENGTH_DELIMITED);
          out.writeBytesNoTag(body);
        });
  }

  private ByteString wellKnown(String name, Object value) {
    try {
      return WellKnown.bytes(name.substring(GOOGLE.length()), value);
    } catch (IllegalArgumentException | ArithmeticException | java.time.DateTimeException e) {
      throw wrong("cannot be a " + name + ": " + shown(value));
    }
  }

  private int enumValue(Field field, Object value) {
    if (value instanceof Number) {
      return (int) integer(value);
    }
    for (Map.Entry<Integer, EnumValue> known : field.values.entrySet()) {
      if (known.getValue().name().equals(value)) {
        return known.getKey();
      }
    }
    unread(field.path() + "=" + value);
    return JsonResource.UNREAD_VALUE;
  }

  private Map<String, ?> map(Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw wrong("needs an object, is " + shown(value));
    }
    Map<String, @Nullable Object> copy = new LinkedHashMap<>();
    map.forEach((key, element) -> copy.put(String.valueOf(key), element));
    return copy;
  }

  private String text(Object value) {
    if (value instanceof Map || value instanceof List) {
      throw wrong("needs text, is " + shown(value));
    }
    return value.toString();
  }

  private boolean bool(Object value) {
    String text = text(value);
    if (!text.equals("true") && !text.equals("false")) {
      throw wrong("needs true or false, is " + shown(value));
    }
    return text.equals("true");
  }

  private double real(Object value) {
    try {
      return Double.parseDouble(text(value));
    } catch (NumberFormatException e) {
      throw wrong("needs a number, is " + shown(value));
    }
  }

  private long integer(Object value) {
    try {
      BigInteger number = new BigDecimal(text(value)).toBigIntegerExact();
      if (number.bitLength() > 64) {
        throw wrong("is too large: " + shown(value));
      }
      return number.longValue();
    } catch (NumberFormatException | ArithmeticException e) {
      throw wrong("needs a whole number, is " + shown(value));
    }
  }

  private static String shown(Object value) {
    String text =
        value instanceof Map ? "an object" : value instanceof List ? "a list" : "'" + value + "'";
    return text.length() > 80 ? text.substring(0, 80) + "..." : text;
  }
}
