package io.inmesh.cli;

import io.inmesh.cli.Admin.Parameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code /stats}. */
@Command(
    name = "stats",
    mixinStandardHelpOptions = true,
    description = "What a running process has counted, under Envoy's names.")
final class StatsCommand implements Runnable {
  @Mixin private Admin admin = new Admin();
  @Mixin private Output output = new Output();

  @Parameters(
      arity = "0..1",
      defaultValue = "",
      paramLabel = "REGEX",
      description = "Only names in which it is found.")
  private String filter = "";

  @Option(names = "--prometheus", description = "Every number, as a scraper gets it.")
  private boolean prometheus;

  @Option(names = "--nonzero", description = "Only what has been counted at all.")
  private boolean nonzero;

  @Override
  public void run() {
    if (prometheus) {
      output.print(admin.text("/stats/prometheus"));
      return;
    }
    List<Parameter> parameters = new ArrayList<>();
    if (!filter.isEmpty()) {
      parameters.add(new Parameter("filter", filter));
    }
    String page = admin.text("/stats", parameters.toArray(Parameter[]::new));
    Map<String, Object> stats = new LinkedHashMap<>();
    page.lines()
        .forEach(
            line -> {
              int colon = line.lastIndexOf(": ");
              if (colon > 0) {
                String value = line.substring(colon + 2);
                if (!nonzero || !value.equals("0")) {
                  stats.put(line.substring(0, colon), number(value));
                }
              }
            });
    if (output.json()) {
      output.json(stats);
      return;
    }
    stats.forEach((name, value) -> output.line(name + ": " + value));
    if (stats.isEmpty()) {
      output.line(
          filter.isEmpty() && !nonzero
              ? "nothing is counted: inmesh.metrics is off"
              : "no such numbers");
    }
    output.out().flush();
  }

  private static Object number(String value) {
    try {
      return Long.valueOf(value);
    } catch (NumberFormatException e) {
      return value;
    }
  }
}
