package io.inmesh.config;

import io.inmesh.match.StringMatcher;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How bytes travel to a host. */
public sealed interface TransportSocket {
  /** {@code envoy.transport_sockets.raw_buffer}. */
  record Plaintext() implements TransportSocket {
    public static final Plaintext INSTANCE = new Plaintext();
  }

  /**
   * A compiled {@code UpstreamTlsContext}. Value-equal, since connection pools are keyed by it.
   *
   * @param sni empty: none
   * @param alpn as configured; which names are offered is decided for each attempt
   * @param certificate the SDS secret to show, {@code default} for the workload's own; null: none
   * @param trust the SDS secret with the roots, {@code ROOTCA} for the mesh's; null: the platform's
   *     roots, if {@code verify}
   * @param verify false: the peer is not verified ({@code trust_chain_verification:
   *     ACCEPT_UNTRUSTED}, or no validation context)
   * @param sans one of them must match a subject alternative name; empty: any name from the roots
   */
  record Tls(
      String sni,
      List<String> alpn,
      @Nullable SecretRef certificate,
      @Nullable SecretRef trust,
      boolean verify,
      List<San> sans,
      TlsVersions versions)
      implements TransportSocket {}

  /** Valid for Envoy, not spoken here; nothing is ever sent in clear instead. */
  record Unsupported(NotYet why) implements TransportSocket {}

  /**
   * A matcher on subject alternative names, equal when its text is. {@code type} is URI, DNS, IP,
   * EMAIL or ANY.
   */
  record San(String type, String text, StringMatcher matcher) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof San that && type.equals(that.type) && text.equals(that.text);
    }

    @Override
    public int hashCode() {
      return text.hashCode();
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** Minimum and maximum, as JSSE names them: {@code TLSv1.2}, {@code TLSv1.3}. */
  record TlsVersions(String min, String max) {
    public static final TlsVersions DEFAULT = new TlsVersions("TLSv1.2", "TLSv1.3");
  }
}
