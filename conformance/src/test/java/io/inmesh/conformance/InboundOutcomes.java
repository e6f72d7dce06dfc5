package io.inmesh.conformance;

import io.inmesh.call.BodyTraits;
import io.inmesh.call.Capabilities;
import io.inmesh.config.InboundChain;
import io.inmesh.config.InboundTable.ConnectionFacts;
import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** What becomes of connections to the ports of a workload, and of a request on each. */
final class InboundOutcomes {
  private static final List<Integer> PORTS =
      List.of(18080, 19090, 18082, 15432, 18443, 18085, 8080, 7777, 15006, 15999, 9443);
  private static final List<List<String>> OFFERS =
      List.of(
          List.of("istio-http/1.1", "istio", "http/1.1"),
          List.of("istio-h2", "istio", "h2"),
          List.of("istio-peer-exchange", "istio"),
          List.of("istio"),
          List.of("h2", "http/1.1"),
          List.of("h2"),
          List.of("http/1.1"),
          List.of());
  private static final List<String> NAMES =
      List.of("outbound_.8080_._.reviews.shop.svc.cluster.local", "elsewhere.example", "");
  private static final String CALLER = "spiffe://cluster.local/ns/shop/sa/storefront";

  private final MeshUnderTest mesh;
  private final String ip;

  private InboundOutcomes(MeshUnderTest mesh, String ip) {
    this.mesh = mesh;
    this.ip = ip;
  }

  static void into(OutcomeTable table, MeshUnderTest mesh, String ip) {
    InboundOutcomes outcomes = new InboundOutcomes(mesh, ip);
    for (int port : PORTS) {
      outcomes.fill(table.row(port + " plaintext HTTP/1.1"), port, false, "", List.of("http/1.1"));
      outcomes.fill(table.row(port + " plaintext HTTP/2"), port, false, "", List.of("h2c"));
      outcomes.fill(table.row(port + " plaintext, not HTTP"), port, false, "", List.of());
      for (List<String> alpn : OFFERS) {
        for (String sni : NAMES) {
          String name = port + " TLS " + alpn + (sni.isEmpty() ? " no SNI" : " SNI " + sni);
          outcomes.fill(table.row(name), port, true, sni, alpn);
        }
      }
    }
  }

  private void fill(Map<String, String> row, int port, boolean tls, String sni, List<String> alpn) {
    InboundChain chain =
        mesh.tables().inbound().find(new ConnectionFacts(ip, port, "127.0.1.3", tls, sni, alpn));
    row.put("chain", chain == null ? "none: closed" : chain.name());
    if (chain != null) {
      row.put("reads", chain.http() == null ? "bytes" : "HTTP");
      row.put("ends TLS", chain.tls() == null ? "no" : required(chain.tls()));
      row.put("not enforced", String.valueOf(chain.notYet()));
    }
    boolean ended = chain != null && chain.tls() != null;
    if (tls == ended && !(alpn.isEmpty() && !tls)) {
      row.put("a request", request(port, ended, sni, alpn));
    }
  }

  private static String required(InboundChain.DownstreamTls tls) {
    TreeSet<String> sans = new TreeSet<>();
    tls.sans().forEach(san -> sans.add(san.type() + " " + san));
    return "as "
        + tls.certificate()
        + (tls.requireClientCertificate() ? ", wants a certificate of " : ", roots ")
        + tls.trust()
        + " for "
        + sans
        + ", ALPN "
        + tls.alpn()
        + ", "
        + tls.versions().min()
        + " to "
        + tls.versions().max();
  }

  private String request(int port, boolean tls, String sni, List<String> alpn) {
    mesh.rewind(port);
    boolean h2 = alpn.contains("h2") || alpn.contains("h2c");
    RequestHead head =
        new RequestHead(
            "GET",
            tls && h2 ? "https" : "http",
            "reviews:8080",
            "/a/../b",
            Headers.of(
                "x-forwarded-client-cert",
                "By=spiffe://forged",
                "x-envoy-decorator-operation",
                "reviews.shop.svc.cluster.local:8080/*",
                "x-envoy-attempt-count",
                "2",
                "x-envoy-expected-rq-timeout-ms",
                "100"),
            h2 ? Protocol.HTTP2 : Protocol.HTTP11);
    CallScript call =
        new CallScript(
                mesh,
                mesh.calls.inbound(
                    head,
                    BodyTraits.NONE,
                    tls ? mutual(port, sni, alpn) : plaintext(port),
                    Capabilities.BASIC,
                    () -> {},
                    mesh.now),
                false)
            .run((c, start) -> {});
    return call.answered()
        + "\n"
        + (call.dispatched == null ? "the application sees nothing" : seen(call.dispatched.head()))
        + "\nroute "
        + call.outcome().route()
        + ", cluster "
        + call.outcome().cluster()
        + (call.answer == null ? "" : "\n< " + CallScript.fields(call.answer.headers()));
  }

  private static String seen(RequestHead head) {
    return "> " + head.scheme() + " " + head.path() + "\n" + CallScript.fields(head.headers());
  }

  private Connection plaintext(int port) {
    return Connection.plaintext(ip, port, "127.0.1.3", 40_000);
  }

  private Connection mutual(int port, String sni, List<String> alpn) {
    return new Connection(
        ip,
        port,
        "127.0.1.3",
        40_000,
        true,
        sni,
        alpn,
        List.of(CALLER),
        List.of(),
        "",
        "0".repeat(64),
        "spiffe://cluster.local/ns/shop/sa/reviews",
        1);
  }

  static String ipOf(String nodeId) {
    return nodeId.split("~")[1];
  }
}
