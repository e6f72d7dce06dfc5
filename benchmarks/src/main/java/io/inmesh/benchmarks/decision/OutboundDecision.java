package io.inmesh.benchmarks.decision;

import io.inmesh.call.BodyTraits;
import io.inmesh.call.Call;
import io.inmesh.call.CallContext;
import io.inmesh.call.CallEngine;
import io.inmesh.call.Capabilities;
import io.inmesh.call.Command;
import io.inmesh.call.Event;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
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
 * A call that the application makes, from the look at its head to its end: listener, header rules,
 * filters, route, cluster, host; one attempt that succeeds. {@link #heads} is what an adapter
 * allocates for it anyway; the engine is the difference.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class OutboundDecision {
  /** Of what there are many. */
  @Param({"VIRTUAL_HOSTS", "ROUTES", "ENDPOINTS"})
  public Shape shape = Shape.VIRTUAL_HOSTS;

  /** How many. */
  @Param({"10", "1000", "10000"})
  public int size = 10;

  private String authority = "";
  private String path = "";
  private @Nullable CallEngine engine;

  /** Compiles the configuration. */
  @Setup
  public void setup() {
    engine = shape.build(size).engine();
    authority = shape.authority(size);
    path = shape.path(size);
  }

  /** The whole of it. */
  @Benchmark
  public Object call() {
    long now = System.nanoTime();
    Call call =
        Objects.requireNonNull(engine)
            .outbound(
                request(), BodyTraits.NONE, CallContext.NONE, Capabilities.BASIC, () -> {}, now);
    if (call == null || !(call.poll(now) instanceof Command.Start start)) {
      throw new IllegalStateException(
          "no attempt: " + (call == null ? "left alone" : call.outcome()));
    }
    call.on(Event.Connected.of(start.attempt()), now);
    call.on(Event.RequestSent.of(start.attempt()), now);
    call.poll(now);
    call.on(new Event.Head(start.attempt(), response(), false), now);
    if (!(call.poll(now) instanceof Command.Respond)) {
      throw new IllegalStateException("no response: " + call.outcome());
    }
    call.on(new Event.End(start.attempt(), null), now);
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

  /** As the OkHttp adapter makes it of a small GET. */
  private RequestHead request() {
    Headers headers = new Headers(11);
    headers.add("accept", "application/json");
    headers.add("accept-encoding", "gzip");
    headers.add("user-agent", "okhttp/5");
    return new RequestHead("GET", "http", authority, path, headers, Protocol.HTTP11);
  }

  private static ResponseHead response() {
    Headers headers = new Headers(8);
    headers.add("content-type", "application/json");
    headers.add("content-length", "2");
    headers.add("date", "Sun, 22 Nov 2026 15:00:00 GMT");
    headers.add("server", "istio-envoy");
    return new ResponseHead(200, headers);
  }
}
