package io.inmesh.fields;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.inmesh.call.BodyTraits;
import io.inmesh.call.Call;
import io.inmesh.call.CallContext;
import io.inmesh.call.CallEngine;
import io.inmesh.call.CallEnvironment;
import io.inmesh.call.CallListener;
import io.inmesh.call.Capabilities;
import io.inmesh.call.Exclusions;
import io.inmesh.config.ConfigResource;
import io.inmesh.config.ConfigStore;
import io.inmesh.config.MeshTables;
import io.inmesh.filter.LocalNode;
import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.proto.envoy.config.cluster.v3.Cluster;
import io.inmesh.proto.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.inmesh.proto.envoy.config.listener.v3.Listener;
import io.inmesh.proto.envoy.config.route.v3.RouteConfiguration;
import io.inmesh.proto.envoy.config.trace.v3.OpenTelemetryConfig;
import io.inmesh.proto.envoy.config.trace.v3.ZipkinConfig;
import io.inmesh.proto.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import io.inmesh.proto.envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter;
import io.inmesh.proto.envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig;
import io.inmesh.proto.envoy.extensions.filters.http.fault.v3.HTTPFault;
import io.inmesh.proto.envoy.extensions.filters.http.router.v3.Router;
import io.inmesh.proto.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.inmesh.proto.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.inmesh.proto.envoy.extensions.load_balancing_policies.client_side_weighted_round_robin.v3.ClientSideWeightedRoundRobin;
import io.inmesh.proto.envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate;
import io.inmesh.proto.envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig;
import io.inmesh.proto.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.inmesh.proto.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.inmesh.proto.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.inmesh.proto.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.inmesh.proto.stats.PluginConfig;
import io.inmesh.proto.udpa.type.v1.TypedStruct;
import io.inmesh.runtime.Switchboard;
import io.inmesh.upstream.ClusterEnvironment;
import io.inmesh.upstream.Clusters;
import io.inmesh.upstream.Host;
import io.inmesh.upstream.UpstreamListener;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.function.LongSupplier;

/**
 * A mesh made of protos, written as JSON, without network or real time. One listener on port 8080
 * leads by one virtual host and one route to the cluster {@code reviews}; tests add fields to each.
 */
final class Configured {
  static final long MS = 1_000_000L;

  private static final JsonFormat.Parser JSON =
      JsonFormat.parser()
          .usingTypeRegistry(
              JsonFormat.TypeRegistry.newBuilder()
                  .add(HttpConnectionManager.getDescriptor())
                  .add(Router.getDescriptor())
                  .add(TlsInspector.getDescriptor())
                  .add(HTTPFault.getDescriptor())
                  .add(TcpProxy.getDescriptor())
                  .add(UpstreamTlsContext.getDescriptor())
                  .add(DownstreamTlsContext.getDescriptor())
                  .add(RawBuffer.getDescriptor())
                  .add(PreviousHostsPredicate.getDescriptor())
                  .add(PreviousPrioritiesConfig.getDescriptor())
                  .add(ClientSideWeightedRoundRobin.getDescriptor())
                  .add(HttpProtocolOptions.getDescriptor())
                  .add(PluginConfig.getDescriptor())
                  .add(FileAccessLog.getDescriptor())
                  .add(ExpressionFilter.getDescriptor())
                  .add(OpenTelemetryAccessLogConfig.getDescriptor())
                  .add(OpenTelemetryConfig.getDescriptor())
                  .add(ZipkinConfig.getDescriptor())
                  .add(TypedStruct.getDescriptor())
                  .build());

  long now = 1_000_000 * MS;
  CallListener listener = CallListener.NONE;
  LongSupplier bits = new Random(7)::nextLong;
  final Clusters clusters;
  private final Switchboard inForce;
  private final ConfigStore store;
  private String filters = "";
  private String rds = "'config_source': {'ads': {}}";
  private String manager = "";
  private String configuration = "";
  private String virtualHost = "";
  private String match = "'prefix': '/'";
  private String route = "";
  private String target = "'cluster': 'reviews'";
  private String action = "";
  private String wholeAction = "";
  private boolean stale = true;

  Configured() {
    clusters =
        new Clusters(
            new ClusterEnvironment(
                () -> bits.getAsLong(),
                () -> now,
                UpstreamListener.NONE,
                name -> CompletableFuture.completedFuture(List.of("10.8.0.1", "10.8.0.2")),
                Executors.newSingleThreadScheduledExecutor(
                    task -> {
                      Thread thread = new Thread(task);
                      thread.setDaemon(true);
                      return thread;
                    })));
    inForce = new Switchboard(clusters, this::settleSecrets);
    store = new ConfigStore(inForce, "shop.svc.cluster.local");
    cluster("reviews", "");
    hosts("10.0.0.1", "10.0.0.2", "10.0.0.3");
  }

  // ---- what is configured; a call sees it from the next use of call() on

  /** Filters before the router, as JSON, each followed by a comma. */
  Configured filters(String json) {
    filters = json;
    stale = true;
    return this;
  }

  /** Where routes come from. */
  Configured routeSource(String json) {
    rds = json;
    stale = true;
    return this;
  }

  /** Fields of the connection manager. */
  Configured manager(String json) {
    manager = json;
    stale = true;
    return this;
  }

  /** Fields of the route configuration. */
  Configured configuration(String json) {
    configuration = json;
    stale = true;
    return this;
  }

  /** Fields of the virtual host. */
  Configured virtualHost(String json) {
    virtualHost = json;
    stale = true;
    return this;
  }

  /** What the route matches, instead of every path. */
  Configured match(String json) {
    match = json;
    stale = true;
    return this;
  }

  /** Fields of the route beside its match and its action. */
  Configured route(String json) {
    route = json;
    stale = true;
    return this;
  }

  /** Where the action leads, instead of to the cluster {@code reviews}. */
  Configured target(String json) {
    target = json;
    stale = true;
    return this;
  }

  /** Fields of the route action beside its target. */
  Configured action(String json) {
    action = json;
    stale = true;
    return this;
  }

  /** Something else than a route action: a direct response, a redirect. */
  Configured wholeAction(String json) {
    wholeAction = json;
    stale = true;
    return this;
  }

  /** Fields of an EDS cluster. */
  Configured cluster(String name, String json) {
    return accept(
        ConfigStore.CLUSTER,
        name,
        parse(
            Cluster.newBuilder(),
            "{'name': '"
                + name
                + "', 'type': 'EDS'"
                + more(
                    json.contains("eds_cluster_config")
                        ? ""
                        : "'eds_cluster_config': {'eds_config': {'ads': {}}}")
                + more(json)
                + "}"));
  }

  /** A whole cluster. */
  Configured wholeCluster(String name, String json) {
    return accept(
        ConfigStore.CLUSTER,
        name,
        parse(Cluster.newBuilder(), "{'name': '" + name + "'" + more(json) + "}"));
  }

  /** Hosts of {@code reviews}, alike, in one locality. */
  Configured hosts(String... ips) {
    return hosts("reviews", ips);
  }

  Configured hosts(String cluster, String[] ips) {
    String[] all = new String[ips.length];
    for (int i = 0; i < ips.length; i++) {
      all[i] = host(ips[i], "");
    }
    return endpoints(cluster, "'endpoints': [" + locality("", all) + "]");
  }

  static String host(String ip, String json) {
    return "{'endpoint': {'address': {'socket_address': {'address': '"
        + ip
        + "', 'port_value': 8080}}}"
        + more(json)
        + "}";
  }

  static String locality(String json, String... hosts) {
    return "{'lb_endpoints': [" + String.join(",", hosts) + "]" + more(json) + "}";
  }

  /** The assignment of a cluster, with its localities. */
  Configured endpoints(String cluster, String json) {
    return accept(
        ConfigStore.ENDPOINTS,
        cluster,
        parse(
            ClusterLoadAssignment.newBuilder(),
            "{'cluster_name': '" + cluster + "'" + more(json) + "}"));
  }

  /** A whole listener. */
  Configured listener(String name, String json) {
    return accept(
        ConfigStore.LISTENER,
        name,
        parse(Listener.newBuilder(), "{'name': '" + name + "'" + more(json) + "}"));
  }

  /** A connection manager with a router alone, as a filter of a chain. */
  static String managerFilter(String json) {
    return managerFilter("", json);
  }

  static String managerFilter(String filters, String json) {
    return "{'name': 'hcm', 'typed_config': {'@type':"
        + " 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',"
        + " 'http_filters': ["
        + filters
        + "{'name': 'router', 'typed_config': {'@type':"
        + " 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router'}}]"
        + more(json)
        + "}}";
  }

  static String tls(String direction, String json) {
    return "{'name': 'tls', 'typed_config': {'@type':"
        + " 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3."
        + direction
        + "TlsContext'"
        + more(json)
        + "}}";
  }

  private void outbound() {
    listener(
        "0.0.0.0_8080",
        "'traffic_direction': 'OUTBOUND', 'address': {'socket_address': {'address': '0.0.0.0',"
            + " 'port_value': 8080}}, 'filter_chains': [{'filters': ["
            + managerFilter(
                filters, "'rds': {'route_config_name': '8080', " + rds + "}" + more(manager))
            + "]}]");
    accept(
        ConfigStore.ROUTES,
        "8080",
        parse(
            RouteConfiguration.newBuilder(),
            "{'name': '8080', 'virtual_hosts': [{'name': 'all', 'domains': ['*'], 'routes':"
                + " [{'match': {"
                + match
                + "}, "
                + (wholeAction.isEmpty() ? "'route': {" + target + more(action) + "}" : wholeAction)
                + more(route)
                + "}]"
                + more(virtualHost)
                + "}]"
                + more(configuration)
                + "}"));
  }

  private static String more(String json) {
    return json.isEmpty() ? "" : ", " + json;
  }

  private Configured accept(String type, String name, Message message) {
    Map<String, String> refused =
        store.apply(
            type, List.of(new ConfigResource(name, message.toByteString())), List.of(), false);
    assertThat(refused).isEmpty();
    return this;
  }

  private static Message parse(Message.Builder builder, String json) {
    try {
      JSON.merge(json, builder);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(json, e);
    }
    return builder.build();
  }

  // ---- calls

  private CallEngine engine() {
    return new CallEngine(
        new CallEnvironment(
            clusters,
            () -> bits.getAsLong(),
            listener,
            new LocalNode("sidecar~10.0.0.9~me", "bWU=")),
        inForce::tables,
        Exclusions.LOOPBACK);
  }

  Driven get(String path, String... headers) {
    return call("GET", path, BodyTraits.NONE, headers);
  }

  Driven call(String method, String path, BodyTraits body, String... headers) {
    if (stale) {
      stale = false;
      outbound();
    }
    RequestHead head =
        new RequestHead(
            method, "http", "reviews.shop:8080", path, Headers.of(headers), Protocol.HTTP11);
    Call call = engine().outbound(head, body, CallContext.NONE, Capabilities.ALL, () -> {}, now);
    return new Driven(this, Objects.requireNonNull(call), head);
  }

  /** A call made for a served request. */
  Driven calling(String path, CallContext context) {
    if (stale) {
      stale = false;
      outbound();
    }
    RequestHead head =
        new RequestHead("GET", "http", "reviews.shop:8080", path, new Headers(), Protocol.HTTP11);
    Call call = engine().outbound(head, BodyTraits.NONE, context, Capabilities.ALL, () -> {}, now);
    return new Driven(this, Objects.requireNonNull(call), head);
  }

  Driven inbound(Connection from, String path, String... headers) {
    RequestHead head =
        new RequestHead(
            "GET", "http", "reviews.shop:8080", path, Headers.of(headers), Protocol.HTTP11);
    return new Driven(
        this, engine().inbound(head, BodyTraits.NONE, from, Capabilities.ALL, () -> {}, now), head);
  }

  MeshTables tables() {
    return Objects.requireNonNull(inForce.tables());
  }

  Host hostAt(String ip) {
    return Objects.requireNonNull(clusters.find("reviews")).hosts().stream()
        .filter(host -> host.address().equals(ip + ":8080"))
        .findFirst()
        .orElseThrow();
  }

  /** Whoever has the secrets is not part of it. */
  private void settleSecrets() {
    List.copyOf(store.secrets()).forEach(store::secretSettled);
  }
}
