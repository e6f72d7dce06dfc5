package io.inmesh.call;

import static io.inmesh.call.CallHarness.get;
import static io.inmesh.call.CallHarness.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Headers that a sidecar in front of the application sets or strips, as measured on Envoy 1.40. */
class InboundHeadersTest {
  private static final Connection PLAIN = Connection.plaintext("10.0.0.9", 8080, "10.0.0.1", 40000);
  private static final String HASH = "ab".repeat(32);
  private static final Connection MTLS =
      new Connection(
          "10.0.0.9",
          8080,
          "10.0.0.1",
          40000,
          true,
          "outbound_.8080_._.reviews",
          List.of("istio-http/1.1", "istio", "http/1.1"),
          List.of("spiffe://cluster.local/ns/shop/sa/storefront"),
          List.of(),
          "",
          HASH,
          "spiffe://cluster.local/ns/shop/sa/reviews",
          1);

  private final CallHarness mesh = new CallHarness();

  private Headers seen(Connection from, String... headers) {
    return mesh.inbound(get(headers), from).next(Command.Dispatch.class).head().headers();
  }

  @Test
  void underMtlsTheApplicationReadsWhoCallsInEnvoysForm() {
    assertThat(seen(MTLS).first("x-forwarded-client-cert"))
        .isEqualTo(
            "By=spiffe://cluster.local/ns/shop/sa/reviews;Hash="
                + HASH
                + ";Subject=\"\";URI=spiffe://cluster.local/ns/shop/sa/storefront");
  }

  @Test
  void whatAMeshPeerForwardsStandsBeforeIt() {
    assertThat(seen(MTLS, "x-forwarded-client-cert", "By=spiffe://x/gateway;Hash=1"))
        .extracting(headers -> headers.all("x-forwarded-client-cert"))
        .asList()
        .singleElement()
        .asString()
        .startsWith("By=spiffe://x/gateway;Hash=1,By=spiffe://cluster.local/ns/shop/sa/reviews;");
  }

  @Test
  void aPlaintextCallerCannotClaimToBeSomebody() {
    Headers headers = seen(PLAIN, "x-forwarded-client-cert", "By=a;Hash=b;URI=spiffe://x/sa/admin");
    assertThat(headers.contains("x-forwarded-client-cert")).isFalse();
  }

  @Test
  void requestIdAndProtoAreKeptOrMade() {
    assertThat(seen(PLAIN, "x-request-id", "any form").first("x-request-id")).isEqualTo("any form");
    assertThat(seen(PLAIN).first("x-request-id")).hasSize(36);
    assertThat(seen(PLAIN, "x-forwarded-proto", "https").first("x-forwarded-proto"))
        .isEqualTo("https");
    assertThat(seen(MTLS).first("x-forwarded-proto")).isEqualTo("https");
    assertThat(seen(MTLS, "x-forwarded-proto", "http").first("x-forwarded-proto"))
        .as("as sidecars say on their way out")
        .isEqualTo("http");
  }

  @Test
  void controlsAreTakenOffAndTheRestOfEnvoysNamesPass() {
    Headers headers =
        seen(
            MTLS,
            "x-envoy-attempt-count",
            "2",
            "x-envoy-expected-rq-timeout-ms",
            "500",
            "x-envoy-internal",
            "true",
            "x-envoy-max-retries",
            "9",
            "x-envoy-original-path",
            "/before",
            "x-envoy-peer-metadata",
            "m",
            "x-forwarded-for",
            "203.0.113.9");
    assertThat(headers.first("x-envoy-attempt-count")).isEqualTo("2");
    assertThat(headers.first("x-envoy-original-path")).isEqualTo("/before");
    assertThat(headers.first("x-envoy-peer-metadata")).isEqualTo("m");
    assertThat(headers.first("x-forwarded-for")).isEqualTo("203.0.113.9");
    assertThat(headers.contains("x-envoy-expected-rq-timeout-ms")).isFalse();
    assertThat(headers.contains("x-envoy-internal")).isFalse();
    assertThat(headers.contains("x-envoy-max-retries")).isFalse();
  }

  @Test
  void hopByHopHeadersStayOnTheirHop() {
    Headers headers =
        seen(PLAIN, "connection", "x-hop, keep-alive", "x-hop", "1", "te", "trailers", "x-a", "1");
    assertThat(headers.contains("connection")).isFalse();
    assertThat(headers.contains("x-hop")).isFalse();
    assertThat(headers.first("te")).isEqualTo("trailers");
    assertThat(headers.first("x-a")).isEqualTo("1");
  }

  @Test
  void theOperationIsNamedToACallerThatNamedNone() {
    mesh.decorator = "reviews.shop.svc.cluster.local:8080/*";
    Driven named = mesh.inbound(get("x-envoy-decorator-operation", "reviews:8080/*"), MTLS);
    assertThat(named.next(Command.Dispatch.class).head().headers())
        .matches(headers -> !headers.contains("x-envoy-decorator-operation"));
    named.on(new Event.AppHead(response(200)));
    assertThat(named.next(Command.Respond.class).head().headers())
        .matches(headers -> !headers.contains("x-envoy-decorator-operation"));

    Driven unnamed = mesh.inbound(get(), MTLS);
    unnamed.next(Command.Dispatch.class);
    unnamed.on(new Event.AppHead(response(200)));
    assertThat(
            unnamed
                .next(Command.Respond.class)
                .head()
                .headers()
                .first("x-envoy-decorator-operation"))
        .isEqualTo("reviews.shop.svc.cluster.local:8080/*");
  }
}
