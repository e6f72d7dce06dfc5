package io.inmesh.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.config.ClusterConfig.Discovery;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What requests of the application do under recordings 09 and 10. */
class RecordedExternalServicesTest {
  private final Replay mesh = Replay.of("istio/10-external-services", "storefront-a", 1);

  private ClusterConfig cluster(String name) {
    return Objects.requireNonNull(mesh.clusters.get(name), name);
  }

  private String tcp(String host, int port) {
    return ((OutboundTarget.Tcp) mesh.tables().outbound().tcp(host, port)).cluster();
  }

  @Test
  void everythingIsEnforced() {
    assertThat(mesh.refused).isEmpty();
    assertThat(mesh.notYet()).allMatch(why -> why.field().equals("BlackHoleCluster"));
  }

  @Test
  void anExternalNameIsResolvedAsConfiguredAndCalledWithTlsOfItsOwn() {
    String name = "outbound|80||api.partner.example";
    assertThat(mesh.cluster(0, "http://api.partner.example/x")).isEqualTo(name);
    ClusterConfig api = cluster(name);
    assertThat(api.discovery()).isEqualTo(Discovery.STRICT_DNS);
    assertThat(api.dns())
        .isEqualTo(
            new DnsLookup(
                Duration.ofSeconds(60).toNanos(),
                Duration.ofSeconds(60).toNanos(),
                Duration.ofMillis(100).toNanos(),
                DnsLookup.Family.V4_ONLY));
    assertThat(api.endpoints().get(0).endpoints())
        .extracting(Endpoint::host, Endpoint::port)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("api.partner.example", 443));
    assertThat(api.maxRequestsPerConnection()).isEqualTo(100);
    TransportSocket.Tls tls = (TransportSocket.Tls) api.sockets().otherwise();
    assertThat(tls.sni()).isEqualTo("api.partner.example");
    assertThat(tls.certificate()).isNull();
    assertThat(tls.trust()).hasToString("file-root:system");
    assertThat(tls.sans()).hasToString("[api.partner.example]");
  }

  @Test
  void weightedNamesKeepTheirLocalitiesAndOneNameIsOneHost() {
    ClusterConfig pool = cluster(mesh.cluster(0, "http://pool.partner.example:8088/"));
    assertThat(pool.endpoints())
        .extracting(LocalityEndpoints::locality, LocalityEndpoints::weight)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("region1/zone1/", 10),
            org.assertj.core.groups.Tuple.tuple("region1/zone2/", 90),
            org.assertj.core.groups.Tuple.tuple("region2/zone1/", 5));
    assertThat(mesh.cluster(0, "http://10.96.10.5:8088/"))
        .as("the address of two hosts is the first one's")
        .isEqualTo("outbound|8088||pool-b.partner.example");
    assertThat(cluster(mesh.cluster(0, "http://rr.partner.example:8089/")).discovery())
        .isEqualTo(Discovery.LOGICAL_DNS);
  }

  @Test
  void aWildcardGoesWhereTheCallerWants() {
    String name = mesh.cluster(0, "http://a.wild.example/");
    assertThat(name).isEqualTo("outbound|80||*.wild.example");
    assertThat(cluster(name).discovery()).isEqualTo(Discovery.ORIGINAL_DST);
    assertThat(mesh.cluster(0, "http://wild.example/")).isEqualTo("PassthroughCluster");
    assertThat(tcp("b.wild.example", 443)).isEqualTo("outbound|443||*.wild.example");
    assertThat(tcp("api.partner.example", 443)).isEqualTo("outbound|443||api.partner.example");
    assertThat(tcp("elsewhere.example", 443)).isEqualTo("PassthroughCluster");
  }

  @Test
  void anAddressBlockIsItsServices() {
    String name = "outbound|3306||cidr.partner.example";
    assertThat(tcp("192.0.2.5", 3306)).isEqualTo(name);
    assertThat(tcp("192.0.2.129", 3306)).as("beside the block").isEqualTo("PassthroughCluster");
    assertThat(tcp("198.51.100.7", 3306)).isEqualTo(name);
  }

  @Test
  void ourCertificateFromFilesIsShownAndTheServerIsNamedByTheRequest() {
    ClusterConfig fixed = cluster(mesh.cluster(0, "http://fixed.partner.example:8090/"));
    TransportSocket.Tls tls = (TransportSocket.Tls) fixed.sockets().otherwise();
    assertThat(tls.certificate()).hasToString("file-cert:/certs/client.pem~/certs/client-key.pem");
    assertThat(tls.trust()).hasToString("file-root:/certs/partner-ca.pem");
    assertThat(fixed.autoNames()).isEqualTo(new ClusterConfig.AutoNames(true, true));
    assertThat(cluster("outbound|8443|a|fixed.partner.example").sockets().otherwise())
        .as("no TLS of the mesh to the outside")
        .isEqualTo(TransportSocket.Plaintext.INSTANCE);
  }

  @Test
  void aServiceOfTheMeshByNameIsCalledWithMeshTls() {
    ClusterConfig own = cluster(mesh.cluster(0, "http://dns-internal:8080/"));
    assertThat(own.discovery()).isEqualTo(Discovery.STRICT_DNS);
    Endpoint endpoint = own.endpoints().get(0).endpoints().get(0);
    assertThat(endpoint.socketMatch()).isEqualTo(Map.of("tlsMode", "istio"));
    TransportSocket.Tls tls = (TransportSocket.Tls) own.sockets().of(endpoint);
    assertThat(tls.sans()).hasToString("[spiffe://cluster.local/ns/shop/sa/dns-internal]");
  }

  @Test
  void aSidecarThatNarrowsTheMeshRefusesTheRest() {
    Replay narrow = Replay.of("istio/09-sidecar-scope", "storefront-a", 1);
    assertThat(narrow.cluster(0, "http://reviews:8080/"))
        .isEqualTo("outbound|8080||reviews.shop.svc.cluster.local");
    for (String url :
        List.of("http://legacy:8080/", "http://payments.pay:8080/", "http://x:9090/")) {
      assertThat(narrow.route(url).name()).as(url).isEqualTo("block_all");
      assertThat(((RouteAction.DirectResponse) narrow.route(url).action()).status()).isEqualTo(502);
    }
    assertThat(narrow.target("http://example.com:81/"))
        .isInstanceOfSatisfying(
            OutboundTarget.Tcp.class,
            tcp -> assertThat(tcp.cluster()).isEqualTo("BlackHoleCluster"));
    Replay open = Replay.of("istio/09-sidecar-scope", "reviews-v1-a", 1);
    assertThat(open.cluster(0, "http://example.com:8080/"))
        .as("ALLOW_ANY of its own")
        .isEqualTo("PassthroughCluster");
    assertThat(open.cluster(0, "http://legacy:8080/"))
        .isEqualTo("outbound|8080||legacy.shop.svc.cluster.local");
  }
}
