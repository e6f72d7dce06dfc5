package io.inmesh.identity;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A workload's name, as the SPIFFE ID specification writes it: {@code spiffe://trust-domain/path}.
 *
 * @param trustDomain lower case letters, digits, dots, dashes, underscores
 * @param path empty (the trust domain itself) or {@code /segment/...}
 */
public record SpiffeId(String trustDomain, String path) {
  private static final String SCHEME = "spiffe://";
  private static final int MAX_URI = 2048;
  private static final int MAX_TRUST_DOMAIN = 255;

  public SpiffeId {
    checkTrustDomain(trustDomain);
    checkPath(path);
  }

  /**
   * @throws IllegalArgumentException if the text is no SPIFFE ID; the message says why
   */
  public static SpiffeId parse(String uri) {
    if (uri.length() > MAX_URI) {
      throw new IllegalArgumentException("SPIFFE ID longer than " + MAX_URI + " characters");
    }
    if (!uri.startsWith(SCHEME)) {
      throw new IllegalArgumentException("SPIFFE ID does not start with spiffe://: " + uri);
    }
    int slash = uri.indexOf('/', SCHEME.length());
    return slash < 0
        ? new SpiffeId(uri.substring(SCHEME.length()), "")
        : new SpiffeId(uri.substring(SCHEME.length(), slash), uri.substring(slash));
  }

  /** Istio's form, {@code spiffe://<trust domain>/ns/<namespace>/sa/<service account>}. */
  public static SpiffeId istio(String trustDomain, String namespace, String serviceAccount) {
    return new SpiffeId(trustDomain, "/ns/" + namespace + "/sa/" + serviceAccount);
  }

  /**
   * The name in a certificate: an X.509-SVID has exactly one URI in its subject alternative name.
   *
   * @throws IllegalArgumentException if there is none, more than one, or it is malformed
   */
  public static SpiffeId of(X509Certificate certificate) {
    List<String> uris = PeerNames.uris(certificate);
    if (uris.size() != 1) {
      throw new IllegalArgumentException(
          "a workload certificate has exactly one URI name, this one has " + uris);
    }
    return parse(uris.get(0));
  }

  /** The namespace, if this is a name of Istio's form. */
  public Optional<String> namespace() {
    return Optional.ofNullable(istioPart(2));
  }

  /** The service account, if this is a name of Istio's form. */
  public Optional<String> serviceAccount() {
    return Optional.ofNullable(istioPart(4));
  }

  /** The whole name, {@code spiffe://...}. */
  public String uri() {
    return SCHEME + trustDomain + path;
  }

  /** As {@code source.principal} of an AuthorizationPolicy has it: without the scheme. */
  public String principal() {
    return trustDomain + path;
  }

  @Override
  public String toString() {
    return uri();
  }

  private @Nullable String istioPart(int index) {
    String[] parts = path.split("/", -1);
    boolean istio = parts.length == 5 && parts[1].equals("ns") && parts[3].equals("sa");
    return istio ? parts[index] : null;
  }

  private static void checkTrustDomain(String name) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("SPIFFE ID without a trust domain");
    }
    if (name.length() > MAX_TRUST_DOMAIN) {
      throw new IllegalArgumentException("trust domain longer than 255 characters");
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (!(c >= 'a' && c <= 'z') && !punctuationOrDigit(c)) {
        throw new IllegalArgumentException(
            "trust domain may have a-z, 0-9, '.', '-', '_' only: " + name);
      }
    }
  }

  private static void checkPath(String path) {
    if (path.isEmpty()) {
      return;
    }
    if (path.charAt(0) != '/') {
      throw new IllegalArgumentException("path of a SPIFFE ID starts with '/': " + path);
    }
    for (String segment : path.substring(1).split("/", -1)) {
      if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
        throw new IllegalArgumentException(
            "path of a SPIFFE ID has an empty or dot segment: " + path);
      }
      for (int i = 0; i < segment.length(); i++) {
        char c = segment.charAt(i);
        boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
        if (!letter && !punctuationOrDigit(c)) {
          throw new IllegalArgumentException(
              "path of a SPIFFE ID may have letters, digits, '.', '-', '_' only: " + path);
        }
      }
    }
  }

  private static boolean punctuationOrDigit(char c) {
    return c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_';
  }
}
