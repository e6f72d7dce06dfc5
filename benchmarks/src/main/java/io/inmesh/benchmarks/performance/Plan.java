package io.inmesh.benchmarks.performance;

import java.util.List;

/**
 * How long a run takes and how hard it asks.
 *
 * @param rounds of all arms in turn
 * @param rate requests a second of the open loop
 * @param openMillis of one arm in one round, open loop
 * @param closedMillis of one arm in one round, closed loop
 * @param callers threads of the closed loop, and at most so many of the open one
 * @param warmUp requests of each arm before the first round
 * @param warmUpMillis at most for one arm
 * @param starts fresh processes for the time of a start
 */
record Plan(
    int rounds,
    int rate,
    long openMillis,
    long closedMillis,
    int callers,
    int warmUp,
    long warmUpMillis,
    int starts) {

  /** {@code --quick} for a first look, {@code --long} for a night; else about ten minutes. */
  static Plan of(List<String> arguments) {
    if (arguments.contains("--quick")) {
      return new Plan(3, 300, 1000, 500, 8, 2_000, 2_000, 2);
    }
    if (arguments.contains("--long")) {
      return new Plan(21, 300, 4000, 2000, 8, 30_000, 20_000, 15);
    }
    return new Plan(7, 300, 1700, 800, 8, 20_000, 6_000, 5);
  }

  /** For the document. */
  String describe() {
    return "%d rounds. Fixed rate: %d requests a second for %.1f s an arm and round, open loop, at most %d at a time. As fast as it goes: %d callers, each asks again when it has its answer, %.1f s an arm and round. Warm-up before the first round: %,d requests an arm."
        .formatted(
            rounds, rate, openMillis / 1000.0, callers, callers, closedMillis / 1000.0, warmUp);
  }
}
