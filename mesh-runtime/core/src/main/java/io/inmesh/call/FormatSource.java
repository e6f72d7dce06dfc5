package io.inmesh.call;

import io.inmesh.http.Connection;
import org.jspecify.annotations.Nullable;

/** What substitution commands in header operations may ask of a call. */
final class FormatSource {
  private FormatSource() {}

  static @Nullable String value(BaseCall call, String command, @Nullable String argument) {
    Connection connection = call.connection();
    return switch (command) {
      case "REQ" -> argument == null ? null : firstValue(call, argument);
      case "PROTOCOL" -> call.request().protocol().toString();
      case "DOWNSTREAM_REMOTE_ADDRESS", "DOWNSTREAM_DIRECT_REMOTE_ADDRESS" ->
          connection.remoteIp() + ":" + connection.remotePort();
      case "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT",
          "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT" ->
          connection.remoteIp();
      case "DOWNSTREAM_LOCAL_ADDRESS" -> connection.localIp() + ":" + connection.localPort();
      case "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT" -> connection.localIp();
      case "DOWNSTREAM_LOCAL_PORT" -> Integer.toString(connection.localPort());
      case "DOWNSTREAM_PEER_URI_SAN" -> connection.peer();
      case "DOWNSTREAM_LOCAL_URI_SAN" -> connection.localUriSan();
      case "DOWNSTREAM_PEER_FINGERPRINT_256" -> connection.peerCertificateHash();
      case "DOWNSTREAM_PEER_SUBJECT" -> emptyIsNull(connection.peerSubject());
      case "REQUESTED_SERVER_NAME" -> emptyIsNull(connection.sni());
      case "RESPONSE_CODE" -> Integer.toString(call.outcome.status());
      case "RESPONSE_FLAGS" -> call.outcome.flags().toString();
      case "RESPONSE_CODE_DETAILS" -> emptyIsNull(call.outcome.details());
      case "ROUTE_NAME" -> emptyIsNull(call.outcome.route());
      case "VIRTUAL_CLUSTER_NAME" -> null;
      case "UPSTREAM_CLUSTER", "UPSTREAM_CLUSTER_RAW" -> emptyIsNull(call.outcome.cluster());
      case "UPSTREAM_HOST", "UPSTREAM_REMOTE_ADDRESS" -> emptyIsNull(call.outcome.host());
      case "UPSTREAM_REQUEST_ATTEMPT_COUNT" -> Integer.toString(call.outcome.attempts());
      default -> null;
    };
  }

  /** Envoy writes the first value of a repeated header only. */
  private static @Nullable String firstValue(BaseCall call, String name) {
    String first = call.request().headers().first(name);
    return first != null ? first : call.request().header(name);
  }

  private static @Nullable String emptyIsNull(String value) {
    return value.isEmpty() ? null : value;
  }
}
