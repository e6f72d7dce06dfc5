package io.inmesh.config;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import com.google.protobuf.Struct;
import io.inmesh.proto.udpa.type.v1.TypedStruct;
import org.jspecify.annotations.Nullable;

/**
 * What a {@code typed_config} holds, a TypedStruct of either kind unwrapped.
 *
 * @param type message name without {@code type.googleapis.com/}
 * @param value the serialized message; empty when {@code struct} is there
 * @param struct not null: the message came as a TypedStruct
 */
record TypedConfig(String type, ByteString value, @Nullable Struct struct) {
  private static final String UDPA = "udpa.type.v1.TypedStruct";
  private static final String XDS = "xds.type.v3.TypedStruct";

  static TypedConfig of(Any any) {
    String type = name(any.getTypeUrl());
    if (type.equals(UDPA)) {
      TypedStruct inner = parse(TypedStruct.parser(), any.getValue());
      return new TypedConfig(name(inner.getTypeUrl()), ByteString.EMPTY, inner.getValue());
    }
    if (type.equals(XDS)) {
      var inner = parse(io.inmesh.proto.xds.type.v3.TypedStruct.parser(), any.getValue());
      return new TypedConfig(name(inner.getTypeUrl()), ByteString.EMPTY, inner.getValue());
    }
    return new TypedConfig(type, any.getValue(), null);
  }

  /**
   * The message of that type.
   *
   * @throws ConfigException if the bytes are not such a message
   */
  <T> T as(Parser<T> parser) {
    return parse(parser, value);
  }

  static <T> T parse(Parser<T> parser, ByteString bytes) {
    try {
      return parser.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new ConfigException("", "cannot be parsed: " + e.getMessage());
    }
  }

  private static String name(String typeUrl) {
    return typeUrl.substring(typeUrl.lastIndexOf('/') + 1);
  }
}
