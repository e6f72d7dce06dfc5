package io.inmesh.benchmarks.performance;

import io.inmesh.benchmarks.Machine;
import io.inmesh.benchmarks.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** {@code ./bench performance}: starts everything, asks in turns, writes docs/performance.md. */
public final class PerformanceMain {
  private static final long FIRST_ANSWER_NANOS = 60_000_000_000L;

  private final Plan plan;
  private final Fleet fleet;
  private final Results results = new Results();

  private PerformanceMain(Plan plan, Fleet fleet) {
    this.plan = plan;
    this.fleet = fleet;
  }

  /**
   * @param arguments the report, and perhaps {@code --quick} or {@code --long}
   */
  public static void main(String[] arguments)
      throws IOException, GeneralSecurityException, InterruptedException {
    List<String> words = List.of(arguments);
    Plan plan = Plan.of(words);
    String machine = Machine.describe();
    Path work = Files.createTempDirectory("inmesh-performance");
    System.out.println("logs: " + work);
    long start = System.nanoTime();
    Scale.Held scale = Scale.measure(work);
    said("10,000 services measured", start);
    String measured;
    try (Fleet fleet = Fleet.start(work)) {
      said("all processes run", start);
      PerformanceMain main = new PerformanceMain(plan, fleet);
      Results results = main.run(start);
      measured = document(plan, results, main.starts(false), main.starts(true), scale);
    }
    String load = "Load average after it " + Machine.load() + ".";
    Report.write(Path.of(words.get(0)), "performance", machine + " " + load + "\n\n" + measured);
    said("written", start);
  }

  private static void said(String what, long start) {
    System.out.printf("%4d s  %s%n", (System.nanoTime() - start) / 1_000_000_000L, what);
  }

  private static String document(
      Plan plan,
      Results results,
      List<Fleet.Start> plaintext,
      List<Fleet.Start> mtls,
      Scale.Held scale) {
    return plan.describe()
        + "\n\n"
        + Tables.verdicts(results)
        + Tables.start("plaintext", plaintext)
        + Tables.start("mTLS", mtls)
        + scale.rows()
        + "\n"
        + Tables.measured(results, false)
        + Tables.measured(results, true);
  }

  private List<Fleet.Start> starts(boolean mtls) throws IOException {
    List<Fleet.Start> starts = new ArrayList<>();
    for (int i = 0; i < plan.starts(); i++) {
      starts.add(fleet.freshStart(new Arm(Way.INMESH, mtls, false)));
    }
    return starts;
  }

  private Results run(long start) throws IOException, InterruptedException {
    List<Arm> arms = new ArrayList<>(Arm.all());
    for (Arm arm : arms) {
      awaitAnswer(arm);
    }
    for (Arm arm : arms) {
      warmUp(arm);
    }
    said("warm", start);
    for (int i = 0; i < plan.rounds(); i++) {
      for (Arm arm : arms) {
        results.add(arm, measure(arm));
      }
      Collections.reverse(arms); // so that no arm is always the first
      said("round " + (i + 1) + " of " + plan.rounds(), start);
    }
    for (Arm arm : arms) {
      results.add(arm, memory(arm));
    }
    return results;
  }

  /** Configuration may still be on its way. */
  private void awaitAnswer(Arm arm) throws IOException, InterruptedException {
    Fleet.Route route = fleet.route(arm);
    long end = System.nanoTime() + FIRST_ANSWER_NANOS;
    String said = "";
    while (System.nanoTime() < end) {
      said = route.client().ask("try " + route.arguments());
      if (said.equals("ok")) {
        return;
      }
      Thread.sleep(50);
    }
    throw new IOException("no answer of " + arm + " from " + route.url() + ": " + said);
  }

  /** By requests, not by time: a slow machine needs more of it until its code is compiled. */
  private void warmUp(Arm arm) throws IOException {
    long end = System.nanoTime() + plan.warmUpMillis() * 1_000_000;
    for (int done = 0; done < plan.warmUp() && System.nanoTime() < end; ) {
      done += closed(fleet.route(arm), 500).requests();
    }
  }

  private Round closed(Fleet.Route route, long millis) throws IOException {
    return Round.parse(
        route.client().ask("closed " + plan.callers() + " " + millis + " " + route.arguments()));
  }

  private Figures measure(Arm arm) throws IOException {
    Fleet.Route route = fleet.route(arm);
    Used before = Used.by(route.processes());
    Round open =
        Round.parse(
            route
                .client()
                .ask(
                    "open %d %d %d %s"
                        .formatted(
                            plan.callers(), plan.rate(), plan.openMillis(), route.arguments())));
    Used between = Used.by(route.processes());
    long serverBefore = route.server().number("allocated");
    Used closedFrom = Used.by(route.processes());
    Round closed = closed(route, plan.closedMillis());
    Used after = Used.by(route.processes());
    return Figures.of(
        open,
        between.since(before),
        closed,
        after.since(closedFrom),
        route.server().number("allocated") - serverBefore);
  }

  private Results.Memory memory(Arm arm) throws IOException {
    Fleet.Route route = fleet.route(arm);
    long retained = route.client().number("retained") + route.server().number("retained");
    long resident = 0;
    for (long process : route.processes()) {
      resident += Used.resident(process);
    }
    return new Results.Memory(resident, retained);
  }
}
