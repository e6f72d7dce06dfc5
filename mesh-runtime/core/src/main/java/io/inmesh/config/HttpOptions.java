package io.inmesh.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rest of {@code HttpConnectionManager} that a process can act on. Times in nanoseconds, 0 =
 * none.
 *
 * @param normalizePath {@code normalize_path}: dot segments, {@code %2e}, backslashes
 * @param mergeSlashes {@code merge_slashes}
 * @param escapedSlashes {@code path_with_escaped_slashes_action}
 * @param streamIdleNanos {@code stream_idle_timeout}
 * @param maxRequestHeadersKb {@code max_request_headers_kb}; 60 by default
 * @param serverName {@code server_name}: value of the response header {@code server}; null: left as
 *     it is
 * @param forwardClientCert {@code forward_client_cert_details}
 * @param clientCertDetails fields of {@code set_current_client_cert_details}: subject, uri, dns,
 *     cert, chain
 * @param generateRequestId {@code generate_request_id}
 * @param useRemoteAddress {@code use_remote_address}
 * @param upgrades {@code upgrade_configs}: names in lower case, e.g. {@code websocket}
 * @param istioAlpn true when the {@code istio.alpn} filter stands in the chain: Istio's names are
 *     offered upstream
 * @param tracing {@code tracing} is there: only then has {@code x-envoy-decorator-operation} a
 *     meaning
 * @param notYet not null when something in the manager protects or routes and cannot be enforced
 *     here
 */
public record HttpOptions(
    boolean normalizePath,
    boolean mergeSlashes,
    EscapedSlashes escapedSlashes,
    long streamIdleNanos,
    int maxRequestHeadersKb,
    @Nullable String serverName,
    ForwardClientCert forwardClientCert,
    List<String> clientCertDetails,
    boolean generateRequestId,
    boolean useRemoteAddress,
    List<String> upgrades,
    boolean istioAlpn,
    boolean tracing,
    @Nullable NotYet notYet) {

  /** {@code PathWithEscapedSlashesAction}. */
  public enum EscapedSlashes {
    KEEP_UNCHANGED,
    REJECT_REQUEST,
    UNESCAPE_AND_REDIRECT,
    UNESCAPE_AND_FORWARD
  }

  /** {@code ForwardClientCertDetails}. */
  public enum ForwardClientCert {
    SANITIZE,
    FORWARD_ONLY,
    APPEND_FORWARD,
    SANITIZE_SET,
    ALWAYS_FORWARD_ONLY
  }

  /** What istiod sends to a sidecar, for either side. */
  public static HttpOptions sidecar(boolean inbound) {
    return new HttpOptions(
        true,
        false,
        EscapedSlashes.KEEP_UNCHANGED,
        0,
        60,
        inbound ? "istio-envoy" : null,
        inbound ? ForwardClientCert.APPEND_FORWARD : ForwardClientCert.SANITIZE,
        inbound ? List.of("subject", "uri", "dns") : List.of(),
        true,
        false,
        List.of("websocket"),
        !inbound,
        true,
        null);
  }
}
