package io.inmesh.call;

import io.inmesh.config.Route;
import io.inmesh.config.RouteAction;
import io.inmesh.config.StreamDuration;
import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import org.jspecify.annotations.Nullable;

/**
 * What the router does to heads: edits, rewrites, time-out and attempt headers, in Envoy's order.
 */
final class UpstreamHead {
  private UpstreamHead() {}

  /** The route's time-out, or what {@code grpc-timeout} makes of it; 0 = none. */
  static long timeoutNanos(
      RequestHead request, RouteAction.Forward to, CallContext parent, long nowNanos) {
    long timeout = to.timeoutNanos();
    if (to.maxGrpcTimeoutNanos() >= 0 && request.grpc()) {
      long asked = GrpcTimeout.nanos(request.headers().first("grpc-timeout"));
      long most = to.maxGrpcTimeoutNanos();
      timeout = most != 0 && (asked == 0 || asked > most) ? most : asked;
    }
    return timeout;
  }

  /**
   * How long the stream may take by the route's {@code max_stream_duration}, said to a gRPC
   * upstream as its time-out; {@link Long#MAX_VALUE} = as long as it likes.
   */
  static long durationNanos(RequestHead request, RouteAction.Forward to) {
    StreamDuration limit = to.duration();
    if (limit == null) {
      return Long.MAX_VALUE;
    }
    long nanos = limit.nanos();
    if (limit.grpcHeaderMaxNanos() >= 0) {
      long asked = GrpcTimeout.nanosOrNegative(request.headers().first("grpc-timeout"));
      long most = limit.grpcHeaderMaxNanos();
      if (asked == 0) {
        return 0; // the caller has no time left
      }
      if (asked > 0) {
        nanos = most == 0 ? asked : Math.min(asked, most);
      }
    }
    if (nanos == 0) {
      return Long.MAX_VALUE;
    }
    if (request.grpc()) {
      request.headers().set("grpc-timeout", GrpcTimeout.of(nanos));
    }
    return nanos;
  }

  static void edit(
      BaseCall call,
      Route route,
      RouteAction.Target target,
      RouteAction.Forward to,
      long timeoutNanos) {
    RequestHead head = call.request();
    Headers headers = head.headers();
    // a try that runs on beside the next one has the whole time
    boolean soft = to.hedge() != null && to.hedge().onPerTryTimeout();
    long perTry = to.retry() == null || soft ? 0 : to.retry().perTryNanos();
    long expected =
        perTry > 0 && (timeoutNanos == 0 || perTry < timeoutNanos) ? perTry : timeoutNanos;
    if (expected > 0) {
      long millis = Math.max(1, expected / 1_000_000);
      headers.set("x-envoy-expected-rq-timeout-ms", Long.toString(millis));
      if (head.grpc() && to.maxGrpcTimeoutNanos() >= 0) {
        headers.set("grpc-timeout", GrpcTimeout.of(expected));
      }
    }
    if (route.decorator() != null && call.manager.options().tracing()) {
      headers.set("x-envoy-decorator-operation", route.decorator());
    }
    target.requestEdits().apply(headers, call); // before the route's, whatever wins
    if (target.hostRewrite() != null) {
      head.authority(target.hostRewrite()); // the route's own rewrites it again
    }
    route.requestEdits().apply(headers, call);
    String authority = authority(head, to);
    if (authority != null) {
      rewriteHost(head, to, authority);
    }
    if (to.rewrite() != null) {
      headers.set("x-envoy-original-path", head.path());
      head.path(to.rewrite().rewrite(head.path()));
    }
  }

  /** The upstream is told what the host was. */
  static void rewriteHost(RequestHead head, RouteAction.Forward to, String authority) {
    if (to.appendXForwardedHost() && !lastForwardedHost(head, head.authority())) {
      head.headers().add("x-forwarded-host", head.authority());
    }
    head.headers().set("x-envoy-original-host", head.authority());
    head.authority(authority);
  }

  private static boolean lastForwardedHost(RequestHead head, String host) {
    String all = head.headers().joined("x-forwarded-host");
    return all != null && all.substring(all.lastIndexOf(',') + 1).trim().equals(host);
  }

  /** Tells the upstream how long it is waited for. */
  static void expect(RequestHead head, long timeoutNanos) {
    long millis = Math.max(1, timeoutNanos / 1_000_000);
    head.headers().set("x-envoy-expected-rq-timeout-ms", Long.toString(millis));
  }

  /** What the host becomes; null: it stays. */
  private static @Nullable String authority(RequestHead head, RouteAction.Forward to) {
    if (to.hostRewrite() != null || to.hostRewriteHeader() == null) {
      return to.hostRewrite();
    }
    // of a repeated header the first alone, as Envoy: whoever sends it is not trusted
    String value = head.headers().first(to.hostRewriteHeader());
    return value == null || value.isEmpty() ? null : value;
  }

  /**
   * @param millis from the complete request to the head; negative: not said
   */
  static void editResponse(
      BaseCall call,
      ResponseHead head,
      @Nullable Route route,
      RouteAction.@Nullable Target target,
      long millis) {
    Headers headers = head.headers();
    if (call.manager.options().tracing()) {
      headers.remove("x-envoy-decorator-operation");
    }
    if (millis >= 0) {
      headers.set("x-envoy-upstream-service-time", Decimals.of(millis));
    }
    if (target != null) {
      target.responseEdits().apply(headers, call);
    }
    if (route != null) {
      route.responseEdits().apply(headers, call);
    }
  }

  /** Envoy's way of joining hash policies; null when the request has nothing to hash. */
  static @Nullable Long hash(RequestHead request, RouteAction.Forward to) {
    Long hash = null;
    for (RouteAction.HashPolicy policy : to.hashPolicies()) {
      Long one = policy.source().hash(request, null);
      if (one != null) {
        hash = hash == null ? one : Long.valueOf(Long.rotateLeft(hash, 1) ^ one);
        if (policy.terminal()) {
          break;
        }
      }
    }
    return hash;
  }

  /** {@code grpc-status} of a head without trailers, or -1. */
  static int grpcStatus(Headers headers) {
    String value = headers.first("grpc-status");
    if (value == null || value.isEmpty() || value.length() > 2) {
      return -1;
    }
    int status = 0;
    for (int i = 0; i < value.length(); i++) {
      int digit = value.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      status = status * 10 + digit;
    }
    return status;
  }

  /** Envoy's host of a mirrored request: {@code reviews-shadow:8080}. */
  static String shadow(String authority) {
    int port = Authorities.portStart(authority);
    return port < 0
        ? authority + "-shadow"
        : authority.substring(0, port - 1) + "-shadow" + authority.substring(port - 1);
  }
}
