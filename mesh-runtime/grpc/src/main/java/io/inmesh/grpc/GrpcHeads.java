package io.inmesh.grpc;

import io.grpc.InternalMetadata;
import io.grpc.Metadata;
import io.grpc.Status;
import io.inmesh.http.HeaderNames;
import io.inmesh.http.Headers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Metadata and headers, one as the other. Binary values travel as base64, as on the wire. All of
 * {@code InternalMetadata} that this module uses is here: it gives names and values as they are,
 * without a key object and a marshaller for each.
 */
final class GrpcHeads {
  private static final String STATUS = "grpc-status";
  private static final String MESSAGE = "grpc-message";
  private static final Base64.Encoder BASE64 = Base64.getEncoder().withoutPadding();
  private static final int MANY_NAMES = 512;

  /** Names as grpc-java has them. */
  private static final Map<String, byte[]> NAMES = new ConcurrentHashMap<>();

  private GrpcHeads() {}

  /**
   * @param room for how many fields more
   */
  static Headers headers(Metadata from, int room) {
    byte[][] fields = InternalMetadata.serialize(from);
    int count = fields.length / 2;
    Headers headers = new Headers(count + room);
    for (int i = 0; i < count; i++) {
      byte[] name = fields[2 * i];
      byte[] value = fields[2 * i + 1];
      headers.add(
          HeaderNames.lower(name, 0, name.length),
          binary(name)
              ? BASE64.encodeToString(value)
              : new String(value, StandardCharsets.ISO_8859_1));
    }
    return headers;
  }

  /**
   * Of a request, without what grpc-java writes itself: content type, {@code te}, user agent.
   *
   * @throws IllegalArgumentException when the value of a {@code -bin} name is no base64
   */
  static Metadata request(Headers from) {
    return metadata(from, true);
  }

  /** Of a response or its trailers, without the status, which is told apart. */
  static Metadata response(Headers from) {
    return metadata(from, false);
  }

  private static Metadata metadata(Headers from, boolean request) {
    byte[][] fields = new byte[from.size() * 2][];
    int used = 0;
    for (int i = 0; i < from.size(); i++) {
      String name = from.name(i);
      if (!(request ? written(name) : told(name))) {
        String value = from.value(i);
        fields[used++] = bytes(name);
        fields[used++] =
            name.endsWith(Metadata.BINARY_HEADER_SUFFIX)
                ? Base64.getDecoder().decode(value)
                : value.getBytes(StandardCharsets.ISO_8859_1);
      }
    }
    return InternalMetadata.newMetadata(used / 2, fields);
  }

  private static boolean written(String name) {
    return switch (name) {
      case "content-type", "te", "user-agent" -> true;
      default -> name.startsWith(":");
    };
  }

  private static boolean told(String name) {
    return name.equals(STATUS) || name.equals(MESSAGE) || name.startsWith(":");
  }

  private static boolean binary(byte[] name) {
    int at = name.length - 4;
    return at >= 0
        && name[at] == '-'
        && name[at + 1] == 'b'
        && name[at + 2] == 'i'
        && name[at + 3] == 'n';
  }

  private static byte[] bytes(String name) {
    byte[] known = NAMES.get(name);
    if (known == null) {
      known = name.getBytes(StandardCharsets.US_ASCII);
      if (NAMES.size() < MANY_NAMES) {
        NAMES.put(name, known);
      }
    }
    return known;
  }

  /** Trailers as the engine reads them: the status is a header among others. */
  static Headers trailers(Status status, Metadata from) {
    Headers headers = headers(from, 2);
    headers.set(STATUS, Integer.toString(status.getCode().value()));
    String message = status.getDescription();
    if (message != null) {
      headers.set(MESSAGE, message);
    }
    return headers;
  }

  /**
   * @param before what {@link #trailers} was made of, for as far as nobody has edited it
   */
  static Status status(Headers from, @Nullable Status before) {
    String text = from.first(STATUS);
    String message = from.first(MESSAGE);
    int code = code(text);
    if (before != null
        && before.getCode().value() == code
        && (message == null || message.equals(before.getDescription()))) {
      return before;
    }
    Status status = Status.fromCodeValue(code);
    return message == null ? status : status.withDescription(decoded(message));
  }

  private static int code(@Nullable String text) {
    if (text != null && !text.isEmpty() && text.length() <= 2) {
      try {
        return Integer.parseInt(text);
      } catch (NumberFormatException e) {
        return Status.Code.UNKNOWN.value();
      }
    }
    return Status.Code.UNKNOWN.value();
  }

  /** HTTP status of a response that was no gRPC; 0: there was none. */
  static int httpStatus(Metadata trailers) {
    byte[][] fields = InternalMetadata.serialize(trailers);
    for (int i = 0; i + 1 < fields.length; i += 2) {
      if (fields[i].length > 0
          && fields[i][0] == ':'
          && new String(fields[i], StandardCharsets.US_ASCII).equals(":status")) {
        try {
          return Integer.parseInt(new String(fields[i + 1], StandardCharsets.US_ASCII));
        } catch (NumberFormatException e) {
          return 0;
        }
      }
    }
    return 0;
  }

  /** {@code %20} and the like of a {@code grpc-message}; what is no such thing stays. */
  static String decoded(String message) {
    if (message.indexOf('%') < 0) {
      return message;
    }
    byte[] in = message.getBytes(StandardCharsets.UTF_8);
    byte[] out = new byte[in.length];
    int length = 0;
    for (int i = 0; i < in.length; i++) {
      int high = in[i] == '%' && i + 2 < in.length ? Character.digit(in[i + 1], 16) : -1;
      int low = high < 0 ? -1 : Character.digit(in[i + 2], 16);
      if (low < 0) {
        out[length++] = in[i];
      } else {
        out[length++] = (byte) (high << 4 | low);
        i += 2;
      }
    }
    return new String(out, 0, length, StandardCharsets.UTF_8);
  }
}
