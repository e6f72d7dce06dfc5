package io.inmesh.benchmarks.decision;

import io.inmesh.benchmarks.Machine;
import io.inmesh.benchmarks.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import javax.management.JMException;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** {@code ./bench decision}: runs both, and writes the table. */
public final class DecisionMain {
  private DecisionMain() {}

  /**
   * @param arguments the report, and perhaps {@code --quick}
   */
  public static void main(String[] arguments) throws RunnerException, IOException, JMException {
    boolean quick = List.of(arguments).contains("--quick");
    String machine = Machine.describe();
    List<RunResult> results = new ArrayList<>();
    results.addAll(new Runner(options(quick).include("Decision.call").build()).run());
    // what an adapter makes anyway is the same whatever the configuration
    results.addAll(
        new Runner(
                options(quick)
                    .include("Decision.heads")
                    .param("shape", Shape.ROUTES.name())
                    .param("size", "10")
                    .param("policies", "0")
                    .build())
            .run());
    String table = table(results) + "\n" + items();
    System.out.println(table);
    Report.write(
        Path.of(arguments[0]), "decision", machine + (quick ? " Quick run." : "") + "\n\n" + table);
  }

  private static ChainedOptionsBuilder options(boolean quick) {
    return new OptionsBuilder()
        .addProfiler(GCProfiler.class)
        .jvmArgsAppend("-Xms1g", "-Xmx1g", "-Xmn800m", "-XX:+UseSerialGC")
        .forks(1)
        .warmupIterations(quick ? 2 : 4)
        .warmupTime(TimeValue.seconds(1))
        .measurementIterations(quick ? 2 : 5)
        .measurementTime(TimeValue.seconds(1));
  }

  private static String items() throws JMException {
    OutboundDecision outbound = new OutboundDecision();
    outbound.setup();
    InboundDecision inbound = new InboundDecision();
    inbound.setup();
    return "What one outbound call allocates, heads and events included, by class:\n\n"
        + ByClass.table(outbound::call)
        + "\nThe same of one inbound request under 10 policies:\n\n"
        + ByClass.table(inbound::call);
  }

  private static String table(Collection<RunResult> results) {
    List<String> lines = new ArrayList<>();
    lines.add("| decision | of | time, with heads | allocated, with heads | heads | **engine** |");
    lines.add("|---|---|---|---|---|---|");
    for (RunResult result : results) {
      if (!result.getParams().getBenchmark().endsWith(".call")) {
        continue;
      }
      RunResult heads = headsOf(result, results);
      double all = bytes(result);
      double adapter = bytes(heads);
      lines.add(
          String.format(
              Locale.ROOT,
              "| %s | %s | %.0f ± %.0f ns | %.0f B | %.0f B | **%.0f B** |",
              result.getParams().getBenchmark().contains("Outbound") ? "outbound" : "inbound",
              of(result),
              result.getPrimaryResult().getScore(),
              spread(result),
              all,
              adapter,
              all - adapter));
    }
    return String.join("\n", lines) + "\n";
  }

  private static String of(RunResult result) {
    String policies = result.getParams().getParam("policies");
    return policies != null
        ? policies + " RBAC policies"
        : result.getParams().getParam("size")
            + " "
            + result.getParams().getParam("shape").toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static RunResult headsOf(RunResult call, Collection<RunResult> results) {
    String name = call.getParams().getBenchmark().replace(".call", ".heads");
    return results.stream()
        .filter(each -> each.getParams().getBenchmark().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** Half of what lies between the fastest and the slowest iteration. */
  private static double spread(RunResult result) {
    var statistics = result.getPrimaryResult().getStatistics();
    return (statistics.getMax() - statistics.getMin()) / 2;
  }

  private static double bytes(RunResult result) {
    return result.getSecondaryResults().entrySet().stream()
        .filter(each -> each.getKey().endsWith("gc.alloc.rate.norm"))
        .findFirst()
        .orElseThrow()
        .getValue()
        .getScore();
  }
}
