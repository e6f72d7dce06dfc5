package io.inmesh.call;

import io.inmesh.config.HttpOptions;
import io.inmesh.config.HttpOptions.ForwardClientCert;
import io.inmesh.filter.LocalReply;
import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseFlag;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Headers that a sidecar sets or strips whatever the routes say, as measured on Envoy 1.40 under
 * istiod: {@code x-request-id} is kept or made, {@code x-forwarded-proto} kept or {@code http},
 * {@code x-envoy-*} controls of callers dropped and not obeyed.
 */
final class HeadRules {
  /**
   * Controls that only "internal" callers may use; Envoy 1.40 counts nobody as internal unless it
   * is configured.
   */
  private static final Set<String> CONTROLS =
      Set.of(
          "x-envoy-retry-on",
          "x-envoy-retry-grpc-on",
          "x-envoy-max-retries",
          "x-envoy-retriable-status-codes",
          "x-envoy-retriable-header-names",
          "x-envoy-upstream-rq-timeout-ms",
          "x-envoy-upstream-rq-per-try-timeout-ms",
          "x-envoy-upstream-rq-timeout-alt-response",
          "x-envoy-upstream-alt-stat-name",
          "x-envoy-expected-rq-timeout-ms",
          "x-envoy-hedge-on-per-try-timeout",
          "x-envoy-is-timeout-retry",
          "x-envoy-force-trace",
          "x-envoy-ip-tags",
          "x-envoy-original-url",
          "x-envoy-downstream-service-cluster",
          "x-envoy-downstream-service-node",
          "x-envoy-external-address",
          "x-envoy-internal");

  private static final Set<String> HOP_BY_HOP =
      Set.of("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade");

  /** As many names or more in {@code connection} are an attack, says Envoy. */
  private static final int MAX_NOMINATED = 10;

  private static final List<String> PROTECTED =
      List.of("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto");

  private HeadRules() {}

  static void outboundRequest(
      RequestHead head, HttpOptions options, CallContext parent, LongSupplier random) {
    Headers headers = head.headers();
    common(head, options, false);
    Headers trace = parent.traceHeaders();
    for (int i = 0; i < trace.size(); i++) {
      if (!headers.contains(trace.name(i))) {
        headers.add(trace.name(i), trace.value(i));
      }
    }
    if (!headers.contains("x-request-id")) {
      String inherited = parent.requestId();
      if (inherited != null) {
        headers.add("x-request-id", inherited);
      } else if (options.generateRequestId()) {
        headers.add("x-request-id", RequestIds.next(random));
      }
    }
    if (options.forwardClientCert() != ForwardClientCert.ALWAYS_FORWARD_ONLY) {
      headers.remove("x-forwarded-client-cert");
    }
  }

  /**
   * Also says who calls, in {@code x-forwarded-client-cert}.
   *
   * @param tls the mesh ended the caller's TLS
   */
  static void inboundRequest(
      RequestHead head,
      HttpOptions options,
      boolean tls,
      @Nullable String clientCertificate,
      LongSupplier random) {
    Headers headers = head.headers();
    common(head, options, tls);
    headers.remove("expect"); // 100 (Continue) is said on this side of the application
    if (options.generateRequestId() && !headers.contains("x-request-id")) {
      headers.add("x-request-id", RequestIds.next(random));
    }
    ClientCertHeader.edit(headers, options, clientCertificate);
  }

  private static void common(RequestHead head, HttpOptions options, boolean tls) {
    Headers headers = head.headers();
    hopByHop(headers, options);
    if (hasControls(headers)) {
      headers.removeAll(CONTROLS);
    }
    if (!headers.contains("x-forwarded-proto")) {
      // callers behind a sidecar say http themselves
      headers.add("x-forwarded-proto", tls ? "https" : "http");
    }
    // behind mTLS the application sees http, whichever scheme arrived
    head.scheme("http");
  }

  private static boolean hasControls(Headers headers) {
    for (int i = 0; i < headers.size(); i++) {
      if (headers.name(i).startsWith("x-envoy-")) {
        return true;
      }
    }
    return false;
  }

  /**
   * A {@code connection} header that names what Envoy lets nobody take away, since its absence
   * would hide where a request came from; or too many names. To be asked before the other rules.
   */
  static @Nullable LocalReply malformed(RequestHead head, HttpOptions options) {
    String named = head.headers().joined("connection");
    if (named == null || harmless(named) || upgrades(head.headers(), options)) {
      return null;
    }
    String[] names = named.split(",");
    boolean refused = names.length >= MAX_NOMINATED;
    for (String name : names) {
      String trimmed = name.trim().toLowerCase(Locale.ROOT);
      refused |= PROTECTED.contains(trimmed) || trimmed.indexOf(':') >= 0;
    }
    return refused
        ? LocalReply.of(400, "Bad Request", "http1.connection_header_rejected")
            .with(ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR)
        : null;
  }

  /** What nearly every client says: names no header that would not go anyway. */
  private static boolean harmless(String connection) {
    return connection.equalsIgnoreCase("keep-alive");
  }

  private static boolean upgrades(Headers headers, HttpOptions options) {
    String upgrade = headers.first("upgrade");
    return upgrade != null && options.upgrades().contains(upgrade.toLowerCase(Locale.ROOT));
  }

  private static void hopByHop(Headers headers, HttpOptions options) {
    String named = headers.joined("connection");
    if (upgrades(headers, options)) {
      return;
    }
    if (named != null && !harmless(named)) {
      for (String name : named.split(",")) {
        String trimmed = name.trim().toLowerCase(Locale.ROOT);
        if (!trimmed.isEmpty() && !trimmed.equals("te")) {
          headers.remove(trimmed);
        }
      }
    }
    headers.removeAll(HOP_BY_HOP);
    String te = headers.joined("te");
    if (te != null && !te.equals("trailers")) {
      headers.remove("te");
      if (asksForTrailers(te)) {
        headers.add("te", "trailers");
      }
    }
  }

  private static boolean asksForTrailers(String te) {
    for (String coding : te.split(",")) {
      if (coding.trim().equalsIgnoreCase("trailers")) {
        return true;
      }
    }
    return false;
  }
}
