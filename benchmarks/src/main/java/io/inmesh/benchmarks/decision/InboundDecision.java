package io.inmesh.benchmarks.decision;

import io.inmesh.call.BodyTraits;
import io.inmesh.call.Call;
import io.inmesh.call.CallEngine;
import io.inmesh.call.Capabilities;
import io.inmesh.call.Command;
import io.inmesh.call.Event;
import io.inmesh.config.ConfigStore;
import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/**
 * A request that the application serves, of an mTLS peer, under an ALLOW filter with many policies
 * of which the last matches: filter chain, header rules, RBAC, route, response.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class InboundDecision {
  private static final String OWN = "spiffe://cluster.local/ns/bench/sa/server";

  /** Policies, each with a path and a principal of its own. 0: no RBAC filter. */
  @Param({"0", "10", "1000"})
  public int policies = 10;

  private String path = "";
  private Connection peer = Connection.LOCAL;
  private @Nullable CallEngine engine;

  /** Compiles the configuration. */
  @Setup
  public void setup() {
    BenchMesh mesh = new BenchMesh();
    mesh.apply(
        ConfigStore.CLUSTER,
        List.of(InboundProtos.cluster()),
        List.of(InboundProtos.cluster().getName()));
    mesh.apply(
        ConfigStore.LISTENER, List.of(InboundProtos.listener(policies)), List.of("virtualInbound"));
    engine = mesh.engine();
    int last = Math.max(0, policies - 1);
    path = InboundProtos.path(last);
    peer =
        new Connection(
            "127.0.0.1",
            InboundProtos.PORT,
            "127.0.0.2",
            40000,
            true,
            "outbound_.8080_._.service-0.bench.svc.cluster.local",
            List.of("istio-http/1.1", "istio", "http/1.1"),
            List.of(InboundProtos.principal(last)),
            List.of(),
            "",
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            OWN,
            1);
  }

  /** The whole of it. */
  @Benchmark
  public Object call() {
    long now = System.nanoTime();
    Call call =
        Objects.requireNonNull(engine)
            .inbound(request(), BodyTraits.NONE, peer, Capabilities.BASIC, () -> {}, now);
    if (!(call.poll(now) instanceof Command.Dispatch)) {
      throw new IllegalStateException("not dispatched: " + call.outcome());
    }
    call.on(new Event.AppHead(response()), now);
    if (!(call.poll(now) instanceof Command.Respond)) {
      throw new IllegalStateException("no response: " + call.outcome());
    }
    call.on(new Event.AppEnd(null), now);
    if (!(call.poll(now) instanceof Command.Done)) {
      throw new IllegalStateException("not done: " + call.outcome());
    }
    return call.outcome();
  }

  /** The heads alone. */
  @Benchmark
  public void heads(Blackhole taken) {
    taken.consume(request());
    taken.consume(response());
  }

  /** As a sidecar's or Inmesh's client sends it. */
  private RequestHead request() {
    Headers headers = new Headers(12);
    headers.add("accept", "application/json");
    headers.add("accept-encoding", "gzip");
    headers.add("user-agent", "okhttp/5");
    headers.add("x-request-id", "0f8fad5b-d9cb-469f-a165-70867728950e");
    headers.add("x-forwarded-proto", "http");
    headers.add("x-envoy-attempt-count", "1");
    headers.add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    return new RequestHead(
        "GET", "https", "service-0.bench.svc.cluster.local:8080", path, headers, Protocol.HTTP11);
  }

  private static ResponseHead response() {
    Headers headers = new Headers(8);
    headers.add("content-type", "application/json");
    headers.add("content-length", "2");
    headers.add("date", "Sun, 22 Nov 2026 15:00:00 GMT");
    return new ResponseHead(200, headers);
  }
}
