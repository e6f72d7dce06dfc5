package io.inmesh.differential;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Generated requests: ordinary ones, and what attackers and careless clients send. */
final class Requests {
  private Requests() {}

  /**
   * @param hangs upstreams may keep silent: only under configurations with time-outs
   */
  static Arbitrary<Asked> any(boolean hangs) {
    Arbitrary<String> method =
        Arbitraries.frequencyOf(
            Tuple.of(8, Arbitraries.just("GET")),
            Tuple.of(3, Arbitraries.of("POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH")));
    Arbitrary<String> authority =
        Arbitraries.frequencyOf(
            Tuple.of(3, Arbitraries.of("shop.example", "api.shop.example", "shop.internal")),
            Tuple.of(2, Arbitraries.of(Words.AUTHORITIES)));
    return Combinators.combine(
            method, authority, Words.askedPath(), header().list().ofMaxSize(4), script(hangs))
        .as(Requests::asked);
  }

  private static Asked asked(
      String method, String authority, String path, List<List<String>> headers, String script) {
    List<String> flat = new ArrayList<>();
    headers.forEach(flat::addAll);
    boolean body = method.equals("POST") || method.equals("PUT") || method.equals("PATCH");
    return new Asked(method, authority, path, flat, body ? "body" : null, script);
  }

  private static Arbitrary<List<String>> header() {
    Arbitrary<List<String>> plain =
        Combinators.combine(Arbitraries.of("x-a", "x-b", "x-c", "X-A"), Words.value()).as(List::of);
    Arbitrary<List<String>> hostile =
        Arbitraries.of(
            List.of("x-a", "é"),
            List.of("x-b", " padded\t"),
            List.of("x-a", "v".repeat(3_000)),
            List.of("x-forwarded-for", "10.0.0.1, 10.0.0.2"),
            List.of("x-forwarded-proto", "https"),
            List.of("x-request-id", "mine"),
            List.of("x-envoy-retry-on", "5xx"),
            List.of("x-envoy-max-retries", "3"),
            List.of("x-envoy-upstream-rq-timeout-ms", "1"),
            List.of("x-envoy-original-path", "/admin"),
            List.of("x-envoy-internal", "true"),
            List.of("x-envoy-attempt-count", "9"),
            List.of("x-envoy-decorator-operation", "theirs"),
            List.of("x-envoy-expected-rq-timeout-ms", "5"),
            List.of("x-forwarded-client-cert", "By=spiffe://forged;URI=spiffe://forged"),
            List.of("x-forwarded-host", "evil"),
            List.of("connection", "x-a"),
            List.of("connection", "x-forwarded-for"),
            List.of("x-to", "c1"),
            List.of("x-to", "absent"),
            List.of("x-chance", "77"),
            List.of("grpc-timeout", "20S"),
            List.of("grpc-timeout", "450m"),
            List.of("grpc-timeout", "1H"),
            List.of("grpc-timeout", "soon"),
            List.of("te", "trailers"),
            List.of("te", "gzip"),
            List.of("upgrade", "h2c"),
            List.of("keep-alive", "1"),
            List.of("proxy-connection", "keep-alive"),
            List.of("content-type", "application/grpc"),
            List.of("content-type", "application/grpc+proto"),
            List.of("content-type", "application/grpcx"),
            List.of("content-type", "text/plain"),
            List.of("cookie", "a=1"),
            List.of("cookie", "b=2"),
            List.of("user-agent", "test"),
            List.of("accept-encoding", "gzip"),
            List.of("x-nobody_knows", "1"));
    return Arbitraries.frequencyOf(Tuple.of(5, plain), Tuple.of(2, hostile));
  }

  private static Arbitrary<String> script(boolean hangs) {
    Arbitrary<String> word =
        Arbitraries.of(
            "200", "200", "200+a", "200+b", "200+s", "200+d", "200+tv", "201", "204", "304", "301",
            "404+a", "409", "429", "500", "502", "503", "503+a", "504", "503+r", "200+g", "drop");
    Arbitrary<String> scripted =
        word.list().ofMinSize(1).ofMaxSize(3).map(all -> String.join(",", all));
    if (!hangs) {
      return Arbitraries.frequencyOf(Tuple.of(1, Arbitraries.just("200")), Tuple.of(2, scripted));
    }
    return Arbitraries.frequencyOf(
        Tuple.of(5, scripted), Tuple.of(1, Arbitraries.of("hang", "hang,200", "503,hang")));
  }
}
