package io.inmesh.benchmarks.performance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class OpenLoopTest {
  private static final long INTERVAL = 1_000;

  /** Passes when it is told, and is late by what it is told. */
  private static final class ToldClock implements OpenLoop.Clock {
    long now;
    long lateness;

    @Override
    public long nanos() {
      return now;
    }

    @Override
    public void await(long due) {
      now = due + lateness;
    }
  }

  private final ToldClock clock = new ToldClock();
  private final Latencies waited = new Latencies();

  private long[] sorted() {
    return Latencies.sorted(List.of(waited));
  }

  @Test
  void whatWaitsBehindASlowCallCountsFromWhenItWasDue() {
    int[] calls = {0};
    new OpenLoop(clock, 0, INTERVAL, 5)
        .work(
            () -> {
              clock.now += calls[0]++ == 0 ? 3_500 : 10;
              return true;
            },
            waited);
    // due at 0, 1000, 2000, 3000, 4000; the first takes until 3500, then three are late
    assertThat(sorted()).containsExactly(10, 530, 1_520, 2_510, 3_500);
  }

  @Test
  void theTimersLatenessIsNobodysLatency() {
    clock.now = -1;
    clock.lateness = 60;
    new OpenLoop(clock, 0, INTERVAL, 3)
        .work(
            () -> {
              clock.now += 100;
              return true;
            },
            waited);
    assertThat(sorted()).containsExactly(100, 100, 100);
  }

  @Test
  void callsAreNeitherSkippedNorMadeTwice() {
    OpenLoop loop = new OpenLoop(clock, 0, INTERVAL, 7);
    loop.work(() -> false, waited);
    loop.work(() -> false, waited);
    assertThat(sorted()).hasSize(7);
    assertThat(Latencies.failures(List.of(waited))).isEqualTo(7);
  }

  @Test
  void aPercentileIsTheValueThatSoManyDoNotExceed() {
    for (int i = 100; i > 0; i--) {
      waited.add(i, true);
    }
    assertThat(Latencies.at(sorted(), 0.5)).isEqualTo(50);
    assertThat(Latencies.at(sorted(), 0.99)).isEqualTo(99);
    assertThat(Latencies.at(new long[0], 0.5)).isZero();
  }
}
