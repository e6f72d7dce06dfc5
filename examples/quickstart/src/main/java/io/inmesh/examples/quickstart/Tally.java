package io.inmesh.examples.quickstart;

import java.util.Map;
import java.util.TreeMap;

/** What became of the requests that began within one window of time. Thread-safe. */
final class Tally {
  private final long began = System.nanoTime();
  private final Map<String, Integer> versions = new TreeMap<>();
  private int started;
  private int finished;
  private int failed;
  private int cutOff;
  private int retried;
  private int retries;
  private int unidentified;
  private long closed;

  synchronized void start() {
    started++;
  }

  synchronized void answered(Review review) {
    if (!review.good()) {
      failed++;
    } else {
      versions.merge(review.answer().text("version"), 1, Integer::sum);
      int again = review.answer().number("attempt") - 1;
      if (again > 0) {
        retried++;
        retries += again;
      }
      if (!review.identified()) {
        unidentified++;
      }
    }
    finish();
  }

  synchronized void failed(Exception e) {
    if (e instanceof Review.CutOff) {
      cutOff++;
    } else {
      failed++;
    }
    finish();
  }

  private void finish() {
    finished++;
    notifyAll();
  }

  /** No request begins in it any more. */
  synchronized void close() {
    closed = System.nanoTime();
  }

  synchronized int started() {
    return started;
  }

  synchronized void awaitAll() throws InterruptedException {
    while (finished < started) {
      wait();
    }
  }

  synchronized String line(String name) {
    long millis = Math.max(1, ((closed == 0 ? System.nanoTime() : closed) - began) / 1_000_000);
    StringBuilder line = new StringBuilder(name);
    line.append(" requests=").append(started).append(" millis=").append(millis);
    line.append(" failed=").append(failed).append(" cut=").append(cutOff);
    line.append(" retried=").append(retried).append(" retries=").append(retries);
    line.append(" unidentified=").append(unidentified);
    versions.forEach(
        (version, count) -> line.append(' ').append(version).append('=').append(count));
    return line.toString();
  }
}
