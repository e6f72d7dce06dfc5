package io.inmesh.config;

import io.inmesh.proto.envoy.config.cluster.v3.Cluster;

/** The DNS fields of a {@code Cluster}. */
final class DnsLookupCompiler {
  private static final long LEAST_NANOS = 1_000_000;

  private DnsLookupCompiler() {}

  static DnsLookup compile(Cluster proto) {
    long refresh =
        Values.positiveNanos(
            "dns_refresh_rate",
            proto.hasDnsRefreshRate(),
            proto.getDnsRefreshRate(),
            DnsLookup.REFRESH_NANOS);
    if (refresh < LEAST_NANOS) {
      throw new ConfigException("dns_refresh_rate", "must be at least 1 ms");
    }
    var failure = proto.getDnsFailureRefreshRate();
    long afterFailure =
        Values.positiveNanos(
            "dns_failure_refresh_rate.base_interval",
            failure.hasBaseInterval(),
            failure.getBaseInterval(),
            refresh);
    long jitter = Values.nanos("dns_jitter", proto.hasDnsJitter(), proto.getDnsJitter(), 0);
    return new DnsLookup(refresh, afterFailure, jitter, family(proto));
  }

  private static DnsLookup.Family family(Cluster proto) {
    return switch (proto.getDnsLookupFamily()) {
      case AUTO -> DnsLookup.Family.AUTO;
      case V4_ONLY -> DnsLookup.Family.V4_ONLY;
      case V6_ONLY -> DnsLookup.Family.V6_ONLY;
      case V4_PREFERRED -> DnsLookup.Family.V4_PREFERRED;
      case ALL -> DnsLookup.Family.ALL;
      case UNRECOGNIZED -> throw new ConfigException("dns_lookup_family", "unknown value");
    };
  }
}
