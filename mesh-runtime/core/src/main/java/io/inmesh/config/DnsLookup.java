package io.inmesh.config;

import java.util.List;

/**
 * How the names of a STRICT_DNS or LOGICAL_DNS cluster are resolved. Times in nanoseconds.
 *
 * @param refreshNanos {@code dns_refresh_rate}; 5 s when missing
 * @param failureRefreshNanos {@code dns_failure_refresh_rate.base_interval}; as the other when
 *     missing
 * @param jitterNanos {@code dns_jitter}: at most that is added to each
 */
public record DnsLookup(
    long refreshNanos, long failureRefreshNanos, long jitterNanos, Family family) {
  static final long REFRESH_NANOS = 5_000_000_000L;

  /** Envoy's defaults. */
  public static final DnsLookup DEFAULT =
      new DnsLookup(REFRESH_NANOS, REFRESH_NANOS, 0, Family.AUTO);

  /** {@code DnsLookupFamily}. */
  public enum Family {
    /** IPv6, or IPv4 where there is none. */
    AUTO,
    V4_ONLY,
    V6_ONLY,
    /** IPv4, or IPv6 where there is none. */
    V4_PREFERRED,
    ALL;

    /** Those of the addresses that count. */
    public List<String> of(List<String> addresses) {
      List<String> four = addresses.stream().filter(a -> a.indexOf(':') < 0).toList();
      List<String> six = addresses.stream().filter(a -> a.indexOf(':') >= 0).toList();
      return switch (this) {
        case AUTO -> six.isEmpty() ? four : six;
        case V4_ONLY -> four;
        case V6_ONLY -> six;
        case V4_PREFERRED -> four.isEmpty() ? six : four;
        case ALL -> addresses;
      };
    }
  }
}
