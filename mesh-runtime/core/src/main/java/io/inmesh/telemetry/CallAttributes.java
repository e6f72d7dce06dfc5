package io.inmesh.telemetry;

import io.inmesh.call.Outcome;
import io.inmesh.http.Headers;
import io.inmesh.match.Cel;
import org.jspecify.annotations.Nullable;

/** Envoy's attributes of a request that is over, as CEL expressions ask for them. */
final class CallAttributes implements Cel.Attributes {
  private final CallRecord call;
  private final Outcome outcome;
  private final long nowNanos;

  CallAttributes(CallRecord call, Outcome outcome, long nowNanos) {
    this.call = call;
    this.outcome = outcome;
    this.nowNanos = nowNanos;
  }

  @Override
  public @Nullable Object attribute(String path) {
    int dot = path.indexOf('.');
    String of = dot < 0 ? path : path.substring(0, dot);
    String name = dot < 0 ? "" : path.substring(dot + 1);
    return switch (of) {
      case "request" -> request(name);
      case "response" -> response(name);
      case "connection" -> connection(name);
      case "source" -> source(name);
      case "destination" -> destination(name);
      case "upstream" -> upstream(name);
      case "xds" -> xds(name);
      default -> null;
    };
  }

  private @Nullable Object request(String name) {
    String path = call.request.path();
    int pathLength = call.request.pathLength();
    return switch (name) {
      case "path" -> path;
      case "url_path" -> path.substring(0, pathLength);
      case "query" -> pathLength < path.length() ? path.substring(pathLength + 1) : "";
      case "host" -> call.request.authority();
      case "scheme" -> call.request.scheme();
      case "method" -> call.request.method();
      case "headers" -> (Cel.Lookup) key -> call.request.header(key);
      case "referer" -> call.request.headers().first("referer");
      case "useragent" -> call.request.headers().first("user-agent");
      case "id" -> call.request.headers().first("x-request-id");
      case "protocol" -> call.request.protocol().toString();
      case "size", "total_size" -> call.requestBytes;
      case "duration" -> (nowNanos - call.startNanos) / 1e9;
      default -> null;
    };
  }

  private @Nullable Object response(String name) {
    return switch (name) {
      case "code" -> (long) outcome.status();
      case "code_details" -> outcome.details();
      case "flags" -> (long) outcome.flags().envoyBits();
      case "grpc_status" -> call.grpcStatus() < 0 ? null : (Object) (long) call.grpcStatus();
      case "headers" -> lookup(call.response == null ? null : call.response.headers());
      case "trailers" -> lookup(call.trailers);
      case "size", "total_size" -> call.responseBytes;
      default -> null;
    };
  }

  private static Cel.Lookup lookup(@Nullable Headers headers) {
    return key -> headers == null ? null : headers.joined(key);
  }

  private @Nullable Object connection(String name) {
    return switch (name) {
      case "mtls" -> call.connection.tls() && call.connection.peerCertificateHash() != null;
      case "requested_server_name" -> call.connection.sni();
      case "uri_san_peer_certificate" -> call.connection.peer();
      case "uri_san_local_certificate" -> call.connection.localUriSan();
      case "subject_peer_certificate" -> call.connection.peerSubject();
      case "sha256_peer_certificate_digest" -> call.connection.peerCertificateHash();
      default -> null;
    };
  }

  private @Nullable Object source(String name) {
    return switch (name) {
      case "address" -> call.connection.remoteIp() + ":" + call.connection.remotePort();
      case "port" -> (long) call.connection.remotePort();
      case "workload" -> call.manager.inbound() ? call.peer.workload() : null;
      default -> null;
    };
  }

  private @Nullable Object destination(String name) {
    return switch (name) {
      case "address" -> call.connection.localIp() + ":" + call.connection.localPort();
      case "port" -> (long) call.connection.localPort();
      default -> null;
    };
  }

  private @Nullable Object upstream(String name) {
    return switch (name) {
      case "address" -> outcome.host().isEmpty() ? null : outcome.host();
      case "port" -> call.host == null ? null : (Object) (long) call.host.endpoint().port();
      case "transport_failure_reason" -> outcome.failure() == null ? "" : outcome.failure();
      case "request_attempt_count" -> (long) outcome.attempts();
      default -> null;
    };
  }

  private @Nullable Object xds(String name) {
    return switch (name) {
      case "cluster_name" -> outcome.cluster();
      case "route_name" -> outcome.route();
      case "virtual_host_name" -> outcome.virtualHost();
      case "filter_chain_name", "listener_name" -> outcome.listener();
      default -> null;
    };
  }
}
