package io.inmesh.runtime;

import io.inmesh.config.TransportSocket;
import io.inmesh.identity.SanMatcher;
import io.inmesh.identity.TlsVersions;
import java.util.ArrayList;
import java.util.List;

/** Names and versions: from the words of the configuration to those of identity. */
final class Sans {
  private Sans() {}

  static SanMatcher matcher(List<TransportSocket.San> sans) {
    if (sans.isEmpty()) {
      return SanMatcher.any();
    }
    List<SanMatcher> matchers = new ArrayList<>();
    for (TransportSocket.San san : sans) {
      matchers.add(new Configured(san));
    }
    return matchers.size() == 1 ? matchers.get(0) : SanMatcher.anyOf(matchers);
  }

  static TlsVersions versions(TransportSocket.TlsVersions versions) {
    return new TlsVersions(version(versions.min()), version(versions.max()));
  }

  private static TlsVersions.Version version(String name) {
    return name.equals("TLSv1.3") ? TlsVersions.Version.TLS_1_3 : TlsVersions.Version.TLS_1_2;
  }

  /** Equal when the configured text is. */
  private record Configured(TransportSocket.San san) implements SanMatcher {
    @Override
    public boolean test(String name) {
      return san.matcher().matches(name);
    }

    @Override
    public String toString() {
      return san.text();
    }
  }
}
