package io.inmesh.call;

import io.inmesh.config.CircuitBreakers;
import io.inmesh.config.ClusterConfig;
import io.inmesh.config.Endpoint;
import io.inmesh.config.HeaderEdits;
import io.inmesh.config.HedgePolicy;
import io.inmesh.config.HttpFilterConfig;
import io.inmesh.config.HttpManager;
import io.inmesh.config.HttpOptions;
import io.inmesh.config.LoadBalancing;
import io.inmesh.config.LocalityEndpoints;
import io.inmesh.config.RetryOn;
import io.inmesh.config.RetryPolicy;
import io.inmesh.config.Route;
import io.inmesh.config.RouteAction;
import io.inmesh.config.RouteTable;
import io.inmesh.config.StreamDuration;
import io.inmesh.config.TransportSocket;
import io.inmesh.config.TransportSockets;
import io.inmesh.config.VirtualHost;
import io.inmesh.filter.HttpFilter;
import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import io.inmesh.upstream.ClusterEnvironment;
import io.inmesh.upstream.Clusters;
import io.inmesh.upstream.Host;
import io.inmesh.upstream.UpstreamListener;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A call without network or real time: a scripted clock, hosts that nobody listens on, and the
 * commands as a list.
 */
final class CallHarness {
  static final long MS = 1_000_000L;

  long now = 1_000 * MS;

  /** Makes every back-off 7 ms long. */
  long random = 7 * MS;

  final AtomicInteger wakes = new AtomicInteger();
  final Clusters clusters;
  final List<Outcome> ended = new ArrayList<>();
  final List<HttpFilterConfig> filters = new ArrayList<>();

  /** Filters as code; they stand in place of {@link #filters}. */
  final List<HttpFilter> scripted = new ArrayList<>();

  @Nullable String decorator;
  HeaderEdits requestEdits = HeaderEdits.NONE;
  HeaderEdits responseEdits = HeaderEdits.NONE;
  RouteAction action = forward();

  CallHarness() {
    LongSupplier bits = () -> random;
    clusters =
        new Clusters(
            new ClusterEnvironment(
                bits,
                () -> now,
                UpstreamListener.NONE,
                name -> new java.util.concurrent.CompletableFuture<>(),
                Executors.newSingleThreadScheduledExecutor(
                    task -> {
                      Thread thread = new Thread(task);
                      thread.setDaemon(true);
                      return thread;
                    })));
    cluster("reviews", CircuitBreakers.DEFAULTS, "10.0.0.1", "10.0.0.2", "10.0.0.3");
  }

  void cluster(String name, CircuitBreakers breakers, String... ips) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (String ip : ips) {
      endpoints.add(new Endpoint(ip, 8080, "", Endpoint.Health.HEALTHY, 1, Map.of(), ""));
    }
    clusters.put(
        new ClusterConfig(
            name,
            ClusterConfig.Discovery.STATIC,
            name,
            List.of(new LocalityEndpoints("", 0, 0, endpoints)),
            LoadBalancing.of(LoadBalancing.Policy.ROUND_ROBIN),
            1_000 * MS,
            breakers,
            breakers,
            null,
            TransportSockets.only(TransportSocket.Plaintext.INSTANCE),
            ClusterConfig.UpstreamProtocol.HTTP11,
            0,
            0,
            io.inmesh.config.DnsLookup.DEFAULT,
            ClusterConfig.AutoNames.NONE,
            "",
            "",
            null));
  }

  static RetryPolicy retry(int times, RetryOn... on) {
    return retry(times, 0, on);
  }

  static RetryPolicy retry(int times, long perTryNanos, RetryOn... on) {
    Set<RetryOn> words = EnumSet.noneOf(RetryOn.class);
    words.addAll(List.of(on));
    return new RetryPolicy(
        words,
        Set.of(503),
        List.of(),
        List.of(),
        times,
        perTryNanos,
        0,
        25 * MS,
        250 * MS,
        true,
        5,
        0);
  }

  static RouteAction.Forward forward() {
    return forward(0, null, null, List.of());
  }

  /** Without a time-out of its own. */
  static RouteAction.Forward lasting(StreamDuration duration) {
    return forward(0, duration, null, null, List.of());
  }

  static RouteAction.Forward forward(
      long timeoutNanos,
      @Nullable RetryPolicy retry,
      @Nullable HedgePolicy hedge,
      List<RouteAction.Mirror> mirrors) {
    return forward(timeoutNanos, null, retry, hedge, mirrors);
  }

  private static RouteAction.Forward forward(
      long timeoutNanos,
      @Nullable StreamDuration duration,
      @Nullable RetryPolicy retry,
      @Nullable HedgePolicy hedge,
      List<RouteAction.Mirror> mirrors) {
    return new RouteAction.Forward(
        (head, bits) -> RouteAction.Target.of("reviews"),
        timeoutNanos,
        -1,
        -1,
        duration,
        retry,
        hedge,
        null,
        null,
        null,
        false,
        false,
        mirrors,
        List.of(),
        false,
        503,
        null);
  }

  static RequestHead get(String... headers) {
    return new RequestHead(
        "GET", "http", "reviews.shop:8080", "/reviews/1", Headers.of(headers), Protocol.HTTP11);
  }

  static ResponseHead response(int status, String... headers) {
    return new ResponseHead(status, Headers.of(headers));
  }

  CallEnvironment environment() {
    return new CallEnvironment(
        clusters, () -> random, (inbound, request, from, outcome, nanos) -> ended.add(outcome));
  }

  HttpManager manager(boolean inbound) {
    Route route =
        new Route(
            "r",
            "8080/reviews/0",
            action,
            requestEdits,
            responseEdits,
            decorator,
            !inbound,
            Map.of());
    HttpManager manager =
        new HttpManager(
            inbound ? "virtualInbound/0.0.0.0_8080" : "0.0.0.0_8080",
            inbound,
            new OneRoute(route),
            filters,
            HttpOptions.sidecar(inbound));
    if (!scripted.isEmpty()) {
      HttpFilter[] code = scripted.toArray(new HttpFilter[0]);
      manager.derived(m -> new FilterStack(code, new HttpFilterConfig[code.length], true));
    }
    return manager;
  }

  Driven inbound(RequestHead head, Connection from) {
    boolean named = head.headers().remove("x-envoy-decorator-operation");
    HttpOptions options = HttpOptions.sidecar(true);
    HeadRules.inboundRequest(
        head, options, from.tls(), ClientCertHeader.element(options, from), () -> random);
    return new Driven(
        this,
        new InboundCall(
            environment(),
            manager(true),
            head,
            BodyTraits.NONE,
            from,
            named,
            wakes::incrementAndGet,
            now));
  }

  Driven outbound(RequestHead head, BodyTraits body) {
    return outbound(head, body, Capabilities.ALL, CallContext.NONE);
  }

  Driven outbound(RequestHead head, BodyTraits body, Capabilities can, CallContext parent) {
    HeadRules.outboundRequest(head, HttpOptions.sidecar(false), parent, () -> random);
    return new Driven(
        this,
        new OutboundCall(
            environment(), manager(false), head, body, parent, can, wakes::incrementAndGet, now));
  }

  /** Leases that have not ended, over all hosts. */
  int leases() {
    int active = 0;
    for (var cluster : clusters.all()) {
      for (Host host : cluster.hosts()) {
        active += host.active();
      }
    }
    return active;
  }

  private record OneRoute(Route route) implements RouteTable, VirtualHost {
    @Override
    public String name() {
      return "8080";
    }

    @Override
    public @Nullable VirtualHost find(String authority) {
      return authority.startsWith("reviews") ? this : null;
    }

    @Override
    public @Nullable Route route(RequestHead head, LongSupplier bits) {
      return route;
    }
  }
}
