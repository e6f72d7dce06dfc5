package io.inmesh.differential;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Tuple;

/** Shapes that generators share. */
final class Gen {
  private Gen() {}

  /** None in most cases, at most {@code most}. */
  static <T> Arbitrary<List<T>> few(Arbitrary<T> of, int most) {
    return Arbitraries.frequencyOf(
        Tuple.of(2, Arbitraries.just(List.<T>of())),
        Tuple.of(1, of.list().ofMinSize(1).ofMaxSize(most)));
  }

  /** Once in {@code times}: one; else none. */
  static <T> Arbitrary<List<T>> sometimes(Arbitrary<T> of, int times) {
    return Arbitraries.frequencyOf(
        Tuple.of(times - 1, Arbitraries.just(List.<T>of())), Tuple.of(1, of.map(List::of)));
  }

  /** True once in {@code times}. */
  static Arbitrary<Boolean> seldom(int times) {
    return Arbitraries.frequencyOf(
        Tuple.of(times - 1, Arbitraries.just(false)), Tuple.of(1, Arbitraries.just(true)));
  }
}
