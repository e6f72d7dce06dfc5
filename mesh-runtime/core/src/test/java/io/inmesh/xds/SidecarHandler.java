package io.inmesh.xds;

import com.google.protobuf.InvalidProtocolBufferException;
import io.inmesh.proto.envoy.config.cluster.v3.Cluster;
import io.inmesh.proto.envoy.config.listener.v3.Filter;
import io.inmesh.proto.envoy.config.listener.v3.FilterChain;
import io.inmesh.proto.envoy.config.listener.v3.Listener;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Asks for what a sidecar asks for: the endpoints of its clusters, the routes and extension
 * configurations of its listeners.
 */
final class SidecarHandler extends CollectingHandler {
  private static final String MANAGER =
      "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

  private final Map<TypeUrl, Set<String>> subscribed = new HashMap<>();
  AdsClient client;

  @Override
  public Map<String, String> onUpdate(Update update) {
    Map<String, String> refused = super.onUpdate(update);
    try {
      if (update.type().equals(TypeUrl.CLUSTER)) {
        want(TypeUrl.CLUSTER_LOAD_ASSIGNMENT, endpointNames());
      } else if (update.type().equals(TypeUrl.LISTENER)) {
        want(TypeUrl.ROUTE_CONFIGURATION, listenerNames(true));
        want(TypeUrl.EXTENSION_CONFIG, listenerNames(false));
      }
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
    return refused;
  }

  private void want(TypeUrl type, Set<String> names) {
    Set<String> before = subscribed.getOrDefault(type, Set.of());
    List<String> gone = new ArrayList<>(before);
    gone.removeAll(names);
    List<String> added = new ArrayList<>(names);
    added.removeAll(before);
    if (!gone.isEmpty()) {
      client.unsubscribe(type, gone);
      gone.forEach(inUseOf(type)::remove);
    }
    if (!added.isEmpty()) {
      client.subscribe(type, added);
    }
    subscribed.put(type, names);
  }

  private Set<String> endpointNames() throws InvalidProtocolBufferException {
    Set<String> names = new HashSet<>();
    for (XdsResource resource : inUse(TypeUrl.CLUSTER).values()) {
      Cluster cluster = Cluster.parseFrom(resource.body());
      if (cluster.getType() == Cluster.DiscoveryType.EDS) {
        String service = cluster.getEdsClusterConfig().getServiceName();
        names.add(service.isEmpty() ? cluster.getName() : service);
      }
    }
    return names;
  }

  private Set<String> listenerNames(boolean routes) throws InvalidProtocolBufferException {
    Set<String> names = new HashSet<>();
    for (XdsResource resource : inUse(TypeUrl.LISTENER).values()) {
      Listener listener = Listener.parseFrom(resource.body());
      List<FilterChain> chains = new ArrayList<>(listener.getFilterChainsList());
      chains.add(listener.getDefaultFilterChain());
      for (FilterChain chain : chains) {
        for (Filter filter : chain.getFiltersList()) {
          if (filter.getTypedConfig().getTypeUrl().equals(MANAGER)) {
            HttpConnectionManager manager =
                HttpConnectionManager.parseFrom(filter.getTypedConfig().getValue());
            if (routes && manager.hasRds()) {
              names.add(manager.getRds().getRouteConfigName());
            }
            for (HttpFilter http : manager.getHttpFiltersList()) {
              if (!routes && http.hasConfigDiscovery()) {
                names.add(http.getName());
              }
            }
          }
        }
      }
    }
    return names;
  }
}
