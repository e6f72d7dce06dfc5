package io.inmesh.telemetry;

import io.inmesh.call.Outcome;
import io.inmesh.config.LogFacts;
import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseFlag;
import io.inmesh.http.ResponseHead;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A call that is over, as access logs ask for it: Envoy's command operators. Null: there is no such
 * value here, or not for this call.
 */
final class LogValues implements LogFacts {
  private static final String HOST_NAME = hostName();

  private final CallRecord call;
  private final Outcome outcome;
  private final long nowNanos;
  private final CallAttributes attributes;
  private final Instant end;

  LogValues(CallRecord call, Outcome outcome, long nowNanos, Instant end) {
    this.call = call;
    this.outcome = outcome;
    this.nowNanos = nowNanos;
    this.attributes = new CallAttributes(call, outcome, nowNanos);
    this.end = end;
  }

  private static String hostName() {
    String name = System.getenv("HOSTNAME");
    if (name != null && !name.isEmpty()) {
      return name;
    }
    try {
      return java.net.InetAddress.getLocalHost().getHostName();
    } catch (java.net.UnknownHostException e) {
      return "-";
    }
  }

  @Override
  public @Nullable Object attribute(String path) {
    return attributes.attribute(path);
  }

  @Override
  public RequestHead request() {
    return call.request;
  }

  @Override
  public int status() {
    return outcome.status();
  }

  @Override
  public long durationMillis() {
    return (nowNanos - call.startNanos) / 1_000_000;
  }

  @Override
  public boolean flag(String text) {
    for (ResponseFlag flag : ResponseFlag.values()) {
      if (flag.text().equals(text)) {
        return outcome.flags().has(flag);
      }
    }
    return false;
  }

  @Override
  public boolean anyFlag() {
    return !outcome.flags().toString().equals("-");
  }

  @Override
  public int grpcStatus() {
    return call.request.grpc() ? call.grpcStatus() : -1;
  }

  @Override
  public boolean traced() {
    return call.traced();
  }

  @Override
  public long random() {
    return ThreadLocalRandom.current().nextLong();
  }

  @Override
  public @Nullable String value(String command, @Nullable String argument) {
    String more = argument == null ? "" : argument;
    return switch (command) {
      case "REQ", "REQUEST_HEADER" -> header(more);
      case "REQ_WITHOUT_QUERY" -> withoutQuery(header(more));
      case "RESP", "RESPONSE_HEADER" -> of(response(), more);
      case "TRAILER", "RESPONSE_TRAILER" -> of(call.trailers, more);
      case "PROTOCOL" -> call.request.protocol().toString();
      case "RESPONSE_CODE" -> Integer.toString(outcome.status());
      case "RESPONSE_FLAGS" -> outcome.flags().toString();
      case "RESPONSE_FLAGS_LONG" -> longFlags();
      case "RESPONSE_CODE_DETAILS" -> some(outcome.details().replace(' ', '_'));
      case "GRPC_STATUS" -> grpcStatus() < 0 ? null : GrpcCodes.name(grpcStatus(), more);
      case "GRPC_STATUS_NUMBER" -> grpcStatus() < 0 ? null : Integer.toString(grpcStatus());
      case "BYTES_RECEIVED" -> Long.toString(call.requestBytes);
      case "BYTES_SENT" -> Long.toString(call.responseBytes);
      case "ROUTE_NAME" -> routeName();
      case "FILTER_CHAIN_NAME" -> filterChain();
      case "LISTENER_NAME" -> some(outcome.listener());
      case "ACCESS_LOG_TYPE" -> "DownstreamEnd";
      case "HOSTNAME" -> HOST_NAME;
      case "ENVIRONMENT" -> System.getenv(more);
      case "TRACE_ID" -> call.traceId();
      case "SPAN_ID" -> call.spanId();
      case "STREAM_ID", "UNIQUE_ID" -> header("x-request-id");
      case "PATH" -> path(more);
      case "QUERY_PARAM" -> query(more);
      case "QUERY_PARAMS" -> queries();
      default ->
          command.startsWith("UPSTREAM_")
              ? upstream(command)
              : command.startsWith("DOWNSTREAM_") || command.equals("REQUESTED_SERVER_NAME")
                  ? downstream(command)
                  : time(command, more);
    };
  }

  private @Nullable String header(String name) {
    String first = call.request.headers().first(name);
    return first != null ? first : call.request.header(name);
  }

  private @Nullable Headers response() {
    ResponseHead head = call.response;
    return head == null ? null : head.headers();
  }

  private static @Nullable String of(@Nullable Headers headers, String name) {
    return headers == null ? null : headers.first(name);
  }

  private static @Nullable String withoutQuery(@Nullable String path) {
    int query = path == null ? -1 : path.indexOf('?');
    return path == null || query < 0 ? path : path.substring(0, query);
  }

  private static @Nullable String some(String value) {
    return value.isEmpty() ? null : value;
  }

  private @Nullable String longFlags() {
    StringBuilder text = new StringBuilder();
    for (ResponseFlag flag : ResponseFlag.values()) {
      if (outcome.flags().has(flag)) {
        text.append(text.length() == 0 ? "" : ",").append(flag.longText());
      }
    }
    return text.length() == 0 ? "-" : text.toString();
  }

  /** The name that the configuration gives it, not its place. */
  private @Nullable String routeName() {
    return call.routeName.isEmpty() ? null : call.routeName;
  }

  private @Nullable String filterChain() {
    int slash = outcome.listener().indexOf('/');
    return slash < 0 ? null : some(outcome.listener().substring(slash + 1));
  }

  private @Nullable String path(String how) {
    String original = header("x-envoy-original-path");
    boolean asked = how.contains("ORIG");
    String path = asked && original != null ? original : call.request.path();
    return how.contains("NQ") ? withoutQuery(path) : path;
  }

  private @Nullable String queries() {
    int from = call.request.path().indexOf('?');
    return from < 0 ? null : some(call.request.path().substring(from + 1));
  }

  private @Nullable String query(String name) {
    String all = queries();
    if (all == null) {
      return null;
    }
    for (String pair : all.split("&")) {
      int equals = pair.indexOf('=');
      if ((equals < 0 ? pair : pair.substring(0, equals)).equals(name)) {
        return equals < 0 ? "" : pair.substring(equals + 1);
      }
    }
    return null;
  }

  private @Nullable String upstream(String command) {
    String host = outcome.host();
    return switch (command) {
      case "UPSTREAM_CLUSTER", "UPSTREAM_CLUSTER_RAW" -> some(outcome.cluster());
      case "UPSTREAM_HOST", "UPSTREAM_REMOTE_ADDRESS" -> some(host);
      case "UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT" -> address(host, false);
      case "UPSTREAM_REMOTE_PORT" -> address(host, true);
      case "UPSTREAM_HOST_NAME" -> hostName(true);
      case "UPSTREAM_HOST_NAME_WITHOUT_PORT" -> hostName(false);
      case "UPSTREAM_REQUEST_ATTEMPT_COUNT" -> Integer.toString(attempts());
      case "UPSTREAM_PROTOCOL" -> call.wire == null ? null : call.wire.protocol().toString();
      case "UPSTREAM_TRANSPORT_FAILURE_REASON" ->
          outcome.flags().has(ResponseFlag.UPSTREAM_CONNECTION_FAILURE) ? outcome.failure() : null;
      case "UPSTREAM_PEER_URI_SAN" ->
          call.wire != null && call.wire.tls() != null && call.host != null
              ? call.host.principal()
              : null;
      default -> null;
    };
  }

  /** As Envoy: the first attempt counts from the routing on, whether it has a host or not. */
  private int attempts() {
    return outcome.attempts() == 0 && call.cluster != null ? 1 : outcome.attempts();
  }

  private @Nullable String hostName(boolean port) {
    if (call.host == null) {
      return null;
    }
    String name = call.host.endpoint().hostname();
    String shown = name.isEmpty() ? call.host.endpoint().host() : name;
    return port ? shown + ":" + call.host.endpoint().port() : shown;
  }

  private static @Nullable String address(String hostAndPort, boolean port) {
    int colon = hostAndPort.lastIndexOf(':');
    return colon < 0
        ? null
        : port ? hostAndPort.substring(colon + 1) : hostAndPort.substring(0, colon);
  }

  private @Nullable String downstream(String command) {
    Connection from = call.connection;
    return switch (command) {
      case "DOWNSTREAM_REMOTE_ADDRESS", "DOWNSTREAM_DIRECT_REMOTE_ADDRESS" ->
          from.remoteIp() + ":" + from.remotePort();
      case "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT",
          "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT" ->
          from.remoteIp();
      case "DOWNSTREAM_REMOTE_PORT", "DOWNSTREAM_DIRECT_REMOTE_PORT" ->
          Integer.toString(from.remotePort());
      case "DOWNSTREAM_LOCAL_ADDRESS", "DOWNSTREAM_DIRECT_LOCAL_ADDRESS" ->
          from.localIp() + ":" + from.localPort();
      case "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT",
          "DOWNSTREAM_DIRECT_LOCAL_ADDRESS_WITHOUT_PORT" ->
          from.localIp();
      case "DOWNSTREAM_LOCAL_PORT", "DOWNSTREAM_DIRECT_LOCAL_PORT" ->
          Integer.toString(from.localPort());
      case "DOWNSTREAM_PEER_URI_SAN" ->
          from.peerUriSans().isEmpty() ? null : String.join(",", from.peerUriSans());
      case "DOWNSTREAM_PEER_DNS_SAN" ->
          from.peerDnsSans().isEmpty() ? null : String.join(",", from.peerDnsSans());
      case "DOWNSTREAM_LOCAL_URI_SAN" -> from.localUriSan();
      case "DOWNSTREAM_PEER_FINGERPRINT_256" -> from.peerCertificateHash();
      case "DOWNSTREAM_PEER_SUBJECT" -> some(from.peerSubject());
      case "REQUESTED_SERVER_NAME" -> some(from.sni());
      default -> null;
    };
  }

  private @Nullable String time(String command, String more) {
    return switch (command) {
      case "START_TIME" -> LogTimes.format(end.minusNanos(nowNanos - call.startNanos), more, false);
      case "START_TIME_LOCAL" ->
          LogTimes.format(end.minusNanos(nowNanos - call.startNanos), more, true);
      case "EMIT_TIME" -> LogTimes.format(end, more, false);
      case "EMIT_TIME_LOCAL" -> LogTimes.format(end, more, true);
      case "DURATION" -> Long.toString(durationMillis());
      case "REQUEST_DURATION" -> between(call.startNanos, call.requestCompleteNanos);
      case "REQUEST_TX_DURATION" -> between(call.startNanos, call.attemptNanos);
      case "RESPONSE_DURATION" -> between(call.startNanos, answeredNanos());
      case "RESPONSE_TX_DURATION" -> between(answeredNanos(), nowNanos);
      default -> null;
    };
  }

  private long answeredNanos() {
    return call.byMesh ? -1 : call.respondedNanos;
  }

  private static @Nullable String between(long from, long to) {
    return from < 0 || to < 0 ? null : Long.toString((to - from) / 1_000_000);
  }
}
