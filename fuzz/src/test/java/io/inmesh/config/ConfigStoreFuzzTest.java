package io.inmesh.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.inmesh.proto.envoy.config.cluster.v3.Cluster;
import io.inmesh.proto.envoy.config.core.v3.Address;
import io.inmesh.proto.envoy.config.core.v3.AggregatedConfigSource;
import io.inmesh.proto.envoy.config.core.v3.ConfigSource;
import io.inmesh.proto.envoy.config.core.v3.SocketAddress;
import io.inmesh.proto.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.inmesh.proto.envoy.config.listener.v3.Filter;
import io.inmesh.proto.envoy.config.listener.v3.FilterChain;
import io.inmesh.proto.envoy.config.listener.v3.Listener;
import io.inmesh.proto.envoy.config.route.v3.RouteConfiguration;
import io.inmesh.proto.envoy.extensions.filters.http.router.v3.Router;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.Rds;
import java.util.List;
import java.util.Map;

/**
 * Whatever bytes come as a resource: nothing is thrown into the configuration thread, and a bad
 * resource is refused by its name and for a reason that is no defect of ours.
 */
class ConfigStoreFuzzTest {
  private static final List<String> TYPES =
      List.of(ConfigStore.LISTENER, ConfigStore.CLUSTER, ConfigStore.ENDPOINTS, ConfigStore.ROUTES);

  /** One byte for the type, and then the message. */
  @FuzzTest(maxDuration = "15s")
  void nothingEscapes(byte[] data) {
    if (data.length == 0) {
      return;
    }
    int type = data[0] & 3;
    ByteString message = ByteString.copyFrom(data, 1, data.length - 1);
    String name = name(type, message);
    ConfigStore store = new ConfigStore(new Nobody(), "shop.svc.cluster.local");
    store.apply(ConfigStore.CLUSTER, List.of(eds(name)), List.of(), false);
    store.apply(ConfigStore.LISTENER, List.of(rds(name)), List.of(), false);
    Map<String, String> refused =
        store.apply(TYPES.get(type), List.of(new ConfigResource(name, message)), List.of(), false);
    assertThat(refused.keySet()).isSubsetOf(name);
    for (String reason : refused.values()) {
      assertThat(reason).isNotBlank().doesNotStartWith("cannot be compiled");
    }
  }

  private static String name(int type, ByteString message) {
    try {
      return switch (type) {
        case 0 -> Listener.parseFrom(message).getName();
        case 1 -> Cluster.parseFrom(message).getName();
        case 2 -> ClusterLoadAssignment.parseFrom(message).getClusterName();
        default -> RouteConfiguration.parseFrom(message).getName();
      };
    } catch (InvalidProtocolBufferException e) {
      return "garbage";
    }
  }

  /** A cluster that makes the store want these endpoints. */
  private static ConfigResource eds(String name) {
    ConfigSource ads =
        ConfigSource.newBuilder().setAds(AggregatedConfigSource.getDefaultInstance()).build();
    Cluster cluster =
        Cluster.newBuilder()
            .setName("of fuzz")
            .setType(Cluster.DiscoveryType.EDS)
            .setEdsClusterConfig(
                Cluster.EdsClusterConfig.newBuilder().setServiceName(name).setEdsConfig(ads))
            .build();
    return new ConfigResource("of fuzz", cluster.toByteString());
  }

  /** A listener that makes the store want these routes. */
  private static ConfigResource rds(String name) {
    ConfigSource ads =
        ConfigSource.newBuilder().setAds(AggregatedConfigSource.getDefaultInstance()).build();
    HttpConnectionManager manager =
        HttpConnectionManager.newBuilder()
            .setStatPrefix("fuzz")
            .setRds(Rds.newBuilder().setRouteConfigName(name).setConfigSource(ads))
            .addHttpFilters(
                HttpFilter.newBuilder()
                    .setName("envoy.filters.http.router")
                    .setTypedConfig(Any.pack(Router.getDefaultInstance())))
            .build();
    Listener listener =
        Listener.newBuilder()
            .setName("of fuzz")
            .setAddress(
                Address.newBuilder()
                    .setSocketAddress(
                        SocketAddress.newBuilder().setAddress("0.0.0.0").setPortValue(80)))
            .addFilterChains(
                FilterChain.newBuilder()
                    .addFilters(
                        Filter.newBuilder()
                            .setName("envoy.filters.network.http_connection_manager")
                            .setTypedConfig(Any.pack(manager))))
            .build();
    return new ConfigResource("of fuzz", listener.toByteString());
  }

  private static final class Nobody implements TablesListener {
    @Override
    public void onCluster(ClusterConfig cluster) {}

    @Override
    public void onEndpoints(ClusterEndpoints endpoints) {}

    @Override
    public void onClusterRemoved(String name) {}

    @Override
    public void onTables(MeshTables tables) {}

    @Override
    public void onSubscriptions() {}
  }
}
