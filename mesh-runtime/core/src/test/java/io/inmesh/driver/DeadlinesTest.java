package io.inmesh.driver;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.http.ResponseHead;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Deadlines of calls that block, on a real timer. */
class DeadlinesTest {
  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
  private final DriverEnvironment env =
      new DriverEnvironment(System::nanoTime, timer, Runnable::run);

  @AfterEach
  void end() {
    timer.shutdownNow();
  }

  @Test
  void aPassedDeadlineBreaksTheExchangeOff() {
    Exchanged exchange = new Exchanged();
    Watchdog watchdog = armed(exchange, 20);
    await().until(() -> exchange.cancels.get() == 1);
    assertThat(watchdog.fired()).isTrue();
  }

  @Test
  void anEarlierDeadlineIsNotHeldUpByALaterOne() {
    Exchanged patient = new Exchanged();
    Exchanged hasty = new Exchanged();
    Watchdog later = armed(patient, SECONDS.toMillis(600));
    armed(hasty, 20);
    await().until(() -> hasty.cancels.get() == 1);
    assertThat(patient.cancels).hasValue(0);
    assertThat(later.fired()).isFalse();
  }

  @Test
  void aDeadlineThatWasPutOffHoldsAtItsNewTime() {
    Exchanged exchange = new Exchanged();
    Exchanged witness = new Exchanged();
    Watchdog watchdog = armed(exchange, 20);
    watchdog.arm(inMillis(SECONDS.toMillis(600)), exchange);
    armed(witness, 40);
    await().until(() -> witness.cancels.get() == 1);
    assertThat(exchange.cancels).hasValue(0);
    watchdog.arm(inMillis(20), exchange);
    await().until(() -> exchange.cancels.get() == 1);
  }

  @Test
  void aCallThatEndedInTimeIsLeftAlone() {
    Exchanged ended = new Exchanged();
    Exchanged witness = new Exchanged();
    armed(ended, 20).disarm();
    armed(witness, 40);
    await().until(() -> witness.cancels.get() == 1);
    assertThat(ended.cancels).hasValue(0);
  }

  @Test
  void manyCallsAreOneTaskOfTheTimer() {
    for (int i = 0; i < 1000; i++) {
      armed(new Exchanged(), SECONDS.toMillis(600) + i).disarm();
    }
    assertThat(timer.getQueue()).hasSize(1);
  }

  private Watchdog armed(Exchange exchange, long millis) {
    Watchdog watchdog = new Watchdog(env);
    watchdog.arm(inMillis(millis), exchange);
    return watchdog;
  }

  private static long inMillis(long millis) {
    return System.nanoTime() + MILLISECONDS.toNanos(millis);
  }

  private static final class Exchanged implements Exchange {
    private final AtomicInteger cancels = new AtomicInteger();

    @Override
    public void cancel() {
      cancels.incrementAndGet();
    }

    @Override
    public ResponseHead execute(Sending sending) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean complete() {
      return false;
    }

    @Override
    public void discard() {}
  }
}
