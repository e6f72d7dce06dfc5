package io.inmesh.fields;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.config.ClusterConfig;
import io.inmesh.config.DnsLookup;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How a cluster's names are resolved; DiscoveryTest shows what becomes of it. */
class DnsFieldsTest {
  private static DnsLookup dns(String fields) {
    Configured mesh = new Configured();
    mesh.wholeCluster(
        "names",
        "'type': 'STRICT_DNS', 'load_assignment': {'cluster_name': 'names', 'endpoints':"
            + " [{'lb_endpoints': [{'endpoint': {'address': {'socket_address': {'address':"
            + " '192.0.2.1', 'port_value': 80}}}}]}]}"
            + fields);
    ClusterConfig config = java.util.Objects.requireNonNull(mesh.clusters.find("names")).config();
    return config.dns();
  }

  @Test
  void timesAndFamilyAreTheConfigured() {
    assertThat(dns(""))
        .as("Envoy's defaults")
        .isEqualTo(new DnsLookup(seconds(5), seconds(5), 0, DnsLookup.Family.AUTO));
    assertThat(
            dns(
                ", 'dns_refresh_rate': '60s', 'dns_jitter': '0.1s', 'dns_lookup_family': 'V4_ONLY',"
                    + " 'dns_failure_refresh_rate': {'base_interval': '2s'}"))
        .isEqualTo(
            new DnsLookup(
                seconds(60),
                seconds(2),
                Duration.ofMillis(100).toNanos(),
                DnsLookup.Family.V4_ONLY));
    assertThat(dns(", 'dns_refresh_rate': '60s'").failureRefreshNanos()).isEqualTo(seconds(60));
  }

  private static long seconds(long seconds) {
    return Duration.ofSeconds(seconds).toNanos();
  }
}
