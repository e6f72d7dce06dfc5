package io.inmesh.identity;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The TLS versions that may be spoken. Older ones than 1.2 are not spoken at all.
 *
 * @param min lowest, Envoy's {@code tls_minimum_protocol_version}
 * @param max highest, Envoy's {@code tls_maximum_protocol_version}
 */
public record TlsVersions(Version min, Version max) {
  /** Envoy's default: 1.2 to 1.3. */
  public static final TlsVersions DEFAULT = new TlsVersions(Version.TLS_1_2, Version.TLS_1_3);

  /** A protocol version. */
  public enum Version {
    TLS_1_2("TLSv1.2"),
    TLS_1_3("TLSv1.3");

    private final String javaName;

    Version(String javaName) {
      this.javaName = javaName;
    }
  }

  public TlsVersions {
    if (min.compareTo(max) > 0) {
      throw new IllegalArgumentException("lowest TLS version " + min + " is above " + max);
    }
  }

  /**
   * From the names that Java gives them: {@code TLSv1.2}, {@code TLSv1.3}.
   *
   * @throws IllegalArgumentException for any other name
   */
  public static TlsVersions of(String min, String max) {
    return new TlsVersions(version(min), version(max));
  }

  private static Version version(String javaName) {
    for (Version version : Version.values()) {
      if (version.javaName.equals(javaName)) {
        return version;
      }
    }
    throw new IllegalArgumentException("TLS version " + javaName + " is not spoken");
  }

  String[] javaNames() {
    List<String> names = new ArrayList<>();
    for (Version version : Version.values()) {
      if (version.compareTo(min) >= 0 && version.compareTo(max) <= 0) {
        names.add(version.javaName);
      }
    }
    return names.toArray(String[]::new);
  }

  /** Those of the given names that may be spoken. */
  String[] javaNames(String[] among) {
    List<String> allowed = Arrays.asList(javaNames());
    return Arrays.stream(among).filter(allowed::contains).toArray(String[]::new);
  }
}
