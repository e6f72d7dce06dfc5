package io.inmesh.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.config.InboundTable.ConnectionFacts;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * Which chain a connection meets under recordings 05 and 16, for each kind of peer that was
 * measured on real sidecars ("TLS, a peer to B" of the interop notes).
 */
class RecordedInboundTest {
  private static final String MODES = "istio/05-peer-authentication";
  private static final String CHANGES = "istio/16-peer-authentication-changes";
  private static final List<String> ISTIO_HTTP = List.of("istio-http/1.1", "istio", "http/1.1");
  private static final List<String> ISTIO_TCP = List.of("istio-peer-exchange", "istio");
  private static final List<String> PLAIN_HTTP = List.of("http/1.1");

  /** What becomes of a connection, in a word. */
  private static String outcome(Replay mesh, int port, boolean tls, List<String> alpn) {
    InboundChain chain =
        mesh.tables()
            .inbound()
            .find(new ConnectionFacts("127.0.1.1", port, "127.0.1.3", tls, "", alpn));
    if (chain == null || chain.notYet() != null) {
      return "closed";
    }
    String bytes = chain.http() != null ? "HTTP" : "TCP";
    if (chain.tls() != null) {
      return bytes + " in TLS";
    }
    return tls ? bytes + " not ended" : bytes;
  }

  @Test
  void strictTakesEveryTlsAndNoPlaintext() {
    Replay storefront = Replay.of(MODES, "storefront-a", 1);
    assertThat(storefront.refused).isEmpty();
    assertThat(outcome(storefront, 18080, true, ISTIO_HTTP)).isEqualTo("HTTP in TLS");
    assertThat(outcome(storefront, 18080, true, List.of("h2"))).isEqualTo("HTTP in TLS");
    assertThat(outcome(storefront, 18080, true, List.of())).isEqualTo("HTTP in TLS");
    assertThat(outcome(storefront, 18080, false, PLAIN_HTTP)).isEqualTo("closed");
    assertThat(outcome(storefront, 18080, false, List.of())).isEqualTo("closed");
  }

  @Test
  void permissiveTakesPlaintextAndTlsWithIstiosNamesOnly() {
    Replay payments = Replay.of(MODES, "payments-a", 1);
    assertThat(outcome(payments, 18080, true, ISTIO_HTTP)).isEqualTo("HTTP in TLS");
    assertThat(outcome(payments, 18080, true, ISTIO_TCP)).isEqualTo("HTTP in TLS");
    assertThat(outcome(payments, 18080, true, List.of())).isEqualTo("closed");
    assertThat(outcome(payments, 18080, true, List.of("h2"))).isEqualTo("closed");
    assertThat(outcome(payments, 18080, true, PLAIN_HTTP)).isEqualTo("closed");
    assertThat(outcome(payments, 18080, false, PLAIN_HTTP)).isEqualTo("HTTP");
  }

  @Test
  void onPortLevelTheModesDiffer() {
    Replay ratings = Replay.of(MODES, "ratings-a", 1);
    assertThat(outcome(ratings, 19090, true, List.of("istio-h2"))).isEqualTo("HTTP in TLS");
    assertThat(outcome(ratings, 19090, false, PLAIN_HTTP)).isEqualTo("closed");
    assertThat(outcome(ratings, 18082, false, PLAIN_HTTP)).isEqualTo("HTTP");
    // Nobody looks for TLS there: the HTTP codec reads the ClientHello, and answers 400.
    assertThat(outcome(ratings, 18082, true, ISTIO_HTTP)).isEqualTo("HTTP not ended");
    Replay reviews = Replay.of(MODES, "reviews-v1-a", 1);
    assertThat(outcome(reviews, 18080, false, PLAIN_HTTP)).isEqualTo("closed");
    assertThat(outcome(reviews, 19090, false, PLAIN_HTTP)).isEqualTo("HTTP");
    assertThat(outcome(reviews, 19090, true, List.of("istio-h2"))).isEqualTo("HTTP in TLS");
  }

  @Test
  void disabledTcpPortsHandBytesToTheApplication() {
    Replay ledger = Replay.of(MODES, "ledger-a", 1);
    assertThat(outcome(ledger, 15432, false, List.of())).isEqualTo("TCP");
    assertThat(outcome(ledger, 15432, true, ISTIO_TCP)).isEqualTo("TCP not ended");
  }

  @Test
  void aPortThatNoServiceHasMeetsTheCatchAll() {
    Replay payments = Replay.of(MODES, "payments-a", 1);
    assertThat(outcome(payments, 7777, true, ISTIO_HTTP)).isEqualTo("HTTP in TLS");
    assertThat(outcome(payments, 7777, true, ISTIO_TCP)).isEqualTo("TCP in TLS");
    assertThat(outcome(payments, 7777, true, List.of("h2"))).isEqualTo("TCP not ended");
    assertThat(outcome(payments, 7777, false, PLAIN_HTTP)).isEqualTo("HTTP");
    assertThat(outcome(payments, 7777, false, List.of())).isEqualTo("TCP");
    assertThat(outcome(payments, 15006, false, PLAIN_HTTP)).isEqualTo("closed");
  }

  @Test
  void policiesThatChangeOnAnOpenStreamHoldForTheNextConnection() {
    Replay reviews = Replay.of(CHANGES, "reviews-v1-a");
    reviews.to(1);
    assertThat(reviews.refused).isEmpty();
    assertThat(outcome(reviews, 19090, false, PLAIN_HTTP)).isEqualTo("HTTP");
    assertThat(outcome(reviews, 18080, false, PLAIN_HTTP)).isEqualTo("closed");
    reviews.to(2);
    assertThat(outcome(reviews, 19090, false, PLAIN_HTTP)).isEqualTo("HTTP");
    reviews.to(3);
    assertThat(outcome(reviews, 19090, false, PLAIN_HTTP)).isEqualTo("closed");
    assertThat(outcome(reviews, 19090, true, List.of())).isEqualTo("HTTP in TLS");
    reviews.to(4);
    assertThat(reviews.refused).isEmpty();
    assertThat(outcome(reviews, 18080, false, PLAIN_HTTP)).isEqualTo("HTTP");
    assertThat(outcome(reviews, 18080, true, ISTIO_HTTP)).isEqualTo("HTTP not ended");
  }

  @Test
  void aTlsChainAsksForACertificateOfTheTrustDomain() {
    Replay storefront = Replay.of(MODES, "storefront-a", 1);
    InboundChain chain =
        Objects.requireNonNull(
            storefront
                .tables()
                .inbound()
                .find(new ConnectionFacts("::1", 18080, "127.0.1.3", true, "", ISTIO_HTTP)));
    assertThat(chain.name()).isEqualTo("virtualInbound/0.0.0.0_18080");
    InboundChain.DownstreamTls tls = Objects.requireNonNull(chain.tls());
    assertThat(tls.requireClientCertificate()).isTrue();
    assertThat(tls.alpn()).containsExactly("h2", "http/1.1");
    assertThat(tls.certificate()).hasToString("default");
    assertThat(tls.trust()).hasToString("ROOTCA");
    assertThat(tls.sans())
        .singleElement()
        .satisfies(
            san -> {
              assertThat(san.matcher().matches("spiffe://cluster.local/ns/a/sa/b")).isTrue();
              assertThat(san.matcher().matches("spiffe://elsewhere/ns/a/sa/b")).isFalse();
            });
    HttpManager http = Objects.requireNonNull(chain.http());
    assertThat(http.inbound()).isTrue();
    assertThat(http.options().serverName()).isEqualTo("istio-envoy");
    assertThat(http.options().forwardClientCert())
        .isEqualTo(HttpOptions.ForwardClientCert.APPEND_FORWARD);
    assertThat(http.options().clientCertDetails()).containsExactly("subject", "uri", "dns");
    Route route =
        Objects.requireNonNull(
            Objects.requireNonNull(http.routes().find("any.host:1"))
                .route(Replay.head("http://any.host/x"), () -> 0));
    assertThat(route.action())
        .isInstanceOfSatisfying(
            RouteAction.Forward.class,
            forward -> {
              assertThat(forward.timeoutNanos()).isZero();
              assertThat(
                      Objects.requireNonNull(
                              forward.clusters().choose(Replay.head("http://a/"), () -> 0))
                          .cluster())
                  .isEqualTo("inbound|18080||");
            });
  }
}
