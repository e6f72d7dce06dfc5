package io.inmesh.telemetry;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A prefix of Envoy's statistics, {@code cluster.reviews.} or {@code http.inbound.}, and what it is
 * in Prometheus: a prefix and a label, as Envoy's {@code /stats/prometheus} has them.
 */
public final class EnvoyScope {
  private static final Pattern CODE = Pattern.compile("(.*_rq)_(\\d)(\\d\\d|xx)");

  private final String stats;
  private final String family;
  private final Labels labels;

  private EnvoyScope(String stats, String family, Labels labels) {
    this.stats = stats;
    this.family = family;
    this.labels = labels;
  }

  public static EnvoyScope cluster(String name) {
    return new EnvoyScope(
        "cluster." + name + ".", "envoy_cluster_", Labels.of("envoy_cluster_name", name));
  }

  /** Of a connection manager. */
  public static EnvoyScope http(String statPrefix) {
    return new EnvoyScope(
        "http." + statPrefix + ".",
        "envoy_http_",
        Labels.of("envoy_http_conn_manager_prefix", statPrefix));
  }

  /** {@code server}, {@code cluster_manager.cds}: no label. */
  public static EnvoyScope plain(String prefix) {
    return new EnvoyScope(prefix + ".", "envoy_" + prefix.replace('.', '_') + "_", Labels.NONE);
  }

  /** In Envoy's words, and in Prometheus's. */
  record Name(String family, Labels labels, String stat) {}

  Name name(String leaf) {
    String flat = leaf.replace('.', '_').replace('-', '_');
    Matcher code = CODE.matcher(flat);
    if (!code.matches()) {
      return new Name(family + flat, labels, stats + leaf);
    }
    boolean whole = code.group(3).equals("xx");
    return new Name(
        family + code.group(1) + (whole ? "_xx" : ""),
        whole
            ? Labels.of("envoy_response_code_class", code.group(2)).with(labels)
            : Labels.of("envoy_response_code", code.group(2) + code.group(3)).with(labels),
        stats + leaf);
  }

  Counter counter(Metrics metrics, String leaf) {
    Name name = name(leaf);
    return metrics
        .family(name.family(), MetricFamily.Type.COUNTER, "")
        .counter(name.labels(), name.stat());
  }

  /** One that goes down again. */
  Counter upDown(Metrics metrics, String leaf) {
    Name name = name(leaf);
    return metrics
        .family(name.family(), MetricFamily.Type.GAUGE, "")
        .counter(name.labels(), name.stat());
  }

  Histogram histogram(Metrics metrics, String leaf) {
    Name name = name(leaf);
    return metrics
        .family(name.family(), MetricFamily.Type.HISTOGRAM, "")
        .histogram(name.labels(), name.stat());
  }
}
