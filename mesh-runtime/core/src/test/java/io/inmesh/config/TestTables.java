package io.inmesh.config;

import io.inmesh.config.ClusterConfig.Discovery;
import io.inmesh.config.ClusterConfig.UpstreamProtocol;
import io.inmesh.config.LoadBalancing.Policy;
import io.inmesh.http.RequestHead;
import io.inmesh.match.StringMatcher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Compiled tables without a control plane, for tests of this and other modules. Starts empty: every
 * call passes through, no connection is taken.
 */
public final class TestTables {
  public static final String PASSTHROUGH = "PassthroughCluster";
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final Map<String, OutboundTarget> http = new HashMap<>();
  private final Map<String, OutboundTarget> tcp = new HashMap<>();
  private OutboundTarget otherwise = new OutboundTarget.Tcp("virtualOutbound", PASSTHROUGH);
  private InboundTable inbound = facts -> null;

  /** What plaintext calls to {@code host:port} meet. */
  public TestTables http(String hostAndPort, HttpManager manager) {
    http.put(hostAndPort, new OutboundTarget.Http(manager));
    return this;
  }

  /** Routes without filters, for plaintext calls to {@code host:port}. */
  public TestTables routes(String hostAndPort, Route... routes) {
    return http(hostAndPort, outbound(HttpOptions.sidecar(false), List.of(), routes));
  }

  /** What calls with the application's own TLS, and plaintext ones as well, meet. */
  public TestTables tcp(String hostAndPort, String cluster) {
    tcp.put(hostAndPort, new OutboundTarget.Tcp("tcp_" + hostAndPort, cluster));
    return this;
  }

  public TestTables inbound(InboundTable table) {
    inbound = table;
    return this;
  }

  public MeshTables build(long version) {
    Map<String, OutboundTarget> plain = Map.copyOf(http);
    Map<String, OutboundTarget> opaque = Map.copyOf(tcp);
    OutboundTarget rest = otherwise;
    return new MeshTables(
        version,
        new OutboundTable() {
          @Override
          public OutboundTarget http(String host, int port) {
            OutboundTarget found = plain.get(host + ":" + port);
            return found == null ? tcp(host, port) : found;
          }

          @Override
          public OutboundTarget tcp(String host, int port) {
            return opaque.getOrDefault(host + ":" + port, rest);
          }
        },
        inbound);
  }

  // ---- HTTP managers and routes

  public static HttpManager outbound(
      HttpOptions options, List<HttpFilterConfig> filters, Route... routes) {
    return new HttpManager("0.0.0.0_80", false, table("80", routes), filters, options);
  }

  public static RouteTable table(String name, Route... routes) {
    VirtualHost host = new Routes("test:80", List.of(routes));
    return new RouteTable() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public VirtualHost find(String authority) {
        return host;
      }
    };
  }

  public static Conditional when(Predicate<RequestHead> condition, Route route) {
    return new Conditional(condition, route);
  }

  /** Routes of which the first whose condition holds is taken. */
  public static HttpManager conditional(HttpOptions options, Conditional... routes) {
    VirtualHost host =
        new VirtualHost() {
          @Override
          public String name() {
            return "test:80";
          }

          @Override
          public @Nullable Route route(RequestHead head, LongSupplier random) {
            return Arrays.stream(routes)
                .filter(each -> each.condition.test(head))
                .map(Conditional::route)
                .findFirst()
                .orElse(null);
          }
        };
    RouteTable table =
        new RouteTable() {
          @Override
          public String name() {
            return "80";
          }

          @Override
          public VirtualHost find(String authority) {
            return host;
          }
        };
    return new HttpManager("0.0.0.0_80", false, table, List.of(), options);
  }

  /** A route and when it is taken. */
  public record Conditional(Predicate<RequestHead> condition, Route route) {}

  public static Route route(RouteAction action) {
    return route(action, HeaderEdits.NONE, HeaderEdits.NONE);
  }

  public static Route route(RouteAction action, HeaderEdits request, HeaderEdits response) {
    return new Route("test", "80/test:80/0", action, request, response, null, false, Map.of());
  }

  public static ForwardBuilder to(String cluster) {
    return new ForwardBuilder(RouteAction.Target.of(cluster));
  }

  /** {@link RouteAction.Forward} with Envoy's defaults, but no time-out. */
  public static final class ForwardBuilder {
    private RouteAction.ClusterChoice clusters;
    private long timeoutNanos;
    private @Nullable RetryPolicy retry;
    private @Nullable HedgePolicy hedge;
    private List<RouteAction.Mirror> mirrors = List.of();

    private ForwardBuilder(RouteAction.Target target) {
      clusters = (head, random) -> target;
    }

    public ForwardBuilder choose(RouteAction.ClusterChoice choice) {
      clusters = choice;
      return this;
    }

    public ForwardBuilder timeoutMillis(long millis) {
      timeoutNanos = TimeUnit.MILLISECONDS.toNanos(millis);
      return this;
    }

    public ForwardBuilder retry(RetryPolicy policy) {
      retry = policy;
      return this;
    }

    public ForwardBuilder hedge() {
      hedge = new HedgePolicy(true);
      return this;
    }

    public ForwardBuilder mirror(String cluster) {
      mirrors = List.of(new RouteAction.Mirror(cluster, Fraction.ALWAYS, true));
      return this;
    }

    public RouteAction.Forward build() {
      return new RouteAction.Forward(
          clusters,
          timeoutNanos,
          -1,
          -1,
          null,
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

    public Route route() {
      return TestTables.route(build());
    }
  }

  /** Waits 1 to 2 ms between attempts and avoids previous hosts. */
  public static RetryPolicy retry(int times, long perTryMillis, RetryOn first, RetryOn... more) {
    Set<RetryOn> on = EnumSet.of(first, more);
    return new RetryPolicy(
        on,
        Set.of(),
        List.of(),
        List.of(),
        times,
        TimeUnit.MILLISECONDS.toNanos(perTryMillis),
        0,
        TimeUnit.MILLISECONDS.toNanos(1),
        TimeUnit.MILLISECONDS.toNanos(2),
        true,
        5,
        0);
  }

  /** The same with a back-off of that base, so that a test can act during it. */
  public static RetryPolicy slowRetry(int times, RetryOn on, long baseMillis) {
    RetryPolicy like = retry(times, 0, on);
    long base = TimeUnit.MILLISECONDS.toNanos(baseMillis);
    return new RetryPolicy(
        like.on(), Set.of(), List.of(), List.of(), times, 0, 0, base, base, true, 5, 0);
  }

  /** A retry policy for given statuses. */
  public static RetryPolicy retryStatuses(int times, Integer... statuses) {
    RetryPolicy like = retry(times, 0, RetryOn.RETRIABLE_STATUS_CODES);
    return new RetryPolicy(
        like.on(),
        Set.of(statuses),
        List.of(),
        List.of(),
        times,
        0,
        0,
        like.baseNanos(),
        like.maxNanos(),
        true,
        5,
        0);
  }

  // ---- clusters

  public static ClusterBuilder cluster(String name) {
    return new ClusterBuilder(name);
  }

  /** A static round-robin cluster, plaintext HTTP/1.1, 10 s to connect as istiod has it. */
  public static final class ClusterBuilder {
    private final String name;
    private final List<Endpoint> endpoints = new ArrayList<>();
    private TransportSocket socket = TransportSocket.Plaintext.INSTANCE;
    private UpstreamProtocol protocol = UpstreamProtocol.HTTP11;
    private CircuitBreakers breakers = new CircuitBreakers(1024, 1024, 1024, 1024, -1, 3);
    private long connectNanos = 10 * SECOND;
    private Discovery discovery = Discovery.STATIC;

    private ClusterBuilder(String name) {
      this.name = name;
    }

    public ClusterBuilder at(String ip, int port) {
      endpoints.add(new Endpoint(ip, port, "", Endpoint.Health.HEALTHY, 1, Map.of(), ""));
      return this;
    }

    /** On 127.0.0.1. */
    public ClusterBuilder at(int... ports) {
      for (int port : ports) {
        at("127.0.0.1", port);
      }
      return this;
    }

    public ClusterBuilder socket(TransportSocket value) {
      socket = value;
      return this;
    }

    public ClusterBuilder http2() {
      protocol = UpstreamProtocol.HTTP2;
      return this;
    }

    public ClusterBuilder breakers(CircuitBreakers value) {
      breakers = value;
      return this;
    }

    public ClusterBuilder connectMillis(long millis) {
      connectNanos = TimeUnit.MILLISECONDS.toNanos(millis);
      return this;
    }

    public ClusterBuilder originalDestination() {
      discovery = Discovery.ORIGINAL_DST;
      return this;
    }

    public ClusterConfig build() {
      return new ClusterConfig(
          name,
          discovery,
          name,
          List.of(new LocalityEndpoints("", 0, 1, List.copyOf(endpoints))),
          LoadBalancing.of(
              discovery == Discovery.ORIGINAL_DST ? Policy.CLUSTER_PROVIDED : Policy.ROUND_ROBIN),
          connectNanos,
          breakers,
          CircuitBreakers.DEFAULTS,
          null,
          TransportSockets.only(socket),
          protocol,
          3600 * SECOND,
          0,
          DnsLookup.DEFAULT,
          ClusterConfig.AutoNames.NONE,
          "",
          "",
          null);
    }
  }

  /** Mutual TLS with the workload's certificate, to a peer of exactly that name. */
  public static TransportSocket.Tls mutualTls(String sni, String peerUri) {
    StringMatcher matcher = peerUri::equals;
    return new TransportSocket.Tls(
        sni,
        List.of("istio"),
        SecretRef.OWN_CERTIFICATE,
        SecretRef.MESH_ROOTS,
        true,
        List.of(new TransportSocket.San("ANY", peerUri, matcher)),
        TransportSocket.TlsVersions.DEFAULT);
  }

  private record Routes(String name, List<Route> routes) implements VirtualHost {
    @Override
    public @Nullable Route route(RequestHead head, LongSupplier random) {
      return routes.isEmpty() ? null : routes.get(0);
    }
  }
}
