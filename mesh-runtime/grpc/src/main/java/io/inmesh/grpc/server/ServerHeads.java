package io.inmesh.grpc.server;

import io.grpc.InternalMetadata;
import io.grpc.Metadata;
import io.grpc.Status;
import io.inmesh.http.HeaderNames;
import io.inmesh.http.Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Metadata and headers, one as the other; binary values are base64, as they came. */
final class ServerHeads {
  /** What gRPC writes itself. */
  private static final Set<String> TRANSPORT =
      Set.of("content-type", "te", "user-agent", "grpc-status", "grpc-message", "content-length");

  /** Names that a sidecar sets: to make a key costs more than to find it. */
  private static final Map<String, Metadata.Key<String>> KEYS = new HashMap<>();

  static {
    for (String name :
        List.of(
            "server",
            "x-envoy-upstream-service-time",
            "x-envoy-decorator-operation",
            "x-envoy-attempt-count",
            "x-envoy-expected-rq-timeout-ms",
            "x-forwarded-client-cert",
            "x-forwarded-for",
            "x-forwarded-proto",
            "x-request-id")) {
      KEYS.put(name, Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
    }
  }

  private ServerHeads() {}

  /**
   * @param more room for what the mesh will add
   */
  static Headers headers(Metadata from, int more) {
    byte[][] fields = InternalMetadata.serialize(from);
    Headers headers = new Headers(fields.length / 2 + more);
    for (int i = 0; i < fields.length; i += 2) {
      String name = HeaderNames.lower(fields[i], 0, fields[i].length);
      byte[] value = fields[i + 1];
      headers.add(
          name,
          name.endsWith(Metadata.BINARY_HEADER_SUFFIX)
              ? Base64.getEncoder().withoutPadding().encodeToString(value)
              : new String(value, StandardCharsets.ISO_8859_1));
    }
    return headers;
  }

  /** Makes metadata, which said {@code before}, say {@code after}; what is the same stays. */
  static void apply(Headers before, Headers after, Metadata to) {
    List<String> changed = changed(before, after);
    for (String name : changed) {
      if (!TRANSPORT.contains(name)) {
        if (before.contains(name)) {
          discard(to, name);
        }
        for (int i = 0; i < after.size(); i++) {
          if (after.name(i).equals(name)) {
            put(to, name, after.value(i));
          }
        }
      }
    }
  }

  /** Puts what the mesh says in the place of what was there under these names. */
  static void set(Headers from, Metadata to) {
    for (int i = 0; i < from.size(); i++) {
      String name = from.name(i);
      if (!TRANSPORT.contains(name)) {
        discard(to, name);
        put(to, name, from.value(i));
      }
    }
  }

  /** Both are nearly the same list, so they are walked side by side. */
  private static List<String> changed(Headers before, Headers after) {
    List<String> names = new ArrayList<>(4);
    int j = 0;
    for (int i = 0; i < before.size(); i++) {
      String name = before.name(i);
      if (j < after.size() && after.name(j).equals(name)) {
        if (!after.value(j).equals(before.value(i))) {
          note(names, name);
        }
        j++;
      } else {
        note(names, name); // gone, or others stand in its place
      }
    }
    for (; j < after.size(); j++) {
      note(names, after.name(j));
    }
    return names;
  }

  private static void note(List<String> names, String name) {
    if (!names.contains(name)) {
      names.add(name);
    }
  }

  private static void discard(Metadata from, String name) {
    if (name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
      from.discardAll(Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER));
    } else {
      from.discardAll(key(name));
    }
  }

  /** Adds what a head says to metadata, but for what gRPC writes itself. */
  static void add(Headers from, Metadata to) {
    for (int i = 0; i < from.size(); i++) {
      if (!TRANSPORT.contains(from.name(i))) {
        put(to, from.name(i), from.value(i));
      }
    }
  }

  private static void put(Metadata to, String name, String value) {
    if (name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
      try {
        byte[] bytes = Base64.getDecoder().decode(value);
        to.put(Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER), bytes);
      } catch (IllegalArgumentException notBase64) {
        // a route's own value that gRPC cannot carry: callers could not read it either
      }
    } else {
      to.put(key(name), value);
    }
  }

  private static Metadata.Key<String> key(String name) {
    Metadata.Key<String> known = KEYS.get(name);
    return known != null ? known : Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /** Adds a status as it stands in trailers. */
  static void status(Status status, Headers to) {
    to.set("grpc-status", Integer.toString(status.getCode().value()));
    String message = status.getDescription();
    if (message != null) {
      to.set("grpc-message", message);
    }
  }

  /**
   * The status that trailers say.
   *
   * @param own kept, with its cause, when they still say the same
   */
  static Status status(Headers from, @Nullable Status own) {
    String code = from.first("grpc-status");
    String message = from.first("grpc-message");
    if (own != null && (code == null || sameCode(own, code))) {
      return message == null || message.equals(own.getDescription())
          ? own
          : own.withDescription(decoded(message));
    }
    Status status = Status.fromCodeValue(number(code));
    return message == null ? status : status.withDescription(decoded(message));
  }

  private static boolean sameCode(Status own, String code) {
    return number(code) == own.getCode().value();
  }

  private static int number(@Nullable String code) {
    try {
      return code == null ? Status.Code.UNKNOWN.value() : Integer.parseInt(code);
    } catch (NumberFormatException e) {
      return Status.Code.UNKNOWN.value();
    }
  }

  /** Percent-decoded; a sign that stands alone is itself. */
  private static String decoded(String message) {
    if (message.indexOf('%') < 0) {
      return message;
    }
    byte[] out = new byte[message.length()];
    int length = 0;
    for (int i = 0; i < message.length(); i++) {
      char c = message.charAt(i);
      int high = c == '%' && i + 2 < message.length() ? digit(message, i + 1) : -1;
      int low = high < 0 ? -1 : digit(message, i + 2);
      if (low >= 0) {
        out[length++] = (byte) (high << 4 | low);
        i += 2;
      } else {
        out[length++] = (byte) c;
      }
    }
    return new String(out, 0, length, StandardCharsets.UTF_8);
  }

  private static int digit(String text, int at) {
    return Character.digit(text.charAt(at), 16);
  }
}
