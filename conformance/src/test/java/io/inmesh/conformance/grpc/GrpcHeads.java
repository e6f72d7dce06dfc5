package io.inmesh.conformance.grpc;

import static io.grpc.Metadata.ASCII_STRING_MARSHALLER;
import static io.grpc.Metadata.BINARY_BYTE_MARSHALLER;

import io.grpc.Metadata;
import io.grpc.Status;
import io.inmesh.http.Headers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;

/** Metadata and headers, one as the other. Binary values travel as base64, as on the wire. */
final class GrpcHeads {
  /** What grpc-java writes itself, from the call and its options. */
  private static final Set<String> TRANSPORT =
      Set.of("content-type", "te", "grpc-timeout", "user-agent", "grpc-status", "grpc-message");

  private GrpcHeads() {}

  static Headers headers(Metadata from) {
    Headers headers = new Headers();
    for (String name : from.keys()) {
      if (name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
        for (byte[] value : from.getAll(Metadata.Key.of(name, BINARY_BYTE_MARSHALLER))) {
          headers.add(name, Base64.getEncoder().withoutPadding().encodeToString(value));
        }
      } else {
        for (String value : from.getAll(Metadata.Key.of(name, ASCII_STRING_MARSHALLER))) {
          headers.add(name, value);
        }
      }
    }
    return headers;
  }

  static Metadata metadata(Headers from) {
    Metadata metadata = new Metadata();
    for (int i = 0; i < from.size(); i++) {
      String name = from.name(i);
      if (name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
        byte[] value = Base64.getDecoder().decode(from.value(i));
        metadata.put(Metadata.Key.of(name, BINARY_BYTE_MARSHALLER), value);
      } else if (!TRANSPORT.contains(name)) {
        metadata.put(Metadata.Key.of(name, ASCII_STRING_MARSHALLER), from.value(i));
      }
    }
    return metadata;
  }

  /** Trailers as the engine reads them: the status is a header among others. */
  static Headers trailers(Status status, Metadata from) {
    Headers headers = headers(from);
    headers.set("grpc-status", Integer.toString(status.getCode().value()));
    String message = status.getDescription();
    if (message != null) {
      headers.set("grpc-message", message);
    }
    return headers;
  }

  static Status status(Headers from) {
    String code = from.first("grpc-status");
    Status status = Status.fromCodeValue(code == null ? 2 : Integer.parseInt(code));
    String message = from.first("grpc-message");
    return message == null ? status : status.withDescription(decoded(message));
  }

  private static String decoded(String message) {
    return message.indexOf('%') < 0
        ? message
        : java.net.URLDecoder.decode(message.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
