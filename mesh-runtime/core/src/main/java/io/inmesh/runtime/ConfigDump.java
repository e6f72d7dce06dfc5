package io.inmesh.runtime;

import com.google.protobuf.ByteString;
import io.inmesh.ledger.Ledger;
import io.inmesh.proto.envoy.config.core.v3.Node;
import io.inmesh.xds.TypeUrl;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code /config_dump} in the shape of {@code envoy.admin.v3.ConfigDump}. */
final class ConfigDump {
  private static final String ADMIN = "type.googleapis.com/envoy.admin.v3.";

  private ConfigDump() {}

  static Map<String, @Nullable Object> of(ConfigArchive archive, Node node, boolean endpoints) {
    List<@Nullable Object> configs = new ArrayList<>();
    configs.add(bootstrap(node));
    configs.add(
        dump("ClustersConfigDump", "dynamic_active_clusters", archive, TypeUrl.CLUSTER, "cluster"));
    if (endpoints) {
      configs.add(
          dump(
              "EndpointsConfigDump",
              "dynamic_endpoint_configs",
              archive,
              TypeUrl.CLUSTER_LOAD_ASSIGNMENT,
              "endpoint_config"));
    }
    configs.add(listeners(archive));
    configs.add(
        dump(
            "RoutesConfigDump",
            "dynamic_route_configs",
            archive,
            TypeUrl.ROUTE_CONFIGURATION,
            "route_config"));
    Map<String, @Nullable Object> dump = new LinkedHashMap<>();
    dump.put("configs", configs);
    return dump;
  }

  private static Map<String, @Nullable Object> bootstrap(Node node) {
    Map<String, @Nullable Object> tree =
        Ledger.get().tree("envoy.config.core.v3.Node", node.toByteString());
    tree.remove("@type");
    Map<String, @Nullable Object> bootstrap = new LinkedHashMap<>();
    bootstrap.put("node", tree);
    Map<String, @Nullable Object> dump = typed("BootstrapConfigDump");
    dump.put("bootstrap", bootstrap);
    return dump;
  }

  private static Map<String, @Nullable Object> typed(String name) {
    Map<String, @Nullable Object> dump = new LinkedHashMap<>();
    dump.put("@type", ADMIN + name);
    return dump;
  }

  private static Map<String, @Nullable Object> dump(
      String name, String list, ConfigArchive archive, TypeUrl type, String field) {
    List<@Nullable Object> entries = new ArrayList<>();
    archive.of(type).values().forEach(kept -> entries.add(entry(kept, type, field)));
    Map<String, @Nullable Object> dump = typed(name);
    dump.put(list, entries);
    return dump;
  }

  private static Map<String, @Nullable Object> entry(
      ConfigArchive.Kept kept, TypeUrl type, String field) {
    Map<String, @Nullable Object> entry = new LinkedHashMap<>();
    entry.put("version_info", kept.version());
    entry.put(field, tree(type, kept.body()));
    entry.put("last_updated", kept.at().toString());
    return entry;
  }

  private static Map<String, @Nullable Object> listeners(ConfigArchive archive) {
    List<@Nullable Object> entries = new ArrayList<>();
    archive
        .of(TypeUrl.LISTENER)
        .forEach(
            (name, kept) -> {
              Map<String, @Nullable Object> entry = new LinkedHashMap<>();
              entry.put("name", name);
              entry.put("active_state", entry(kept, TypeUrl.LISTENER, "listener"));
              entries.add(entry);
            });
    Map<String, @Nullable Object> dump = typed("ListenersConfigDump");
    dump.put("dynamic_listeners", entries);
    return dump;
  }

  private static Map<String, @Nullable Object> tree(TypeUrl type, ByteString body) {
    return Ledger.get().tree(type.url(), body);
  }
}
