package io.inmesh.config;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a substitution command takes: the commands of Envoy 1.40. */
enum FormatCommand {
  /** No argument, no length. */
  PLAIN(false, false, false, false),
  /** An optional argument. */
  OPTIONAL(true, false, false, false),
  /** An optional argument, an optional length. */
  OPTIONAL_CUT(true, false, true, false),
  /** An argument that must be there, an optional length. */
  ARGUMENT(true, true, true, false),
  /** A header name or two of them, an optional length. */
  HEADER(true, true, true, true);

  private static final Map<String, FormatCommand> COMMANDS = new HashMap<>();

  static {
    put(
        HEADER,
        "REQ REQ_WITHOUT_QUERY RESP TRAILER REQUEST_HEADER RESPONSE_HEADER RESPONSE_TRAILER");
    put(
        ARGUMENT,
        "DYNAMIC_METADATA CLUSTER_METADATA UPSTREAM_METADATA FILTER_STATE UPSTREAM_FILTER_STATE COMMON_DURATION"
            + " METADATA ENVIRONMENT QUERY_PARAM COALESCE CEL");
    put(
        OPTIONAL,
        "START_TIME START_TIME_LOCAL EMIT_TIME EMIT_TIME_LOCAL DOWNSTREAM_PEER_CERT_V_START"
            + " DOWNSTREAM_PEER_CERT_V_END UPSTREAM_PEER_CERT_V_START UPSTREAM_PEER_CERT_V_END"
            + " CUSTOM_FLAGS GRPC_STATUS RESPONSE_CODE_DETAILS"
            + " REQUESTED_SERVER_NAME UPSTREAM_HOST_NAME UPSTREAM_HOST_NAME_WITHOUT_PORT");
    put(OPTIONAL_CUT, "PATH QUERY_PARAMS");
    put(
        PLAIN,
        "REQUEST_DURATION REQUEST_TX_DURATION RESPONSE_DURATION RESPONSE_TX_DURATION"
            + " DOWNSTREAM_HANDSHAKE_DURATION ROUNDTRIP_DURATION BYTES_RECEIVED"
            + " BYTES_RETRANSMITTED PACKETS_RETRANSMITTED UPSTREAM_WIRE_BYTES_RECEIVED"
            + " UPSTREAM_HEADER_BYTES_RECEIVED DOWNSTREAM_WIRE_BYTES_RECEIVED"
            + " DOWNSTREAM_HEADER_BYTES_RECEIVED PROTOCOL UPSTREAM_PROTOCOL RESPONSE_CODE"
            + " HOSTNAME UNIQUE_ID TRACE_ID SPAN_ID RESPONSE_FLAGS RESPONSE_FLAGS_LONG"
            + " UPSTREAM_CONNECTION_POOL_READY_DURATION CONNECTION_TERMINATION_DETAILS BYTES_SENT"
            + " UPSTREAM_WIRE_BYTES_SENT UPSTREAM_HEADER_BYTES_SENT DOWNSTREAM_WIRE_BYTES_SENT"
            + " DOWNSTREAM_HEADER_BYTES_SENT DURATION UPSTREAM_CLUSTER UPSTREAM_CLUSTER_RAW"
            + " UPSTREAM_HOST UPSTREAM_CONNECTION_ID UPSTREAM_REQUEST_ATTEMPT_COUNT"
            + " UPSTREAM_TLS_CIPHER UPSTREAM_TLS_VERSION UPSTREAM_TLS_SESSION_ID"
            + " UPSTREAM_PEER_ISSUER UPSTREAM_PEER_CERT UPSTREAM_PEER_SUBJECT"
            + " UPSTREAM_PEER_URI_SAN UPSTREAM_PEER_DNS_SAN UPSTREAM_PEER_IP_SAN"
            + " UPSTREAM_LOCAL_URI_SAN UPSTREAM_LOCAL_DNS_SAN UPSTREAM_LOCAL_IP_SAN"
            + " UPSTREAM_LOCAL_ADDRESS UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT UPSTREAM_LOCAL_PORT"
            + " UPSTREAM_REMOTE_ADDRESS UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT UPSTREAM_REMOTE_PORT"
            + " UPSTREAM_TRANSPORT_FAILURE_REASON DOWNSTREAM_LOCAL_ADDRESS"
            + " DOWNSTREAM_DIRECT_LOCAL_ADDRESS DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT"
            + " DOWNSTREAM_DIRECT_LOCAL_ADDRESS_WITHOUT_PORT DOWNSTREAM_LOCAL_PORT"
            + " DOWNSTREAM_DIRECT_LOCAL_PORT DOWNSTREAM_REMOTE_ADDRESS"
            + " DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT DOWNSTREAM_REMOTE_PORT"
            + " DOWNSTREAM_DIRECT_REMOTE_ADDRESS DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT"
            + " DOWNSTREAM_DIRECT_REMOTE_PORT CONNECTION_ID ROUTE_NAME DOWNSTREAM_PEER_URI_SAN"
            + " DOWNSTREAM_PEER_DNS_SAN DOWNSTREAM_PEER_IP_SAN DOWNSTREAM_PEER_EMAIL_SAN"
            + " DOWNSTREAM_PEER_OTHERNAME_SAN DOWNSTREAM_LOCAL_URI_SAN DOWNSTREAM_LOCAL_DNS_SAN"
            + " DOWNSTREAM_LOCAL_IP_SAN DOWNSTREAM_LOCAL_EMAIL_SAN DOWNSTREAM_LOCAL_OTHERNAME_SAN"
            + " DOWNSTREAM_PEER_SUBJECT DOWNSTREAM_LOCAL_SUBJECT DOWNSTREAM_TLS_SESSION_ID"
            + " DOWNSTREAM_TLS_CIPHER DOWNSTREAM_TLS_VERSION DOWNSTREAM_PEER_FINGERPRINT_256"
            + " DOWNSTREAM_PEER_FINGERPRINT_1 DOWNSTREAM_PEER_SERIAL"
            + " DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_256 DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_1"
            + " DOWNSTREAM_PEER_CHAIN_SERIALS DOWNSTREAM_PEER_ISSUER DOWNSTREAM_PEER_CERT"
            + " DOWNSTREAM_TRANSPORT_FAILURE_REASON DOWNSTREAM_LOCAL_CLOSE_REASON"
            + " DOWNSTREAM_DETECTED_CLOSE_TYPE FILTER_CHAIN_NAME VIRTUAL_CLUSTER_NAME"
            + " TLS_JA3_FINGERPRINT TLS_JA4_FINGERPRINT STREAM_ID"
            + " LISTENER_NAME GRPC_STATUS_NUMBER REQUEST_HEADERS_BYTES"
            + " RESPONSE_HEADERS_BYTES RESPONSE_TRAILERS_BYTES LOCAL_REPLY_BODY"
            + " ACCESS_LOG_TYPE UPSTREAM_DETECTED_CLOSE_TYPE UPSTREAM_LOCAL_CLOSE_REASON");
  }

  private final boolean argument;
  private final boolean required;
  private final boolean limited;
  private final boolean headerName;

  FormatCommand(boolean argument, boolean required, boolean limited, boolean headerName) {
    this.argument = argument;
    this.required = required;
    this.limited = limited;
    this.headerName = headerName;
  }

  private static void put(FormatCommand command, String names) {
    for (String name : names.split(" ")) {
      COMMANDS.put(name, command);
    }
  }

  static @Nullable FormatCommand find(String name) {
    return COMMANDS.get(name);
  }

  boolean limited() {
    return limited;
  }

  boolean headerName() {
    return headerName;
  }

  void check(String name, @Nullable String value, String text) {
    if (required && (value == null || value.isEmpty())) {
      throw new ConfigException("", "%" + name + "% needs an (argument): " + text);
    }
    if (value != null && !value.isEmpty() && !argument) {
      throw new ConfigException("", "%" + name + "% takes no argument: " + text);
    }
    if (headerName && value != null) {
      if (value.split("\\?", -1).length > 2) {
        throw new ConfigException("", "more than one alternative: " + text);
      }
      if (!value.chars().allMatch(c -> c > ' ' && c < 127)) {
        throw new ConfigException("", "not a header name: " + text);
      }
    }
    if (name.equals("CEL") || name.equals("COALESCE")) {
      throw ConfigException.notYet("", "command %" + name + "%");
    }
  }
}
