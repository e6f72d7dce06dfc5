package io.inmesh.controlplane.xds;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.inmesh.controlplane.config.StringMatch;
import java.util.Map;

/** Small pieces of Envoy configuration. */
final class Protos {
  static final Duration ZERO = Duration.getDefaultInstance();

  private Protos() {}

  static Any any(Message message) {
    return Any.newBuilder()
        .setTypeUrl("type.googleapis.com/" + message.getDescriptorForType().getFullName())
        .setValue(deterministic(message))
        .build();
  }

  /** Maps in the same order every time, so that equal resources have equal bytes. */
  private static ByteString deterministic(Message message) {
    byte[] bytes = new byte[message.getSerializedSize()];
    com.google.protobuf.CodedOutputStream out =
        com.google.protobuf.CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization();
    try {
      message.writeTo(out);
    } catch (java.io.IOException e) {
      throw new IllegalStateException("writing to memory failed", e);
    }
    return ByteString.copyFrom(bytes);
  }

  static Duration duration(java.time.Duration duration) {
    return Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }

  static UInt32Value uint(int value) {
    return UInt32Value.of(value);
  }

  static ConfigSource ads() {
    return ConfigSource.newBuilder()
        .setAds(AggregatedConfigSource.getDefaultInstance())
        .setInitialFetchTimeout(ZERO)
        .setResourceApiVersion(ApiVersion.V3)
        .build();
  }

  static Address address(String host, int port) {
    return Address.newBuilder()
        .setSocketAddress(SocketAddress.newBuilder().setAddress(host).setPortValue(port))
        .build();
  }

  static StringMatcher string(StringMatch match) {
    return switch (match.kind()) {
      case EXACT, PRESENT -> StringMatcher.newBuilder().setExact(match.value()).build();
      case PREFIX -> StringMatcher.newBuilder().setPrefix(match.value()).build();
      case REGEX -> StringMatcher.newBuilder().setSafeRegex(regex(match.value())).build();
    };
  }

  static RegexMatcher regex(String regex) {
    return RegexMatcher.newBuilder().setRegex(regex).build();
  }

  static Value value(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  static Metadata metadata(String namespace, Map<String, Value> fields) {
    return Metadata.newBuilder()
        .putFilterMetadata(namespace, Struct.newBuilder().putAllFields(fields).build())
        .build();
  }
}
