package io.inmesh.examples.quickstart;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Eight threads that call, each again as soon as it has been answered. */
final class Load {
  static final int THREADS = 8;
  private static final Logger LOG = LoggerFactory.getLogger("quickstart.load");
  private static final int FAILURES_SHOWN = 20;

  private record Wish(String instance, CountDownLatch seen) {}

  private final Storefront storefront;
  private final AtomicInteger shown = new AtomicInteger();
  private Tally current = new Tally();
  private volatile @Nullable Wish wish;

  Load(Storefront storefront) {
    this.storefront = storefront;
  }

  void start() {
    next();
    for (int i = 0; i < THREADS; i++) {
      Thread thread = new Thread(this::run, "load-" + i);
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void run() {
    while (true) {
      Wish wanted = wish;
      Tally tally = begin();
      try {
        Review review = storefront.review();
        if (!review.good()) {
          show(review.status() + " " + review.body());
        }
        tally.answered(review);
        if (wanted != null && wanted.instance.equals(review.answer().text("instance"))) {
          wanted.seen.countDown();
        }
      } catch (Exception e) {
        show(e.toString());
        tally.failed(e);
      }
    }
  }

  private void show(String failure) {
    if (shown.incrementAndGet() <= FAILURES_SHOWN) {
      LOG.error("a request failed: {}", failure);
    }
  }

  private synchronized Tally begin() {
    current.start();
    return current;
  }

  private synchronized Tally next() {
    Tally before = current;
    before.close();
    current = new Tally();
    return before;
  }

  /** What began since the last window, once all of it has ended. */
  String window(String name) throws InterruptedException {
    Tally tally = next();
    tally.awaitAll();
    return tally.line(name);
  }

  void awaitStarted(int count) throws InterruptedException {
    Tally tally;
    synchronized (this) {
      tally = current;
    }
    while (tally.started() < count) {
      Thread.sleep(2);
    }
  }

  /** Until a request that begins after now is answered by that instance. */
  void awaitAnswer(String instance) throws InterruptedException {
    Wish wanted = new Wish(instance, new CountDownLatch(1));
    wish = wanted;
    wanted.seen.await();
    wish = null;
  }
}
