package io.inmesh.benchmarks.performance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/** What was measured, by arm and round. */
final class Results {
  /**
   * At the end of the run.
   *
   * @param residentBytes of all processes of the arm
   * @param retainedBytes of the heaps of caller and server after full collections
   */
  record Memory(long residentBytes, long retainedBytes) {}

  private final Map<Arm, List<Figures>> rounds = new LinkedHashMap<>();
  private final Map<Arm, Memory> memory = new LinkedHashMap<>();

  void add(Arm arm, Figures figures) {
    rounds.computeIfAbsent(arm, ignored -> new ArrayList<>()).add(figures);
  }

  void add(Arm arm, Memory held) {
    memory.put(arm, held);
  }

  List<Arm> arms() {
    return List.copyOf(rounds.keySet());
  }

  Memory memory(Arm arm) {
    return Objects.requireNonNull(memory.get(arm), () -> "no memory of " + arm);
  }

  int failures() {
    return rounds.values().stream().flatMap(List::stream).mapToInt(Figures::failures).sum();
  }

  int requests(Arm arm) {
    return of(arm).stream().mapToInt(Figures::requests).sum();
  }

  int failures(Arm arm) {
    return of(arm).stream().mapToInt(Figures::failures).sum();
  }

  double median(Arm arm, ToDoubleFunction<Figures> figure) {
    return Spread.of(of(arm).stream().mapToDouble(figure).boxed().toList()).median();
  }

  /** Of the same rounds of two arms, so that a slow moment slows both. */
  Spread ratio(Arm arm, Arm to, ToDoubleFunction<Figures> figure) {
    List<Figures> one = of(arm);
    List<Figures> other = of(to);
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < Math.min(one.size(), other.size()); i++) {
      ratios.add(figure.applyAsDouble(one.get(i)) / figure.applyAsDouble(other.get(i)));
    }
    return Spread.of(ratios);
  }

  private List<Figures> of(Arm arm) {
    return Objects.requireNonNull(rounds.get(arm), () -> "not measured: " + arm);
  }
}
