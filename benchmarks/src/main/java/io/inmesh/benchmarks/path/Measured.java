package io.inmesh.benchmarks.path;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The rounds of one arm. */
final class Measured {
  /** Of one round, for each request, over caller and server. */
  record PerRequest(double p50Nanos, double cpuNanos, double callerBytes, double serverBytes) {
    static PerRequest of(Round round, Usage server) {
      double requests = Math.max(1, round.requests());
      return new PerRequest(
          round.p50Nanos(),
          (round.cpuNanos() + server.cpuNanos()) / requests,
          round.allocatedBytes() / requests,
          server.allocatedBytes() / requests);
    }
  }

  /** Over the rounds. */
  record Spread(double median, double least, double most) {
    static Spread of(List<Double> values) {
      List<Double> sorted = values.stream().sorted().toList();
      int n = sorted.size();
      double median = (sorted.get((n - 1) / 2) + sorted.get(n / 2)) / 2;
      return new Spread(median, sorted.get(0), sorted.get(n - 1));
    }
  }

  private final List<PerRequest> rounds = new ArrayList<>();
  private int requests;
  private int failures;

  void add(Round round, Usage server) {
    rounds.add(PerRequest.of(round, server));
    requests += round.requests();
    failures += round.failures();
  }

  int requests() {
    return requests;
  }

  int failures() {
    return failures;
  }

  double median(ToDoubleFunction<PerRequest> figure) {
    return Spread.of(rounds.stream().mapToDouble(figure).boxed().toList()).median();
  }

  /** Of the same round of the other arm, so that a slow moment slows both. */
  Spread ratio(Measured to, ToDoubleFunction<PerRequest> figure) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < rounds.size(); i++) {
      ratios.add(figure.applyAsDouble(rounds.get(i)) / figure.applyAsDouble(to.rounds.get(i)));
    }
    return Spread.of(ratios);
  }
}
