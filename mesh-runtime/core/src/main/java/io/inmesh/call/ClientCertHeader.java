package io.inmesh.call;

import io.inmesh.config.HttpOptions;
import io.inmesh.config.HttpOptions.ForwardClientCert;
import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import org.jspecify.annotations.Nullable;

/** {@code x-forwarded-client-cert}: who calls, as Envoy writes it. */
final class ClientCertHeader {
  private static final String NAME = "x-forwarded-client-cert";

  private ClientCertHeader() {}

  /**
   * @param element of the connection that brought the request; null without a verified peer
   */
  static void edit(Headers headers, HttpOptions options, @Nullable String element) {
    ForwardClientCert mode = options.forwardClientCert();
    if (mode == ForwardClientCert.ALWAYS_FORWARD_ONLY) {
      return;
    }
    if (mode == ForwardClientCert.SANITIZE || element == null) {
      headers.remove(NAME);
      return;
    }
    if (mode == ForwardClientCert.FORWARD_ONLY) {
      return;
    }
    String before = mode == ForwardClientCert.APPEND_FORWARD ? headers.joined(NAME) : null;
    headers.set(NAME, before == null || before.isEmpty() ? element : before + "," + element);
  }

  /** What is said of one connection's peer; null when its certificate was not verified. */
  static @Nullable String element(HttpOptions options, Connection from) {
    String hash = from.peerCertificateHash();
    if (hash == null) {
      return null;
    }
    StringBuilder value = new StringBuilder(200);
    if (from.localUriSan() != null) {
      value.append("By=").append(from.localUriSan()).append(';');
    }
    value.append("Hash=").append(hash);
    if (options.clientCertDetails().contains("subject")) {
      value.append(";Subject=\"").append(from.peerSubject().replace("\"", "\\\"")).append('"');
    }
    if (options.clientCertDetails().contains("uri")) {
      if (from.peerUriSans().isEmpty()) {
        value.append(";URI=");
      }
      for (String uri : from.peerUriSans()) {
        value.append(";URI=").append(uri);
      }
    }
    if (options.clientCertDetails().contains("dns")) {
      for (String dns : from.peerDnsSans()) {
        value.append(";DNS=").append(dns);
      }
    }
    return value.toString();
  }
}
