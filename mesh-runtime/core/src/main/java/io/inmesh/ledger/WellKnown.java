package io.inmesh.ledger;

import com.google.protobuf.BoolValue;
import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import com.google.protobuf.DoubleValue;
import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import com.google.protobuf.FloatValue;
import com.google.protobuf.Int32Value;
import com.google.protobuf.Int64Value;
import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.StringValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.UInt64Value;
import com.google.protobuf.Value;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The messages of {@code google.protobuf} that have a JSON form of their own, from that form. */
final class WellKnown {
  private WellKnown() {}

  /**
   * @param name without {@code google.protobuf.}
   * @throws IllegalArgumentException it is not that form
   */
  static ByteString bytes(String name, Object value) {
    String text = value.toString();
    return switch (name) {
      case "Duration" -> duration(text).toByteString();
      case "Timestamp" -> timestamp(text).toByteString();
      case "Struct" -> struct(value).toByteString();
      case "Value" -> value(value).toByteString();
      case "ListValue" -> list(value).toByteString();
      case "BoolValue" -> BoolValue.of(bool(text)).toByteString();
      case "StringValue" -> StringValue.of(text).toByteString();
      case "BytesValue" -> BytesValue.of(base64(text)).toByteString();
      case "DoubleValue" -> DoubleValue.of(Double.parseDouble(text)).toByteString();
      case "FloatValue" -> FloatValue.of(Float.parseFloat(text)).toByteString();
      case "Int32Value" -> Int32Value.of(new BigDecimal(text).intValueExact()).toByteString();
      case "UInt32Value" -> UInt32Value.of((int) exact(text)).toByteString();
      case "Int64Value" -> Int64Value.of(exact(text)).toByteString();
      case "UInt64Value" ->
          UInt64Value.of(new BigDecimal(text).toBigIntegerExact().longValue()).toByteString();
      case "FieldMask" ->
          FieldMask.newBuilder().addAllPaths(List.of(text.split(","))).build().toByteString();
      case "Empty" -> ByteString.EMPTY;
      default -> throw new IllegalArgumentException("no JSON form is known");
    };
  }

  static ByteString base64(String text) {
    String plain = text.replace('-', '+').replace('_', '/');
    return ByteString.copyFrom(Base64.getDecoder().decode(plain));
  }

  private static long exact(String text) {
    return new BigDecimal(text).longValueExact();
  }

  private static boolean bool(String text) {
    if (!text.equals("true") && !text.equals("false")) {
      throw new IllegalArgumentException(text);
    }
    return text.equals("true");
  }

  private static Duration duration(String text) {
    if (!text.endsWith("s")) {
      throw new IllegalArgumentException("needs a unit");
    }
    BigDecimal seconds = new BigDecimal(text.substring(0, text.length() - 1));
    long whole = seconds.longValue();
    int nanos = seconds.subtract(BigDecimal.valueOf(whole)).movePointRight(9).intValueExact();
    return Duration.newBuilder().setSeconds(whole).setNanos(nanos).build();
  }

  private static Timestamp timestamp(String text) {
    Instant at = java.time.OffsetDateTime.parse(text).toInstant();
    return Timestamp.newBuilder().setSeconds(at.getEpochSecond()).setNanos(at.getNano()).build();
  }

  private static Struct struct(Object tree) {
    if (!(tree instanceof Map<?, ?> map)) {
      throw new IllegalArgumentException("needs an object");
    }
    Struct.Builder struct = Struct.newBuilder();
    map.forEach((key, value) -> struct.putFields(String.valueOf(key), value(value)));
    return struct.build();
  }

  private static ListValue list(Object tree) {
    if (!(tree instanceof List<?> list)) {
      throw new IllegalArgumentException("needs a list");
    }
    ListValue.Builder values = ListValue.newBuilder();
    list.forEach(value -> values.addValues(value(value)));
    return values.build();
  }

  private static Value value(@Nullable Object tree) {
    Value.Builder value = Value.newBuilder();
    if (tree == null) {
      return value.setNullValue(NullValue.NULL_VALUE).build();
    }
    if (tree instanceof Boolean bool) {
      return value.setBoolValue(bool).build();
    }
    if (tree instanceof Number number) {
      return value.setNumberValue(number.doubleValue()).build();
    }
    if (tree instanceof Map) {
      return value.setStructValue(struct(tree)).build();
    }
    if (tree instanceof List) {
      return value.setListValue(list(tree)).build();
    }
    return value.setStringValue(tree.toString()).build();
  }
}
