package io.inmesh.cli.check;

import io.inmesh.cli.Json;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one sidecar has been given.
 *
 * @param node the sidecar's id; empty where the file does not say
 * @param resources in the order of the file
 * @param ownClusters names of clusters that the sidecar has from its bootstrap
 */
record Dump(String source, String node, List<Resource> resources, Set<String> ownClusters) {

  /** One resource, as JSON. */
  record Resource(String typeUrl, String name, Map<String, @Nullable Object> tree) {}

  /** {@code storefront-a.shop} of {@code sidecar~127.0.1.3~storefront-a.shop~shop.svc...}. */
  String workload() {
    String[] parts = node.split("~", -1);
    return parts.length == 4 ? parts[2] : node.isEmpty() ? source : node;
  }

  /** Files of istioctl, one for each type, that belong together. */
  static Dump join(List<Dump> parts) {
    Set<String> own = new LinkedHashSet<>();
    parts.forEach(part -> own.addAll(part.ownClusters()));
    return new Dump(
        String.join(", ", parts.stream().map(Dump::source).toList()),
        "",
        parts.stream().flatMap(part -> part.resources().stream()).toList(),
        own);
  }

  static String name(Map<String, @Nullable Object> tree) {
    String name = Json.string(tree.get("name"));
    return name.isEmpty() ? Json.string(Json.get(tree, "cluster_name")) : name;
  }
}
