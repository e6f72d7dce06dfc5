package io.inmesh.cli;

import io.inmesh.cli.Admin.Parameter;
import io.inmesh.cli.Output.Tone;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code /clusters} in a table. */
@Command(
    name = "clusters",
    mixinStandardHelpOptions = true,
    description = "The clusters of a running process, and how many of their hosts are usable.")
final class ClustersCommand implements Runnable {
  @Mixin private Admin admin = new Admin();
  @Mixin private Output output = new Output();

  @Parameters(
      arity = "0..1",
      defaultValue = "",
      paramLabel = "TEXT",
      description = "Only clusters whose name contains it.")
  private String text = "";

  @Override
  public void run() {
    List<@Nullable Object> clusters = new ArrayList<>();
    Object page = admin.json("/clusters", new Parameter("format", "json"));
    for (Object cluster : Json.list(Json.get(page, "cluster_statuses"))) {
      if (Json.string(Json.get(cluster, "name")).contains(text)) {
        clusters.add(cluster);
      }
    }
    if (output.json()) {
      output.json(Map.of("cluster_statuses", clusters));
      return;
    }
    Table table = new Table("SERVICE", "PORT", "SUBSET", "DIRECTION", "HOSTS", "USABLE", "ACTIVE");
    for (Object cluster : clusters) {
      row(table, cluster);
    }
    output.table(table);
    if (clusters.isEmpty()) {
      output.line(text.isEmpty() ? "no clusters" : "no cluster's name contains '" + text + "'");
    }
  }

  private static void row(Table table, @Nullable Object cluster) {
    ClusterName name = ClusterName.of(Json.string(Json.get(cluster, "name")));
    List<HostStatus> hosts = HostStatus.of(cluster);
    long usable = hosts.stream().filter(HostStatus::usable).count();
    long active = hosts.stream().mapToLong(HostStatus::active).sum();
    table
        .add(ClusterName.brief(name.service()))
        .add(name.port())
        .add(name.subset())
        .add(name.direction())
        .add(hosts.size())
        .add(usable, usable == hosts.size() ? Tone.GOOD : usable == 0 ? Tone.BAD : Tone.DOUBTFUL)
        .add(active)
        .end();
  }
}
