package io.inmesh.conformance;

import io.inmesh.call.BodyTraits;
import io.inmesh.call.Call;
import io.inmesh.call.CallContext;
import io.inmesh.call.Capabilities;
import io.inmesh.call.Command;
import io.inmesh.call.Event;
import io.inmesh.call.ResetKind;
import io.inmesh.call.Wire;
import io.inmesh.config.OutboundTarget;
import io.inmesh.config.TransportSocket;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What becomes of a table of requests of the application. */
final class OutboundOutcomes {
  private static final int DRAWS = 1_000;
  private static final long SEED = 20_261_122;

  private static final BiConsumer<CallScript, Command.Start> ANSWERS =
      (call, start) -> call.on(new Event.Head(start.attempt(), response(200), true));
  private static final BiConsumer<CallScript, Command.Start> REFUSES =
      (call, start) ->
          call.on(
              new Event.Failed(start.attempt(), ResetKind.CONNECT_FAILURE, "Connection refused"));
  private static final BiConsumer<CallScript, Command.Start> IS_UNAVAILABLE =
      (call, start) -> call.on(new Event.Head(start.attempt(), response(503), true));
  private static final BiConsumer<CallScript, Command.Start> IS_SILENT = (call, start) -> {};

  /** A request of the application. */
  private record Asked(
      String method,
      String scheme,
      String authority,
      String path,
      Protocol protocol,
      BodyTraits body,
      String... headers) {

    RequestHead head() {
      return new RequestHead(method, scheme, authority, path, Headers.of(headers), protocol);
    }

    String name() {
      String kind = protocol == Protocol.HTTP2 ? " h2" : "";
      String sent = body == BodyTraits.NONE ? "" : body.replayable() ? " body" : " one-shot body";
      String fields = headers.length == 0 ? "" : " " + String.join(" ", headers);
      return method + " " + scheme + "://" + authority + path + kind + sent + fields;
    }
  }

  private static Asked get(String authority, String... headers) {
    return new Asked("GET", "http", authority, "/", Protocol.HTTP11, BodyTraits.NONE, headers);
  }

  private static Asked path(String path) {
    return new Asked("GET", "http", "reviews:8080", path, Protocol.HTTP11, BodyTraits.NONE);
  }

  private static Asked https(String authority) {
    return new Asked("GET", "https", authority, "/", Protocol.HTTP11, BodyTraits.NONE);
  }

  private static Asked post(BodyTraits body, String... headers) {
    return new Asked("POST", "http", "reviews:8080", "/x", Protocol.HTTP11, body, headers);
  }

  private static Asked grpc(String authority) {
    return new Asked(
        "POST",
        "http",
        authority,
        "/shop.Reviews/List",
        Protocol.HTTP2,
        BodyTraits.DUPLEX,
        "content-type",
        "application/grpc",
        "te",
        "trailers");
  }

  private static final List<Asked> REQUESTS =
      List.of(
          // one service by each of its names
          get("reviews.shop.svc.cluster.local:8080"),
          get("reviews.shop.svc:8080"),
          get("reviews.shop:8080"),
          get("reviews:8080"),
          get("REVIEWS.shop:8080"),
          get("reviews.shop.svc.cluster.local.:8080"),
          get("10.96.0.10:8080"),
          // its other port, and other services
          get("reviews:9090"),
          grpc("reviews:9090"),
          grpc("ratings.shop:9090"),
          grpc("10.96.0.12:9090"),
          get("ratings:8082"),
          grpc("ratings:8082"),
          get("legacy:8080"),
          get("storefront:8080"),
          get("payments.pay:8080"),
          get("payments:8080"),
          get("10.96.1.10:8080"),
          get("wallet.pay:8085"),
          get("wallet.pay.svc.cluster.local:8085"),
          get("10.96.1.11:8085"),
          // TCP and TLS services; TLS of the application itself
          get("ledger:5432"),
          get("10.96.0.13:5432"),
          https("ledger.shop.svc.cluster.local:8443"),
          https("ledger:8443"),
          https("reviews:8080"),
          https("example.com"),
          https("example.com:8080"),
          // what the mesh does not know
          get("example.com"),
          get("example.com:81"),
          get("example.com:8080"),
          get("nobody.shop:8080"),
          get("nobody.shop.svc.cluster.local:9090"),
          get("reviews:18080"),
          get("reviews"),
          get("203.0.113.9:8080"),
          get("203.0.113.9:9999"),
          get("[2001:db8::9]:8080"),
          // outside the mesh
          get("api.partner.example"),
          https("api.partner.example"),
          get("pool.partner.example:8088"),
          get("pool-b.partner.example:8088"),
          get("10.96.10.5:8088"),
          get("rr.partner.example:8089"),
          get("a.wild.example"),
          get("192.0.2.200"),
          https("a.wild.example"),
          https("wild.example"),
          get("cidr.partner.example:3306"),
          get("192.0.2.5:3306"),
          get("192.0.2.129:3306"),
          get("198.51.100.7:3306"),
          https("fixed.partner.example:8443"),
          get("fixed.partner.example:8090"),
          get("dns-internal:8080"),
          get("socket:8091"),
          get("localhost:8080"),
          get("127.0.1.1:18080"),
          // paths
          path("/a/../b?x=/../y"),
          path("/%61dmin/%2e%2e/x\\y"),
          path("//a%2fb"),
          path("/a#b"),
          path("/x%00y"),
          // bodies and headers
          post(BodyTraits.REPLAYABLE),
          post(BodyTraits.ONE_SHOT),
          get(
              "reviews:8080",
              "x-envoy-retry-on",
              "5xx",
              "x-envoy-max-retries",
              "9",
              "x-envoy-upstream-rq-timeout-ms",
              "5"),
          get("reviews:8080", "x-forwarded-client-cert", "By=spiffe://x", "x-request-id", "mine"),
          get("reviews:8080", "x-envoy-decorator-operation", "mine", "x-forwarded-proto", "https"),
          get("reviews:8080", "connection", "x-hop", "x-hop", "1", "te", "trailers"),
          get("reviews:8080", "connection", "upgrade", "upgrade", "websocket"),
          post(BodyTraits.REPLAYABLE, "content-type", "application/grpc"));

  private final MeshUnderTest mesh;

  private OutboundOutcomes(MeshUnderTest mesh) {
    this.mesh = mesh;
  }

  static void into(OutcomeTable table, MeshUnderTest mesh) {
    OutboundOutcomes outcomes = new OutboundOutcomes(mesh);
    for (Asked asked : REQUESTS) {
      outcomes.fill(table.row(asked.name()), asked);
    }
  }

  private void fill(Map<String, String> row, Asked asked) {
    mesh.rewind(SEED);
    CallScript first = call(asked, ANSWERS);
    if (first == null) {
      row.put("listener", "left alone" + passing(asked));
      return;
    }
    row.put("listener", first.outcome().listener());
    row.put("virtual host", first.outcome().virtualHost());
    row.put("route", first.outcome().route());
    shares(row, asked);
    row.put("wire", first.starts.isEmpty() ? "" : wire(first.starts.get(0).wire()));
    row.put("request sent", first.starts.isEmpty() ? "" : sent(first.starts.get(0).head()));
    row.put("answer", first.answered());
    ResponseHead answer = first.answer;
    row.put("answer's headers", answer == null ? "" : CallScript.fields(answer.headers()));
    if (!first.starts.isEmpty()) {
      row.put("every connection refused", end(asked, REFUSES));
      row.put("503 from every host", end(asked, IS_UNAVAILABLE));
      row.put("silence", end(asked, IS_SILENT));
    }
  }

  /** Where the bytes go when the mesh has no part in it. */
  private String passing(Asked asked) {
    String authority = asked.authority();
    int colon = authority.lastIndexOf(':');
    String host = colon < 0 ? authority : authority.substring(0, colon);
    int port =
        colon < 0
            ? asked.scheme().equals("https") ? 443 : 80
            : Integer.parseInt(authority.substring(colon + 1));
    OutboundTarget to =
        asked.scheme().equals("https")
            ? mesh.tables().outbound().tcp(host, port)
            : mesh.tables().outbound().http(host, port);
    return to instanceof OutboundTarget.Tcp tcp
        ? ": " + tcp.listener() + " -> " + tcp.cluster()
        : "";
  }

  /** The same chance gives the same choices, one by one. */
  private void shares(Map<String, String> row, Asked asked) {
    mesh.rewind(SEED);
    Map<String, Integer> clusters = new TreeMap<>();
    Map<String, Integer> hosts = new TreeMap<>();
    int clusterSequence = 0;
    for (int i = 0; i < DRAWS; i++) {
      CallScript call = call(asked, ANSWERS);
      if (call == null) {
        throw new AssertionError("left alone the " + i + "th time");
      }
      clusters.merge(call.outcome().cluster(), 1, Integer::sum);
      clusterSequence = 31 * clusterSequence + call.outcome().cluster().hashCode();
      call.starts.forEach(start -> hosts.merge(start.host().address(), 1, Integer::sum));
    }
    row.put(
        "clusters", counted(clusters) + "\nin the order " + Integer.toHexString(clusterSequence));
    row.put("hosts", counted(hosts));
  }

  private static String counted(Map<String, Integer> counts) {
    return counts.entrySet().stream()
        .map(entry -> entry.getValue() + " x " + entry.getKey())
        .collect(Collectors.joining("\n"));
  }

  private String end(Asked asked, BiConsumer<CallScript, Command.Start> host) {
    mesh.rewind(SEED);
    CallScript call = call(asked, host);
    if (call == null) {
      throw new AssertionError("left alone this time");
    }
    long hosts = call.starts.stream().map(start -> start.host().address()).distinct().count();
    return call.answered()
        + "\n"
        + call.starts.size()
        + " attempts at "
        + hosts
        + " hosts in "
        + (mesh.now - MeshUnderTest.START_NANOS) / 1_000_000
        + " ms";
  }

  private @Nullable CallScript call(Asked asked, BiConsumer<CallScript, Command.Start> host) {
    Call call =
        mesh.calls.outbound(
            asked.head(), asked.body(), CallContext.NONE, Capabilities.BASIC, () -> {}, mesh.now);
    return call == null ? null : new CallScript(mesh, call, asked.body().present()).run(host);
  }

  private static ResponseHead response(int status) {
    return new ResponseHead(
        status, Headers.of("server", "app", "x-envoy-upstream-service-time", "7", "x-app", "1"));
  }

  private static String sent(RequestHead head) {
    return head.method()
        + " "
        + head.scheme()
        + "://"
        + head.authority()
        + head.path()
        + "\n"
        + CallScript.fields(head.headers());
  }

  static String wire(Wire wire) {
    return wire.protocol()
        + " in "
        + socket(wire.tls())
        + (wire.alpn().isEmpty() ? "" : "\noffers " + wire.alpn())
        + (wire.applicationTls() ? "\nwith the application's own TLS" : "")
        + "\nconnect within "
        + wire.connectTimeoutNanos() / 1_000_000
        + " ms, idle "
        + wire.idleNanos() / 1_000_000
        + " ms";
  }

  static String socket(TransportSocket.@Nullable Tls tls) {
    if (tls == null) {
      return "plaintext";
    }
    TreeSet<String> sans = new TreeSet<>();
    tls.sans().forEach(san -> sans.add(san.type() + " " + san));
    return (tls.certificate() == null ? "TLS" : "mTLS as " + tls.certificate())
        + "\nSNI "
        + tls.sni()
        + "\nroots "
        + (tls.verify() ? tls.trust() : "(not verified)")
        + ", "
        + tls.versions().min()
        + " to "
        + tls.versions().max()
        + "\npeer "
        + sans;
  }
}
