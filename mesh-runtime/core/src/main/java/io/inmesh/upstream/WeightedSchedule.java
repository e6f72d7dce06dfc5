package io.inmesh.upstream;

import java.util.PriorityQueue;

/**
 * One full round of Envoy's earliest-deadline-first order, worked out beforehand: entry i stands in
 * it {@code weight[i]} times, evenly spread. Picking is then one counter and no lock.
 *
 * <p>Weights are first divided by their greatest common divisor. A round of more than {@value
 * #LONGEST} entries is scaled down, which rounds shares to about one in that many.
 */
final class WeightedSchedule {
  static final int LONGEST = 16_384;

  private WeightedSchedule() {}

  /** Indexes into {@code weights} in the order of picking; each weight at least 1. */
  static int[] of(long[] weights) {
    long[] reduced = reduce(weights);
    long total = 0;
    for (long weight : reduced) {
      total += weight;
    }
    int[] order = new int[(int) total];
    PriorityQueue<Turn> queue = new PriorityQueue<>();
    for (int i = 0; i < reduced.length; i++) {
      queue.add(new Turn(i, 1, reduced[i]));
    }
    for (int i = 0; i < order.length; i++) {
      Turn turn = queue.remove();
      order[i] = turn.index;
      queue.add(new Turn(turn.index, turn.number + 1, turn.weight));
    }
    return order;
  }

  private static long[] reduce(long[] weights) {
    long divisor = 0;
    double sum = 0;
    for (long weight : weights) {
      divisor = gcd(weight, divisor);
      sum += weight;
    }
    long[] reduced = new long[weights.length];
    long limit = Math.max(LONGEST, weights.length);
    boolean fits = sum / divisor <= limit;
    for (int i = 0; i < weights.length; i++) {
      reduced[i] = fits ? weights[i] / divisor : Math.max(1, Math.round(weights[i] / sum * limit));
    }
    return reduced;
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  /** The n-th turn of an entry is due at n / weight. */
  private record Turn(int index, long number, long weight) implements Comparable<Turn> {
    @Override
    public int compareTo(Turn other) {
      int due = Long.compare(number * other.weight, other.number * weight);
      return due != 0 ? due : Integer.compare(index, other.index);
    }
  }
}
