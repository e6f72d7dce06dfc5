package io.inmesh.ledger;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type;
import com.google.protobuf.Duration;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import com.google.protobuf.WireFormat;
import io.inmesh.ledger.Schema.EnumValue;
import io.inmesh.ledger.Schema.Field;
import io.inmesh.ledger.Schema.Message;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From wire bytes to what JSON is made of, by the ledger's schema. One instance for one use. */
final class ResourceTree {
  private static final String REDACTED = "[redacted]";
  private static final String GOOGLE = "google.protobuf.";

  private final Schema schema;

  ResourceTree(Schema schema) {
    this.schema = schema;
  }

  Map<String, @Nullable Object> of(String typeUrl, ByteString body) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    String url = typeUrl.indexOf('/') < 0 ? "type.googleapis.com/" + typeUrl : typeUrl;
    tree.put("@type", url);
    String name = url.substring(url.lastIndexOf('/') + 1);
    try {
      if (name.startsWith(GOOGLE)) {
        tree.put("value", wellKnown(name, body));
        return tree;
      }
      Message message = schema.find(name);
      if (message != null) {
        tree.putAll(fields(message, body));
        return tree;
      }
    } catch (IOException e) {
      tree.keySet().retainAll(List.of("@type"));
    }
    tree.put("value", base64(body));
    return tree;
  }

  private static String base64(ByteString bytes) {
    return Base64.getEncoder().encodeToString(bytes.toByteArray());
  }

  private Map<String, @Nullable Object> fields(Message message, ByteString body)
      throws IOException {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    CodedInputStream in = body.newCodedInput();
    for (int tag; (tag = in.readTag()) != 0; ) {
      Field field = message.byNumber.get(WireFormat.getTagFieldNumber(tag));
      if (field == null) {
        in.skipField(tag);
      } else if (field.message != null && field.message.mapEntry) {
        entry(tree, field, in.readBytes());
      } else if (field.repeated) {
        @SuppressWarnings("unchecked")
        List<@Nullable Object> list =
            (List<@Nullable Object>) tree.computeIfAbsent(field.name, n -> new ArrayList<>());
        repeated(list, field, tag, in);
      } else {
        tree.put(field.name, field.sensitive ? redacted(tag, in) : value(field, in));
      }
    }
    return tree;
  }

  private static String redacted(int tag, CodedInputStream in) throws IOException {
    in.skipField(tag);
    return REDACTED;
  }

  private void repeated(List<@Nullable Object> list, Field field, int tag, CodedInputStream in)
      throws IOException {
    boolean packed =
        WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED
            && !(field.type == Type.TYPE_MESSAGE
                || field.type == Type.TYPE_STRING
                || field.type == Type.TYPE_BYTES);
    if (!packed) {
      list.add(field.sensitive ? redacted(tag, in) : value(field, in));
      return;
    }
    CodedInputStream inner = in.readBytes().newCodedInput();
    while (!inner.isAtEnd()) {
      list.add(value(field, inner));
    }
  }

  private void entry(Map<String, @Nullable Object> tree, Field field, ByteString bytes)
      throws IOException {
    Map<String, @Nullable Object> entry =
        fields(java.util.Objects.requireNonNull(field.message), bytes);
    @SuppressWarnings("unchecked")
    Map<String, @Nullable Object> map =
        (Map<String, @Nullable Object>)
            tree.computeIfAbsent(field.name, n -> new LinkedHashMap<>());
    map.put(String.valueOf(entry.getOrDefault("key", "")), entry.get("value"));
  }

  private @Nullable Object value(Field field, CodedInputStream in) throws IOException {
    return switch (field.type) {
      case TYPE_MESSAGE -> message(field, in.readBytes());
      case TYPE_STRING -> in.readString();
      case TYPE_BYTES -> base64(in.readBytes());
      case TYPE_BOOL -> in.readBool();
      case TYPE_ENUM -> {
        int number = in.readEnum();
        EnumValue known = field.values.get(number);
        yield known == null ? (Object) number : known.name();
      }
      case TYPE_DOUBLE -> in.readDouble();
      case TYPE_FLOAT -> (double) in.readFloat();
      case TYPE_INT32 -> in.readInt32();
      case TYPE_UINT32 -> Integer.toUnsignedLong(in.readUInt32());
      case TYPE_SINT32 -> in.readSInt32();
      case TYPE_FIXED32 -> Integer.toUnsignedLong(in.readFixed32());
      case TYPE_SFIXED32 -> in.readSFixed32();
      // as the JSON of protos has it: 64 bits are text
      case TYPE_INT64 -> Long.toString(in.readInt64());
      case TYPE_UINT64 -> Long.toUnsignedString(in.readUInt64());
      case TYPE_SINT64 -> Long.toString(in.readSInt64());
      case TYPE_FIXED64 -> Long.toUnsignedString(in.readFixed64());
      case TYPE_SFIXED64 -> Long.toString(in.readSFixed64());
      case TYPE_GROUP -> throw new IOException("a group");
    };
  }

  private @Nullable Object message(Field field, ByteString body) throws IOException {
    if (field.typeName.equals("google.protobuf.Any")) {
      com.google.protobuf.Any any = com.google.protobuf.Any.parseFrom(body);
      return of(any.getTypeUrl(), any.getValue());
    }
    if (field.typeName.startsWith(GOOGLE)) {
      return wellKnown(field.typeName, body);
    }
    return field.message == null ? base64(body) : fields(field.message, body);
  }

  private static @Nullable Object wellKnown(String name, ByteString body) throws IOException {
    return switch (name.substring(GOOGLE.length())) {
      case "Duration" -> {
        Duration duration = Duration.parseFrom(body);
        yield BigDecimal.valueOf(duration.getSeconds())
                .add(BigDecimal.valueOf(duration.getNanos(), 9))
                .stripTrailingZeros()
                .toPlainString()
            + "s";
      }
      case "Timestamp" -> {
        Timestamp time = Timestamp.parseFrom(body);
        yield Instant.ofEpochSecond(time.getSeconds(), time.getNanos()).toString();
      }
      case "Struct" -> struct(Struct.parseFrom(body));
      case "Value" -> json(Value.parseFrom(body));
      case "ListValue" -> list(ListValue.parseFrom(body));
      case "BoolValue" -> com.google.protobuf.BoolValue.parseFrom(body).getValue();
      case "StringValue" -> com.google.protobuf.StringValue.parseFrom(body).getValue();
      case "BytesValue" -> base64(com.google.protobuf.BytesValue.parseFrom(body).getValue());
      case "DoubleValue" -> com.google.protobuf.DoubleValue.parseFrom(body).getValue();
      case "FloatValue" -> (double) com.google.protobuf.FloatValue.parseFrom(body).getValue();
      case "Int32Value" -> com.google.protobuf.Int32Value.parseFrom(body).getValue();
      case "UInt32Value" ->
          Integer.toUnsignedLong(com.google.protobuf.UInt32Value.parseFrom(body).getValue());
      case "Int64Value" -> Long.toString(com.google.protobuf.Int64Value.parseFrom(body).getValue());
      case "UInt64Value" ->
          Long.toUnsignedString(com.google.protobuf.UInt64Value.parseFrom(body).getValue());
      case "Empty" -> new LinkedHashMap<String, Object>();
      default -> base64(body);
    };
  }

  private static Map<String, @Nullable Object> struct(Struct struct) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    struct.getFieldsMap().forEach((key, value) -> tree.put(key, json(value)));
    return tree;
  }

  private static List<@Nullable Object> list(ListValue list) {
    List<@Nullable Object> values = new ArrayList<>();
    list.getValuesList().forEach(value -> values.add(json(value)));
    return values;
  }

  private static @Nullable Object json(Value value) {
    return switch (value.getKindCase()) {
      case STRING_VALUE -> value.getStringValue();
      case NUMBER_VALUE -> value.getNumberValue();
      case BOOL_VALUE -> value.getBoolValue();
      case STRUCT_VALUE -> struct(value.getStructValue());
      case LIST_VALUE -> list(value.getListValue());
      default -> null;
    };
  }
}
