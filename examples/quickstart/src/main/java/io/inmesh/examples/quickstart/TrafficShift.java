package io.inmesh.examples.quickstart;

import io.inmesh.examples.quickstart.Shop.Shift;
import java.io.IOException;
import java.util.List;

/** Weights edited in the YAML while load runs. */
final class TrafficShift implements Step {
  private static final int REQUESTS = 2_000;
  private static final int RATE = 200;
  private static final List<Integer> V1_WEIGHTS = List.of(100, 90, 50, 0);

  private int asked;
  private int failed;
  private int retried;

  @Override
  public String title() {
    return "Traffic shift under load";
  }

  @Override
  public String show(Shop shop, Screen screen) throws IOException, NotSeen, InterruptedException {
    boolean first = true;
    for (int wanted : V1_WEIGHTS) {
      Shift shift = shop.shift(wanted, 100 - wanted);
      if (first) {
        screen.line(
            "%d threads ask without pause while %s is edited, the first time so:",
            Load.THREADS, MeshFolder.ROUTE);
        shift.diff().forEach(line -> screen.line("    %s", line));
        screen.line(
            "  %-11s %-15s %-9s %8s %8s %9s %7s %8s",
            "v1/v2", "measured", "3 sigma", "requests", "req/s", "in force", "failed", "retried");
        first = false;
      }
      step(shop, screen, wanted, shift, true);
    }
    return asked + " requests, " + failed + " failed, " + retried + " retried; shares in 3 sigma";
  }

  private void step(Shop shop, Screen screen, int wanted, Shift shift, boolean again)
      throws NotSeen, InterruptedException {
    Shop.Measured measured = shop.measure(REQUESTS);
    Fields window = measured.window();
    Fields before = measured.before();
    int count = window.number("requests");
    double share = 100.0 * window.number("v1") / Math.max(1, count);
    double shown = Math.round(share * 10) / 10.0;
    double sigma = 100 * Math.sqrt(wanted / 100.0 * (1 - wanted / 100.0) / Math.max(1, count));
    int rate = (int) (count * 1000L / window.number("millis"));
    int lost = lost(window) + lost(before);
    asked += count + before.number("requests");
    failed += lost;
    retried += window.number("retried") + before.number("retried");
    screen.line(
        "  %-11s %4.1f/%-10.1f +-%-7.1f %8d %8d %6d ms %7d %8d",
        wanted + "/" + (100 - wanted),
        shown,
        100 - shown,
        3 * sigma,
        count,
        rate,
        shift.millis(),
        lost,
        window.number("retried") + before.number("retried"));
    NotSeen.check(lost == 0, lost + " requests failed", shop.storefront());
    NotSeen.check(window.number("unidentified") == 0, "requests without mTLS", shop.storefront());
    NotSeen.check(rate >= RATE, "fewer than " + RATE + " requests/s", shop.storefront());
    if (Math.abs(share - wanted) > 3 * sigma + 1e-9) {
      NotSeen.check(again, "the measured share is not the wanted one", shop.storefront());
      screen.line("  outside 3 sigma, as chance has it once in 370 times: measured once more");
      step(shop, screen, wanted, shift, false);
    }
  }

  /** Nobody is killed here: a cut-off answer is a failed request as well. */
  private static int lost(Fields window) {
    return window.number("failed") + window.number("cut");
  }
}
