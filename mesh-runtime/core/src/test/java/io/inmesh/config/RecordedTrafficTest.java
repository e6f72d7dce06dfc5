package io.inmesh.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What requests of the application do under recordings 01 and 02. */
class RecordedTrafficTest {
  private static final String SPLIT = "istio/02-weighted-steps";
  private static final String REVIEWS = "http://reviews.shop:8080/";

  private static String outbound(String subset) {
    return "outbound|8080|" + subset + "|reviews.shop.svc.cluster.local";
  }

  @Test
  void everyNameOfAServiceLeadsToItsCluster() {
    Replay mesh = Replay.of("istio/01-plain", "storefront-a", 1);
    assertThat(mesh.refused).isEmpty();
    for (String host :
        List.of(
            "reviews.shop.svc.cluster.local",
            "reviews.shop.svc",
            "reviews.shop",
            "reviews",
            "REVIEWS.shop",
            "10.96.0.10")) {
      assertThat(mesh.cluster(0, "http://" + host + ":8080/any?x=1"))
          .as(host)
          .isEqualTo(outbound(""));
    }
    assertThat(mesh.cluster(0, "http://unknown.example:8080/")).isEqualTo("PassthroughCluster");
    assertThat(mesh.cluster(0, "http://reviews.shop:9090/"))
        .isEqualTo("outbound|9090||reviews.shop.svc.cluster.local");
  }

  @Test
  void aPortWithoutAListenerPassesThrough() {
    Replay mesh = Replay.of("istio/01-plain", "storefront-a", 1);
    assertThat(mesh.target("http://example.com:81"))
        .isEqualTo(
            new OutboundTarget.Tcp(
                "virtualOutbound/virtualOutbound-catchall-tcp", "PassthroughCluster"));
    assertThat(mesh.tables().outbound().tcp("example.com", 443))
        .isInstanceOfSatisfying(
            OutboundTarget.Tcp.class,
            tcp -> assertThat(tcp.cluster()).isEqualTo("PassthroughCluster"));
  }

  @Test
  void aTcpServiceIsFoundByNameAndByAddress() {
    Replay mesh = Replay.of("istio/01-plain", "storefront-a", 1);
    for (String host : List.of("ledger.shop.svc.cluster.local", "ledger", "10.96.0.13")) {
      assertThat(mesh.tables().outbound().tcp(host, 8443))
          .as(host)
          .isEqualTo(
              new OutboundTarget.Tcp(
                  "10.96.0.13_8443", "outbound|8443||ledger.shop.svc.cluster.local"));
      assertThat(mesh.tables().outbound().http(host, 5432))
          .as(host)
          .isEqualTo(
              new OutboundTarget.Tcp(
                  "10.96.0.13_5432", "outbound|5432||ledger.shop.svc.cluster.local"));
    }
  }

  @Test
  void aRouteHasIstiosRetriesAndNoTimeout() {
    Replay mesh = Replay.of("istio/01-plain", "storefront-a", 1);
    RouteAction.Forward forward = mesh.forward(REVIEWS);
    assertThat(forward.timeoutNanos()).isZero();
    assertThat(forward.maxGrpcTimeoutNanos()).isZero();
    RetryPolicy retry = Objects.requireNonNull(forward.retry());
    assertThat(retry.on())
        .containsExactlyInAnyOrder(
            RetryOn.CONNECT_FAILURE,
            RetryOn.REFUSED_STREAM,
            RetryOn.UNAVAILABLE,
            RetryOn.CANCELLED,
            RetryOn.RETRIABLE_STATUS_CODES);
    assertThat(retry.numRetries()).isEqualTo(2);
    assertThat(retry.avoidPreviousHosts()).isTrue();
    assertThat(retry.hostSelectionAttempts()).isEqualTo(5);
    Route route = mesh.route(REVIEWS);
    assertThat(route.decorator()).isEqualTo("reviews.shop.svc.cluster.local:8080/*");
    assertThat(route.includeAttemptCount()).isTrue();
    assertThat(route.place()).isEqualTo("8080/reviews.shop.svc.cluster.local:8080/0");
  }

  @Test
  void theConnectionManagerOffersIstiosNamesAndTellsWhoIsCalling() {
    Replay mesh = Replay.of("istio/01-plain", "storefront-a", 1);
    HttpManager manager = mesh.manager(REVIEWS);
    assertThat(manager.listener()).isEqualTo("0.0.0.0_8080");
    assertThat(manager.inbound()).isFalse();
    assertThat(manager.filters())
        .containsExactly(
            new PeerMetadataConfig("istio.metadata_exchange", true, false, true, false),
            new PerRouteFilter("envoy.filters.http.fault"),
            new PerRouteFilter("envoy.filters.http.cors"));
    HttpOptions options = manager.options();
    assertThat(options.istioAlpn()).isTrue();
    assertThat(options.normalizePath()).isTrue();
    assertThat(options.serverName()).isEqualTo("envoy");
    assertThat(options.streamIdleNanos()).isZero();
    assertThat(options.upgrades()).containsExactly("websocket");
    assertThat(options.notYet()).isNull();
  }

  @Test
  void aClusterSpeaksMutualTlsToEndpointsThatCanAndPlaintextToOthers() {
    Replay mesh = Replay.of("istio/01-plain", "storefront-a", 1);
    ClusterConfig reviews = Objects.requireNonNull(mesh.clusters.get(outbound("")));
    assertThat(reviews.notYet()).isNull();
    assertThat(reviews.service()).isEqualTo("reviews.shop.svc.cluster.local");
    assertThat(reviews.lb().policy()).isEqualTo(LoadBalancing.Policy.LEAST_REQUEST);
    assertThat(reviews.lb().panicPercent()).isEqualTo(50);
    assertThat(reviews.connectTimeoutNanos()).isEqualTo(10_000_000_000L);
    assertThat(reviews.breakers().maxRequests()).isEqualTo(0xffff_ffffL);
    assertThat(reviews.protocol()).isEqualTo(ClusterConfig.UpstreamProtocol.HTTP11);
    Endpoint endpoint =
        Objects.requireNonNull(mesh.endpoints.get(reviews.edsName()))
            .localities()
            .get(0)
            .endpoints()
            .get(0);
    assertThat(reviews.sockets().of(endpoint))
        .isInstanceOfSatisfying(
            TransportSocket.Tls.class,
            tls -> {
              assertThat(tls.sni()).isEqualTo("outbound_.8080_._.reviews.shop.svc.cluster.local");
              assertThat(tls.certificate()).hasToString("default");
              assertThat(tls.trust()).hasToString("ROOTCA");
              assertThat(tls.verify()).isTrue();
              assertThat(
                      tls.sans()
                          .get(0)
                          .matcher()
                          .matches("spiffe://cluster.local/ns/shop/sa/reviews"))
                  .isTrue();
              assertThat(
                      tls.sans()
                          .get(0)
                          .matcher()
                          .matches("spiffe://cluster.local/ns/shop/sa/other"))
                  .isFalse();
            });
    String legacy = "outbound|8080||legacy.shop.svc.cluster.local";
    Endpoint without =
        Objects.requireNonNull(mesh.endpoints.get(legacy)).localities().get(0).endpoints().get(0);
    assertThat(without.address()).isEqualTo("127.0.1.9:18080");
    assertThat(Objects.requireNonNull(mesh.clusters.get(legacy)).sockets().of(without))
        .isEqualTo(TransportSocket.Plaintext.INSTANCE);
    assertThat(
            Objects.requireNonNull(
                    mesh.clusters.get("outbound|9090||ratings.shop.svc.cluster.local"))
                .protocol())
        .isEqualTo(ClusterConfig.UpstreamProtocol.HTTP2);
  }

  @Test
  void trafficShiftsStepByStep() {
    Replay mesh = Replay.of(SPLIT, "storefront-a");
    assertThat(mesh.to(1).refused).isEmpty();
    assertThat(shares(mesh)).isEqualTo(Map.of(outbound("v1"), 90, outbound("v2"), 10));
    mesh.to(2);
    assertThat(shares(mesh)).isEqualTo(Map.of(outbound("v1"), 50, outbound("v2"), 50));
    mesh.to(3);
    assertThat(shares(mesh)).isEqualTo(Map.of(outbound("v2"), 100));
    assertThat(hosts(mesh, "v2")).containsExactly("127.0.1.2:18080");
    mesh.to(4);
    assertThat(hosts(mesh, "v2")).isEmpty();
    assertThat(hosts(mesh, "v1")).containsExactly("127.0.1.1:18080");
    mesh.to(5);
    assertThat(hosts(mesh, "v2")).hasSize(1);
    mesh.to(6);
    assertThat(shares(mesh)).isEqualTo(Map.of(outbound(""), 100));
    assertThat(mesh.to(9).refused).isEmpty();
    assertThat(mesh.clusters).doesNotContainKeys(outbound("v1"), outbound("v2"));
    assertThat(shares(mesh)).isEqualTo(Map.of(outbound(""), 100));
  }

  @Test
  void aServiceThatComesAndGoesOpensAndClosesItsPort() {
    Replay mesh = Replay.of(SPLIT, "storefront-a", 6);
    String wallet = "http://wallet.pay:8085/";
    assertThat(mesh.target(wallet)).isInstanceOf(OutboundTarget.Tcp.class);
    mesh.to(7);
    assertThat(mesh.cluster(0, wallet)).isEqualTo("outbound|8085||wallet.pay.svc.cluster.local");
    mesh.to(8);
    assertThat(mesh.target(wallet))
        .isInstanceOfSatisfying(
            OutboundTarget.Tcp.class,
            tcp -> assertThat(tcp.cluster()).isEqualTo("PassthroughCluster"));
  }

  private static Map<String, Integer> shares(Replay mesh) {
    Map<String, Integer> shares = new TreeMap<>();
    for (int i = 0; i < 100; i++) {
      shares.merge(mesh.cluster(i, REVIEWS), 1, Integer::sum);
    }
    return shares;
  }

  private static List<String> hosts(Replay mesh, String subset) {
    return Objects.requireNonNull(mesh.endpoints.get(outbound(subset))).localities().stream()
        .flatMap(locality -> locality.endpoints().stream())
        .map(Endpoint::address)
        .toList();
  }
}
