package io.inmesh.ledger;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.WireFormat;
import io.inmesh.ledger.Schema.EnumValue;
import io.inmesh.ledger.Schema.Field;
import io.inmesh.ledger.Schema.Message;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Walks one resource's bytes: through nested messages, through Any by type URL, through TypedStruct
 * by JSON name, past everything unknown, which it names. One instance for one walk.
 */
final class WireWalker {
  private static final int MAX_DEPTH = 100; // protobuf's own limit; Envoy's deepest is about 30
  private static final int URL_TAG = 10; // field 1 of Any and TypedStruct
  private static final int VALUE_TAG = 18; // field 2

  private final Schema schema;
  private final Tally tally;
  private final boolean everything; // also below harmless and refused fields
  private String resource = "";
  private int depth;

  WireWalker(Schema schema, Tally tally, boolean everything) {
    this.schema = schema;
    this.tally = tally;
    this.everything = everything;
  }

  /** Returns the resource's name, or an empty string. */
  String walk(String typeUrl, ByteString body) {
    try {
      named(typeUrl, body);
    } catch (IOException e) {
      tally.broken(typeName(typeUrl), "its bytes cannot be read: " + e.getMessage());
    }
    return resource;
  }

  private static String typeName(String typeUrl) {
    return typeUrl.substring(typeUrl.lastIndexOf('/') + 1);
  }

  /** A message whose type only its URL tells. */
  private void named(String typeUrl, ByteString body) throws IOException {
    String name = typeName(typeUrl);
    if (name.equals(Schema.ANY)) {
      any(body.newCodedInput());
      return;
    }
    Message m = schema.find(name);
    if (m == null) {
      if (!name.startsWith("google.protobuf.")) { // wrappers and the like are plain values
        tally.unknown(typeUrl, "no such message is known here");
      }
    } else if (m.isTypedStruct()) {
      typedStruct(body.newCodedInput());
    } else if (isEntered(m.row) || everything) {
      if (body.isEmpty()) {
        tally.met(m); // without fields the message itself is all there is to judge
      }
      fields(m, body.newCodedInput());
    } else {
      tally.met(m);
    }
  }

  private static boolean isEntered(@Nullable LedgerRow row) {
    return row == null
        || row.state() == SupportState.ENFORCED
        || row.state() == SupportState.NOT_YET;
  }

  private void fields(Message m, CodedInputStream in) throws IOException {
    in.enableAliasing(true);
    for (int tag; (tag = in.readTag()) != 0; ) {
      Field f = m.byNumber.get(WireFormat.getTagFieldNumber(tag));
      int wire = WireFormat.getTagWireType(tag);
      if (wire == WireFormat.WIRETYPE_START_GROUP || wire == WireFormat.WIRETYPE_END_GROUP) {
        throw new InvalidProtocolBufferException("a group, which these messages never have");
      }
      if (f == null) {
        String name = m.name + ".(" + WireFormat.getTagFieldNumber(tag) + ")";
        tally.unknown(name, "a field newer than the messages known here");
        in.skipField(tag);
      } else {
        field(f, tag, wire == WireFormat.WIRETYPE_LENGTH_DELIMITED, in);
      }
    }
  }

  private void field(Field f, int tag, boolean delimited, CodedInputStream in) throws IOException {
    if (!f.owner.mapEntry) {
      tally.met(f);
    }
    if (f.isEnum) {
      enumValues(f, tag, delimited, in);
    } else if (depth == 0 && f.message == null && delimited && isName(f)) {
      resource = in.readString();
    } else if (delimited && isMessage(f) && (isEntered(f.row) || everything || f.owner.mapEntry)) {
      int limit = in.pushLimit(in.readRawVarint32());
      descend(f);
      if (f.message == null) {
        any(in);
      } else if (f.message.isTypedStruct()) {
        typedStruct(in);
      } else {
        fields(f.message, in);
      }
      ascend();
      in.popLimit(limit);
    } else {
      in.skipField(tag);
    }
  }

  private static boolean isName(Field f) {
    return f.name.equals("name") || f.name.equals("cluster_name");
  }

  private static boolean isMessage(Field f) {
    return f.message != null || f.typeName.equals(Schema.ANY);
  }

  private void descend(Field f) throws IOException {
    if (++depth > MAX_DEPTH) {
      throw new InvalidProtocolBufferException("nested deeper than " + MAX_DEPTH);
    }
    tally.enter(f);
  }

  private void ascend() {
    depth--;
    tally.leave();
  }

  private void enumValues(Field f, int tag, boolean packed, CodedInputStream in)
      throws IOException {
    if (packed) {
      int limit = in.pushLimit(in.readRawVarint32());
      while (in.getBytesUntilLimit() > 0) {
        enumValue(f, in.readEnum());
      }
      in.popLimit(limit);
    } else if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_VARINT) {
      enumValue(f, in.readEnum());
    } else {
      in.skipField(tag);
    }
  }

  private void enumValue(Field f, int number) {
    EnumValue v = f.values.get(number);
    if (v == null) {
      tally.unknown(f.path() + "=" + number, "a value newer than the messages known here");
    } else {
      tally.met(v);
    }
  }

  private void any(CodedInputStream in) throws IOException {
    String url = "";
    ByteString body = ByteString.EMPTY;
    for (int tag; (tag = in.readTag()) != 0; ) {
      if (tag == URL_TAG) {
        url = in.readString();
      } else if (tag == VALUE_TAG) {
        body = in.readBytes();
      } else {
        skip(tag, in);
      }
    }
    if (url.isEmpty() && body.isEmpty()) {
      return; // an Any that says nothing
    }
    if (++depth > MAX_DEPTH) { // an Any in an Any has no field to descend by
      throw new InvalidProtocolBufferException("nested deeper than " + MAX_DEPTH);
    }
    named(url, body);
    depth--;
  }

  private void typedStruct(CodedInputStream in) throws IOException {
    String url = "";
    ByteString body = ByteString.EMPTY;
    for (int tag; (tag = in.readTag()) != 0; ) {
      if (tag == URL_TAG) {
        url = in.readString();
      } else if (tag == VALUE_TAG) {
        body = in.readBytes();
      } else {
        skip(tag, in);
      }
    }
    Message m = schema.find(typeName(url));
    if (m == null) {
      tally.unknown(url, "no such message is known here (in a TypedStruct)");
    } else if (isEntered(m.row) || everything) {
      Struct struct = Struct.parseFrom(body); // has a depth limit of its own
      if (struct.getFieldsCount() == 0) {
        tally.met(m);
      }
      json(m, struct);
    } else {
      tally.met(m);
    }
  }

  private static void skip(int tag, CodedInputStream in) throws IOException {
    if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_START_GROUP) {
      throw new InvalidProtocolBufferException("a group, which these messages never have");
    }
    in.skipField(tag);
  }

  private void json(Message m, Struct struct) throws IOException {
    for (Map.Entry<String, Value> e : struct.getFieldsMap().entrySet()) {
      Field f = m.byJsonName.get(e.getKey());
      if (f != null) {
        tally.met(f);
        jsonValue(f, e.getValue());
      } else if (!e.getKey().equals("@type")) {
        tally.unknown(
            m.name + "." + e.getKey(), "a field unknown to the messages known here (JSON)");
      }
    }
  }

  private void jsonValue(Field f, Value value) throws IOException {
    if (value.hasListValue()) {
      for (Value v : value.getListValue().getValuesList()) {
        jsonValue(f, v);
      }
    } else if (f.isEnum) {
      jsonEnum(f, value);
    } else if (value.hasStructValue() && isMessage(f) && (isEntered(f.row) || everything)) {
      Struct struct = value.getStructValue();
      descend(f);
      if (f.message == null) {
        jsonAny(struct);
      } else if (f.message.isTypedStruct()) {
        jsonAny(Struct.newBuilder(struct).putFields("@type", url(struct)).build());
      } else if (f.message.mapEntry) {
        jsonMap(f.message, struct);
      } else {
        json(f.message, struct);
      }
      ascend();
    }
  }

  private static Value url(Struct typedStruct) {
    return typedStruct.getFieldsOrDefault("type_url", Value.getDefaultInstance());
  }

  private void jsonAny(Struct struct) throws IOException {
    String url = struct.getFieldsOrDefault("@type", Value.getDefaultInstance()).getStringValue();
    Message m = schema.find(typeName(url));
    if (m != null) {
      json(m, struct);
    } else if (!typeName(url).startsWith("google.protobuf.")) {
      tally.unknown(url, "no such message is known here (in a TypedStruct)");
    }
  }

  private void jsonMap(Message entry, Struct struct) throws IOException {
    Field value = entry.byNumber.get(2);
    if (value != null) {
      for (Value v : struct.getFieldsMap().values()) {
        jsonValue(value, v);
      }
    }
  }

  private void jsonEnum(Field f, Value value) {
    if (value.hasNumberValue()) {
      enumValue(f, (int) value.getNumberValue());
      return;
    }
    for (EnumValue v : f.values.values()) {
      if (v.name().equals(value.getStringValue())) {
        tally.met(v);
        return;
      }
    }
    tally.unknown(f.path() + "=" + value.getStringValue(), "no such value is known here");
  }
}
