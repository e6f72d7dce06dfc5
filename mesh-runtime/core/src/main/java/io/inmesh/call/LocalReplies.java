package io.inmesh.call;

import io.inmesh.filter.LocalReply;
import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import java.nio.charset.StandardCharsets;

/** Answers of the mesh itself, in the form that Envoy gives them. */
final class LocalReplies {
  private LocalReplies() {}

  /** True when the answer goes into headers: gRPC callers read no body. */
  static boolean headersOnly(RequestHead request) {
    return request.grpc();
  }

  static ResponseHead head(RequestHead request, LocalReply reply) {
    Headers headers = new Headers(6);
    for (int i = 0; i < reply.headers().size(); i++) {
      headers.add(reply.headers().name(i), reply.headers().value(i));
    }
    if (headersOnly(request)) {
      headers.set("content-type", "application/grpc");
      int status = reply.grpcStatus() >= 0 ? reply.grpcStatus() : grpcStatus(reply.status());
      headers.set("grpc-status", Integer.toString(status));
      if (!reply.body().isEmpty() && !request.method().equals("HEAD")) {
        headers.set("grpc-message", percentEncode(reply.body()));
      }
      return new ResponseHead(200, headers);
    }
    if (!reply.body().isEmpty()) {
      int length = reply.body().getBytes(StandardCharsets.UTF_8).length;
      headers.set("content-length", Integer.toString(length));
      if (!headers.contains("content-type")) {
        headers.set("content-type", "text/plain");
      }
    }
    return new ResponseHead(reply.status(), headers);
  }

  /** Envoy's {@code Grpc::Utility::httpToGrpcStatus}. */
  static int grpcStatus(int http) {
    return switch (http) {
      case 400 -> 13;
      case 401 -> 16;
      case 403 -> 7;
      case 404 -> 12;
      case 429, 502, 503, 504 -> 14;
      default -> 2;
    };
  }

  /** As the gRPC protocol asks for {@code grpc-message}: printable ASCII but {@code %} as it is. */
  static String percentEncode(String text) {
    StringBuilder out = null;
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < bytes.length; i++) {
      int b = bytes[i] & 0xff;
      boolean plain = b >= 0x20 && b < 0x7f && b != '%';
      if (!plain && out == null) {
        out = new StringBuilder(text.length() + 8);
        out.append(new String(bytes, 0, i, StandardCharsets.UTF_8));
      }
      if (out != null) {
        if (plain) {
          out.append((char) b);
        } else {
          out.append('%').append(Character.toUpperCase(Character.forDigit(b >> 4, 16)));
          out.append(Character.toUpperCase(Character.forDigit(b & 15, 16)));
        }
      }
    }
    return out == null ? text : out.toString();
  }
}
