package io.inmesh.cli.check;

import io.inmesh.cli.Json;
import io.inmesh.cli.check.Dump.Resource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads Envoy's {@code /config_dump} and what {@code istioctl proxy-config ... -o json} prints:
 * with {@code all} a config dump as well, with a type a list of its resources.
 */
final class DumpReader {
  static final String CLUSTER = "envoy.config.cluster.v3.Cluster";
  static final String ENDPOINTS = "envoy.config.endpoint.v3.ClusterLoadAssignment";
  static final String LISTENER = "envoy.config.listener.v3.Listener";
  static final String ROUTES = "envoy.config.route.v3.RouteConfiguration";
  static final String EXTENSION = "envoy.config.core.v3.TypedExtensionConfig";

  private final String source;
  private final List<Resource> resources = new ArrayList<>();
  private final Set<String> ownClusters = new LinkedHashSet<>();
  private String node = "";
  private boolean known;

  private DumpReader(String source) {
    this.source = source;
  }

  /**
   * @throws IllegalArgumentException neither kind of file
   */
  static Dump read(String source, @Nullable Object tree) {
    DumpReader reader = new DumpReader(source);
    if (tree instanceof List<?> list) {
      list.forEach(reader::resource);
      reader.known |= list.isEmpty();
    } else if (Json.get(tree, "configs") != null) {
      reader.known = true;
      Json.list(Json.get(tree, "configs")).forEach(reader::config);
    } else {
      reader.config(tree);
    }
    if (!reader.known) {
      throw new IllegalArgumentException(
          "neither a config dump of Envoy (\"configs\": [...]) nor the output of istioctl"
              + " proxy-config ... -o json");
    }
    return new Dump(source, reader.node, List.copyOf(reader.resources), reader.ownClusters);
  }

  /** One of the dump's sections; the names of its lists are told apart without its type. */
  private void config(@Nullable Object config) {
    Object bootstrap = Json.get(config, "bootstrap");
    if (bootstrap != null) {
      known = true;
      node = Json.string(Json.get(Json.get(bootstrap, "node"), "id"));
      Object own = Json.get(Json.get(bootstrap, "static_resources"), "clusters");
      Json.list(own).forEach(cluster -> ownClusters.add(Dump.name(Json.map(cluster))));
    }
    for (Object entry : entries(config, "static_clusters")) {
      ownClusters.add(Dump.name(Json.map(Json.get(entry, "cluster"))));
    }
    all(entries(config, "dynamic_active_clusters"), "cluster", CLUSTER);
    all(entries(config, "dynamic_warming_clusters"), "cluster", CLUSTER);
    all(entries(config, "static_endpoint_configs"), "endpoint_config", ENDPOINTS);
    all(entries(config, "dynamic_endpoint_configs"), "endpoint_config", ENDPOINTS);
    all(entries(config, "dynamic_route_configs"), "route_config", ROUTES);
    all(entries(config, "ecds_filters"), "ecds_filter", EXTENSION);
    entries(config, "static_listeners");
    for (Object entry : entries(config, "dynamic_listeners")) {
      Object active = Json.get(entry, "active_state");
      Object state = active == null ? Json.get(entry, "warming_state") : active;
      all(state == null ? List.of() : List.of(state), "listener", LISTENER);
    }
    known |= Json.string(Json.get(config, "@type")).contains("envoy.admin.v3.");
    known |= Json.get(config, "dynamic_active_secrets") != null;
  }

  private List<@Nullable Object> entries(@Nullable Object config, String list) {
    Object entries = Json.get(config, list);
    known |= entries != null;
    return Json.list(entries);
  }

  private void all(List<? extends @Nullable Object> entries, String field, String type) {
    for (Object entry : entries) {
      add(type, Json.get(entry, field));
    }
  }

  private void add(String type, @Nullable Object tree) {
    Map<String, @Nullable Object> map = Json.map(tree);
    if (!map.isEmpty()) {
      resources.add(new Resource(type, Dump.name(map), map));
    }
  }

  /** An element of istioctl's list, which says its type at best. */
  private void resource(@Nullable Object element) {
    Map<String, @Nullable Object> tree = Json.map(element);
    String type = Json.string(tree.get("@type"));
    String name = type.isEmpty() ? guess(tree) : type.substring(type.lastIndexOf('/') + 1);
    if (name.startsWith("envoy.admin.v3.")) {
      config(element);
    } else if (List.of(CLUSTER, ENDPOINTS, LISTENER, ROUTES, EXTENSION).contains(name)) {
      known = true;
      add(name, tree);
    } else {
      known |= name.equals("hosts"); // proxy-config endpoint: addresses, nothing to judge
    }
  }

  private static String guess(Map<String, @Nullable Object> tree) {
    if (has(tree, "host_statuses") || has(tree, "added_via_api")) {
      return "hosts";
    }
    if (has(tree, "filter_chains") || has(tree, "traffic_direction") || has(tree, "address")) {
      return LISTENER;
    }
    if (has(tree, "virtual_hosts")) {
      return ROUTES;
    }
    if (has(tree, "endpoints")) {
      return ENDPOINTS;
    }
    boolean cluster =
        has(tree, "type")
            || has(tree, "cluster_type")
            || has(tree, "connect_timeout")
            || has(tree, "load_assignment");
    return cluster ? CLUSTER : has(tree, "validate_clusters") ? ROUTES : "";
  }

  private static boolean has(Map<String, @Nullable Object> tree, String field) {
    return Json.get(tree, field) != null;
  }
}
