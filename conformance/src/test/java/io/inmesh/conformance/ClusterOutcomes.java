package io.inmesh.conformance;

import io.inmesh.config.ClusterConfig;
import io.inmesh.config.TransportSocket;
import io.inmesh.upstream.Cluster;
import io.inmesh.upstream.Host;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Which clusters there are, with which limits and hosts, and how each host is spoken to. */
final class ClusterOutcomes {
  private ClusterOutcomes() {}

  static void into(OutcomeTable table, MeshUnderTest mesh) {
    mesh.clusters.all().stream()
        .sorted(Comparator.comparing(Cluster::name))
        .forEach(cluster -> fill(table.row(cluster.name()), cluster));
  }

  private static void fill(Map<String, String> row, Cluster cluster) {
    ClusterConfig config = cluster.config();
    row.put(
        "kind",
        config.discovery()
            + ", "
            + config.protocol()
            + ", "
            + config.lb().policy()
            + ", panic at "
            + config.lb().panicPercent()
            + " %, service "
            + config.service());
    row.put(
        "limits",
        config.breakers()
            + "\n"
            + config.outlier()
            + "\n"
            + config.maxRequestsPerConnection()
            + " requests for each connection, not enforced: "
            + config.notYet());
    List<String> hosts =
        cluster.hosts().stream()
            .map(host -> host.address() + " " + spoken(host) + " " + placed(host))
            .sorted()
            .toList();
    row.put("hosts", String.join("\n", hosts));
  }

  private static String placed(Host host) {
    return "priority "
        + host.priority()
        + ", weight "
        + host.endpoint().weight()
        + ", "
        + host.health()
        + ", "
        + host.endpoint().workload();
  }

  private static String spoken(Host host) {
    return host.socket() instanceof TransportSocket.Tls tls
        ? OutboundOutcomes.socket(tls).replace('\n', ',')
        : "plaintext";
  }
}
