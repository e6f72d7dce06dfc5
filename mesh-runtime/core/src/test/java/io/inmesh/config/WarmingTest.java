package io.inmesh.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.MessageLite;
import com.google.protobuf.util.JsonFormat;
import io.inmesh.proto.envoy.config.cluster.v3.Cluster;
import io.inmesh.proto.envoy.config.core.v3.AggregatedConfigSource;
import io.inmesh.proto.envoy.config.core.v3.ConfigSource;
import io.inmesh.proto.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.inmesh.proto.envoy.config.listener.v3.Listener;
import io.inmesh.proto.envoy.config.route.v3.RouteConfiguration;
import io.inmesh.proto.envoy.extensions.filters.http.router.v3.Router;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When something new goes into force, and what goes on until then. */
class WarmingTest {
  private static final class Out implements TablesListener {
    final List<String> events = new ArrayList<>();
    @Nullable MeshTables tables;

    @Override
    public void onCluster(ClusterConfig cluster) {
      events.add("cluster " + cluster.name());
    }

    @Override
    public void onEndpoints(ClusterEndpoints endpoints) {
      events.add("endpoints " + endpoints.edsName() + " " + endpoints.localities().size());
    }

    @Override
    public void onClusterRemoved(String name) {
      events.add("removed " + name);
    }

    @Override
    public void onTables(MeshTables changed) {
      events.add("tables");
      tables = changed;
    }

    @Override
    public void onSubscriptions() {}

    List<String> drain() {
      List<String> all = List.copyOf(events);
      events.clear();
      return all;
    }
  }

  private final Out out = new Out();
  private final ConfigStore store = new ConfigStore(out, "");

  private static Cluster cluster(String name, int seconds) {
    return Cluster.newBuilder()
        .setName(name)
        .setType(Cluster.DiscoveryType.EDS)
        .setEdsClusterConfig(Cluster.EdsClusterConfig.newBuilder().setEdsConfig(ads()))
        .setConnectTimeout(Duration.newBuilder().setSeconds(seconds))
        .build();
  }

  private static ConfigSource.Builder ads() {
    return ConfigSource.newBuilder().setAds(AggregatedConfigSource.getDefaultInstance());
  }

  private static ClusterLoadAssignment hosts(String cluster) throws Exception {
    ClusterLoadAssignment.Builder hosts = ClusterLoadAssignment.newBuilder();
    JsonFormat.parser()
        .merge(
            "{'clusterName': '"
                + cluster
                + "', 'endpoints': [{'lbEndpoints': [{'endpoint': {'address': {'socketAddress':"
                + " {'address': '127.0.0.1', 'portValue': 1}}}}]}]}",
            hosts);
    return hosts.build();
  }

  private static RouteConfiguration routes(String name, String cluster) throws Exception {
    RouteConfiguration.Builder routes = RouteConfiguration.newBuilder();
    JsonFormat.parser()
        .merge(
            "{'name': '"
                + name
                + "', 'virtualHosts': [{'name': 'all', 'domains': ['*'], 'routes': [{'match':"
                + " {'prefix': '/'}, 'route': {'cluster': '"
                + cluster
                + "'}}]}]}",
            routes);
    return routes.build();
  }

  private static Listener listener(int port) throws Exception {
    HttpConnectionManager.Builder manager = HttpConnectionManager.newBuilder();
    manager.getRdsBuilder().setRouteConfigName(String.valueOf(port)).setConfigSource(ads());
    manager
        .addHttpFiltersBuilder()
        .setName("router")
        .setTypedConfig(
            any(Router.getDefaultInstance(), "envoy.extensions.filters.http.router.v3.Router"));
    Listener.Builder listener = Listener.newBuilder();
    JsonFormat.parser()
        .merge(
            "{'name': '0.0.0.0_"
                + port
                + "', 'trafficDirection': 'OUTBOUND', 'address': {'socketAddress': {'address':"
                + " '0.0.0.0', 'portValue': "
                + port
                + "}}}",
            listener);
    listener
        .addFilterChainsBuilder()
        .addFiltersBuilder()
        .setName("hcm")
        .setTypedConfig(
            any(
                manager.build(),
                "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"));
    return listener.build();
  }

  private static Any any(MessageLite message, String type) {
    return Any.newBuilder()
        .setTypeUrl("type.googleapis.com/" + type)
        .setValue(message.toByteString())
        .build();
  }

  private Map<String, String> put(String type, String name, MessageLite message) {
    return store.apply(type, List.of(Replay.resource(name, message)), List.of(), false);
  }

  private String where(int port) {
    MeshTables tables = java.util.Objects.requireNonNull(out.tables);
    if (!(tables.outbound().http("any", port) instanceof OutboundTarget.Http http)) {
      return "nowhere";
    }
    Route route = http.manager().routes().find("any") == null ? null : find(http);
    if (route == null || !(route.action() instanceof RouteAction.Forward forward)) {
      return "no route";
    }
    RouteAction.Target target = forward.clusters().choose(Replay.head("http://any/"), () -> 0);
    return java.util.Objects.requireNonNull(target).cluster();
  }

  private static @Nullable Route find(OutboundTarget.Http http) {
    VirtualHost host = java.util.Objects.requireNonNull(http.manager().routes().find("any"));
    return host.route(Replay.head("http://any/"), () -> 0);
  }

  @Test
  void theFirstTablesWaitForEveryListenerItsRoutesAndTheirClusters() throws Exception {
    put(ConfigStore.CLUSTER, "a", cluster("a", 1));
    assertThat(out.drain()).isEmpty();
    assertThat(store.edsNames()).containsExactly("a");
    put(ConfigStore.LISTENER, "0.0.0.0_80", listener(80));
    assertThat(store.routeNames()).containsExactly("80");
    put(ConfigStore.ROUTES, "80", routes("80", "a"));
    assertThat(out.drain()).isEmpty();
    put(ConfigStore.ENDPOINTS, "a", hosts("a"));
    assertThat(out.drain()).containsExactly("cluster a", "endpoints a 1", "tables");
    assertThat(where(80)).isEqualTo("a");
  }

  @Test
  void anOldRouteTableGoesOnUntilTheNewOnesClusterIsReady() throws Exception {
    theFirstTablesWaitForEveryListenerItsRoutesAndTheirClusters();
    put(ConfigStore.CLUSTER, "b", cluster("b", 1));
    put(ConfigStore.ROUTES, "80", routes("80", "b"));
    assertThat(out.drain()).isEmpty();
    assertThat(where(80)).isEqualTo("a");
    put(ConfigStore.ENDPOINTS, "b", hosts("b"));
    assertThat(out.drain()).containsExactly("cluster b", "endpoints b 1", "tables");
    assertThat(where(80)).isEqualTo("b");
  }

  @Test
  void aNewListenerWaitsForItsRoutesWhileTheOthersServe() throws Exception {
    theFirstTablesWaitForEveryListenerItsRoutesAndTheirClusters();
    put(ConfigStore.LISTENER, "0.0.0.0_81", listener(81));
    assertThat(store.routeNames()).containsExactly("80", "81");
    assertThat(where(81)).isEqualTo("nowhere");
    put(ConfigStore.ROUTES, "81", routes("81", "a"));
    assertThat(where(81)).isEqualTo("a");
    store.apply(ConfigStore.LISTENER, List.of(), List.of("0.0.0.0_81"), false);
    assertThat(where(81)).isEqualTo("nowhere");
    assertThat(where(80)).isEqualTo("a");
    assertThat(store.routeNames()).containsExactly("80");
  }

  @Test
  void waitingEndsWhenTheControlPlaneStaysSilent() throws Exception {
    put(ConfigStore.CLUSTER, "a", cluster("a", 1));
    put(ConfigStore.LISTENER, "0.0.0.0_80", listener(80));
    store.giveUp(ConfigStore.ENDPOINTS, "a");
    assertThat(out.drain()).containsExactly("cluster a", "endpoints a 0");
    store.giveUp(ConfigStore.ROUTES, "80");
    assertThat(out.drain()).containsExactly("tables");
    assertThat(where(80)).isEqualTo("no route");
    put(ConfigStore.ENDPOINTS, "a", hosts("a"));
    put(ConfigStore.ROUTES, "80", routes("80", "a"));
    assertThat(out.drain()).containsExactly("endpoints a 1", "tables");
    assertThat(where(80)).isEqualTo("a");
  }

  @Test
  void whatIsSentAgainUnchangedDoesNothing() throws Exception {
    theFirstTablesWaitForEveryListenerItsRoutesAndTheirClusters();
    MeshTables before = java.util.Objects.requireNonNull(out.tables);
    put(ConfigStore.CLUSTER, "a", cluster("a", 1));
    put(ConfigStore.ENDPOINTS, "a", hosts("a"));
    put(ConfigStore.LISTENER, "0.0.0.0_80", listener(80));
    put(ConfigStore.ROUTES, "80", routes("80", "a"));
    assertThat(out.drain()).isEmpty();
    assertThat(out.tables).isSameAs(before);
  }

  @Test
  void managersThatDidNotChangeAreTheSameObjectsInTheNextTables() throws Exception {
    aNewListenerWaitsForItsRoutesWhileTheOthersServe();
    OutboundTarget before = java.util.Objects.requireNonNull(out.tables).outbound().http("x", 80);
    put(ConfigStore.LISTENER, "0.0.0.0_82", listener(82));
    put(ConfigStore.ROUTES, "82", routes("82", "a"));
    assertThat(java.util.Objects.requireNonNull(out.tables).outbound().http("x", 80))
        .isEqualTo(before);
  }

  @Test
  void ofAStateOfTheWorldWhatIsMissingIsGone() throws Exception {
    theFirstTablesWaitForEveryListenerItsRoutesAndTheirClusters();
    store.apply(
        ConfigStore.CLUSTER, List.of(Replay.resource("b", cluster("b", 1))), List.of(), true);
    assertThat(out.drain()).containsExactly("removed a");
    assertThat(store.edsNames()).containsExactly("b");
    assertThat(where(80)).isEqualTo("a");
  }

  @Test
  void aChangedClusterIsInForceAtOnceWithTheEndpointsThatAreThere() throws Exception {
    theFirstTablesWaitForEveryListenerItsRoutesAndTheirClusters();
    put(ConfigStore.CLUSTER, "a", cluster("a", 2));
    assertThat(out.drain()).containsExactly("cluster a", "endpoints a 1");
  }

  @Test
  void aRefusedResourceIsNamedWithFieldAndReasonAndTheLastGoodOneStays() throws Exception {
    theFirstTablesWaitForEveryListenerItsRoutesAndTheirClusters();
    RouteConfiguration.Builder bad = routes("80", "b").toBuilder();
    bad.getVirtualHostsBuilder(0)
        .getRoutesBuilder(0)
        .getMatchBuilder()
        .getSafeRegexBuilder()
        .setRegex("(unclosed");
    assertThat(put(ConfigStore.ROUTES, "80", bad.build()))
        .hasEntrySatisfying(
            "80",
            reason ->
                assertThat(reason)
                    .startsWith("virtual_hosts[0].routes[0].match.safe_regex")
                    .contains("(unclosed"));
    assertThat(where(80)).isEqualTo("a");
    assertThat(out.drain()).isEmpty();
    Map<String, String> refused =
        store.apply(
            ConfigStore.CLUSTER,
            List.of(
                Replay.resource("a", cluster("a", 0)), Replay.resource("good", cluster("good", 3))),
            List.of(),
            false);
    assertThat(refused).containsOnlyKeys("a");
    assertThat(refused.get("a")).isEqualTo("connect_timeout: must be greater than 0");
    assertThat(store.edsNames()).containsExactly("a", "good");
  }

  @Test
  void aRouteConfigurationThatAsksForItsClustersIsRefusedWithoutThem() throws Exception {
    theFirstTablesWaitForEveryListenerItsRoutesAndTheirClusters();
    RouteConfiguration.Builder strict = routes("80", "nobody").toBuilder();
    strict.getValidateClustersBuilder().setValue(true);
    assertThat(put(ConfigStore.ROUTES, "80", strict.build()))
        .containsEntry("80", "virtual_hosts: unknown cluster 'nobody'");
    assertThat(where(80)).isEqualTo("a");
  }

  @Test
  void aNameThatTheMessageDoesNotHaveIsRefused() {
    assertThat(put(ConfigStore.CLUSTER, "a", cluster("other", 1)))
        .containsEntry("a", "name: is 'other' in the message, 'a' outside");
  }

  @Test
  void endpointsAreAskedForByTheServiceNameOfTheCluster() throws Exception {
    Cluster.Builder named = cluster("a", 1).toBuilder();
    named.getEdsClusterConfigBuilder().setServiceName("elsewhere");
    put(ConfigStore.CLUSTER, "a", named.build());
    assertThat(store.edsNames()).containsExactly("elsewhere");
    put(ConfigStore.ENDPOINTS, "elsewhere", hosts("elsewhere"));
    assertThat(out.drain()).containsExactly("cluster a", "endpoints elsewhere 1");
  }

  @Test
  void aRefusedRouteConfigurationIsNotWaitedFor() throws Exception {
    put(ConfigStore.LISTENER, "0.0.0.0_80", listener(80));
    RouteConfiguration.Builder bad = routes("80", "a").toBuilder();
    bad.getVirtualHostsBuilder(0).addDomains("*");
    assertThat(put(ConfigStore.ROUTES, "80", bad.build()).get("80"))
        .startsWith("virtual_hosts[0].domains: '*' is there twice");
    assertThat(out.drain()).containsExactly("tables");
    assertThat(where(80)).isEqualTo("no route");
  }
}
