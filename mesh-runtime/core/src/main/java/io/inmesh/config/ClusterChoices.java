package io.inmesh.config;

import io.inmesh.config.RouteAction.ClusterChoice;
import io.inmesh.config.RouteAction.Target;
import io.inmesh.http.RequestHead;
import io.inmesh.proto.envoy.config.route.v3.WeightedCluster;
import io.inmesh.proto.envoy.config.route.v3.WeightedCluster.ClusterWeight;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** {@code cluster}, {@code cluster_header} and {@code weighted_clusters}. */
final class ClusterChoices {
  private ClusterChoices() {}

  static ClusterChoice fixed(String cluster) {
    Target target = Target.of(cluster);
    return (head, random) -> target;
  }

  static ClusterChoice header(String name) {
    if (name.isEmpty()) {
      throw new ConfigException("cluster_header", "must not be empty");
    }
    String lower = io.inmesh.http.HeaderNames.lower(name);
    return (head, random) -> fromHeader(head, lower);
  }

  private static @Nullable Target fromHeader(RequestHead head, String name) {
    String cluster = name.startsWith(":") ? head.header(name) : head.headers().first(name);
    return cluster == null || cluster.isEmpty() ? null : Target.of(cluster);
  }

  /**
   * @param clusters collects the names
   */
  static ClusterChoice weighted(WeightedCluster proto, Set<String> clusters) {
    if (proto.getClustersCount() == 0) {
      throw new ConfigException("clusters", "at least one is required");
    }
    if (proto.hasUseHashPolicy() && proto.getUseHashPolicy().getValue()) {
      throw ConfigException.notYet("use_hash_policy", "not implemented");
    }
    List<ClusterChoice> choices =
        ConfigException.each("clusters", proto.getClustersList(), entry -> entry(entry, clusters));
    long[] upTo = new long[choices.size()];
    long total = 0;
    for (int i = 0; i < upTo.length; i++) {
      ClusterWeight entry = proto.getClusters(i);
      total += Integer.toUnsignedLong(entry.getWeight().getValue());
      upTo[i] = total;
    }
    if (total == 0 || total > 0xffff_ffffL) {
      throw new ConfigException(
          "clusters", "the sum of the weights must be 1 to 4294967295, is " + total);
    }
    ClusterChoice[] byPlace = choices.toArray(ClusterChoice[]::new);
    long sum = total;
    if (proto.hasHeaderName()) {
      String name = io.inmesh.http.HeaderNames.lower(proto.getHeaderName());
      return (head, random) ->
          pick(byPlace, upTo, fromHeader(head, name, random), sum).choose(head, random);
    }
    return (head, random) -> pick(byPlace, upTo, random.getAsLong(), sum).choose(head, random);
  }

  private static ClusterChoice pick(ClusterChoice[] choices, long[] upTo, long random, long total) {
    long value = Long.remainderUnsigned(random, total);
    int i = 0;
    while (value >= upTo[i]) {
      i++;
    }
    return choices[i];
  }

  private static long fromHeader(RequestHead head, String name, LongSupplier random) {
    String value = head.headers().first(name);
    if (value != null) {
      try {
        return Long.parseUnsignedLong(value);
      } catch (NumberFormatException e) {
        // as Envoy: not a number, so a random one
      }
    }
    return random.getAsLong();
  }

  private static ClusterChoice entry(ClusterWeight proto, Set<String> clusters) {
    if (proto.getName().isEmpty() == proto.getClusterHeader().isEmpty()) {
      throw new ConfigException("name", "exactly one of name and cluster_header is required");
    }
    if (proto.getTypedPerFilterConfigCount() > 0) {
      throw ConfigException.notYet(
          "typed_per_filter_config", "filters cannot be configured for one weighted cluster");
    }
    if (proto.hasMetadataMatch()) {
      throw ConfigException.notYet("metadata_match", "there are no subsets by metadata");
    }
    Edits.Both both = Edits.of(proto);
    String host =
        proto.hasHostRewriteLiteral() && !proto.getHostRewriteLiteral().isEmpty()
            ? proto.getHostRewriteLiteral()
            : null;
    if (!proto.getName().isEmpty()) {
      clusters.add(proto.getName());
      Target target = new Target(proto.getName(), both.request(), both.response(), host);
      return (head, random) -> target;
    }
    ClusterChoice named = header(proto.getClusterHeader());
    return (head, random) -> {
      Target found = named.choose(head, random);
      // without the header there is no cluster, but the edits hold for what is answered
      String cluster = found == null ? "" : found.cluster();
      return new Target(cluster, both.request(), both.response(), host);
    };
  }
}
