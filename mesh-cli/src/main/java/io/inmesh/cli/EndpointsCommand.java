package io.inmesh.cli;

import io.inmesh.cli.Admin.Parameter;
import io.inmesh.cli.Output.Tone;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The hosts of {@code /clusters}, one a line. */
@Command(
    name = "endpoints",
    mixinStandardHelpOptions = true,
    description = "The hosts that a running process calls, with their state.")
final class EndpointsCommand implements Runnable {
  @Mixin private Admin admin = new Admin();
  @Mixin private Output output = new Output();

  @Parameters(
      arity = "0..1",
      defaultValue = "",
      paramLabel = "TEXT",
      description = "Only clusters whose name contains it.")
  private String text = "";

  @Option(names = "--unusable", description = "Only hosts that are ejected or unhealthy.")
  private boolean unusable;

  @Override
  public void run() {
    List<@Nullable Object> shown = new ArrayList<>();
    Table table = new Table("ENDPOINT", "HEALTH", "OUTLIER CHECK", "WEIGHT", "ACTIVE", "CLUSTER");
    Object page = admin.json("/clusters", new Parameter("format", "json"));
    for (Object cluster : Json.list(Json.get(page, "cluster_statuses"))) {
      String name = Json.string(Json.get(cluster, "name"));
      if (name.contains(text)) {
        for (HostStatus host : HostStatus.of(cluster)) {
          if (!unusable || !host.usable()) {
            shown.add(json(name, host));
            row(table, name, host);
          }
        }
      }
    }
    if (output.json()) {
      output.json(shown);
      return;
    }
    output.table(table);
    if (shown.isEmpty()) {
      output.line(unusable ? "every host is usable" : "no hosts");
    }
  }

  private static void row(Table table, String cluster, HostStatus host) {
    table
        .add(host.address())
        .add(
            host.health(),
            switch (host.health()) {
              case "HEALTHY" -> Tone.GOOD;
              case "UNHEALTHY" -> Tone.BAD;
              default -> Tone.DOUBTFUL;
            })
        .add(host.ejected() ? "EJECTED" : "OK", host.ejected() ? Tone.BAD : Tone.GOOD)
        .add(host.weight())
        .add(host.active())
        .add(cluster)
        .end();
  }

  private static Map<String, Object> json(String cluster, HostStatus host) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("cluster", cluster);
    tree.put("address", host.address());
    tree.put("hostname", host.hostname());
    tree.put("health", host.health());
    tree.put("ejected", host.ejected());
    tree.put("weight", host.weight());
    tree.put("priority", host.priority());
    tree.put("active", host.active());
    return tree;
  }
}
