package io.inmesh.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.config.RetryPolicy;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryBackOffTest {
  @ParameterizedTest
  @CsvSource({"1, 25", "2, 50", "3, 100", "4, 200", "5, 250", "6, 250", "63, 250", "1000, 250"})
  void the_range_doubles_with_each_retry_up_to_the_maximum(int retry, long rangeMillis) {
    long range = TimeUnit.MILLISECONDS.toNanos(rangeMillis);
    assertThat(RetryBackOff.nextNanos(retry, policy(25, 250), () -> range - 1))
        .isEqualTo(range - 1);
    assertThat(RetryBackOff.nextNanos(retry, policy(25, 250), () -> range)).isZero();
    assertThat(RetryBackOff.nextNanos(retry, policy(25, 250), () -> -1L)).isBetween(0L, range - 1);
  }

  @Test
  void nothing_overflows() {
    long pause = RetryBackOff.nextNanos(200, policy(1, Long.MAX_VALUE / 1_000_000), () -> 7);
    assertThat(pause).isEqualTo(7);
  }

  private static RetryPolicy policy(long baseMillis, long maxMillis) {
    return new RetryPolicy(
        Set.of(),
        Set.of(),
        List.of(),
        List.of(),
        2,
        0,
        0,
        baseMillis * 1_000_000,
        maxMillis * 1_000_000,
        false,
        0,
        0);
  }
}
