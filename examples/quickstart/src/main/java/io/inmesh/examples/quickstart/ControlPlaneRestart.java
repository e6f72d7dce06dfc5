package io.inmesh.examples.quickstart;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** The control plane goes and comes back; the mesh goes on. */
final class ControlPlaneRestart implements Step {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final long AWAY_MILLIS = 3_000;

  @Override
  public String title() {
    return "The control plane restarts";
  }

  @Override
  public String show(Shop shop, Screen screen) throws IOException, NotSeen, InterruptedException {
    Map<Child, Integer> marks = new LinkedHashMap<>();
    Map<Child, Map<String, Integer>> before = new LinkedHashMap<>();
    for (Child workload : shop.workloads()) {
      Map<String, Integer> seen = Endpoints.last(workload.since(0));
      NotSeen.check(
          seen.containsValue(shop.instances().size()),
          workload.name() + " does not see all instances of reviews: " + seen,
          workload);
      before.put(workload, seen);
      marks.put(workload, workload.mark());
    }
    shop.window();
    long stopped = System.nanoTime();
    shop.controlPlane().stop();
    Thread.sleep(AWAY_MILLIS);
    Fields away = shop.window();
    screen.line(
        "stopped:  %d requests without a control plane, %d failed",
        away.number("requests"), lost(away));
    shop.restartControlPlane();
    screen.line("started:  after %.1f s, on the same port", (System.nanoTime() - stopped) / 1e9);
    for (Child workload : shop.workloads()) {
      shop.controlPlane()
          .await(
              0,
              LIMIT,
              workload.name() + " connected again",
              line -> line.contains("returned  shop/" + workload.name()));
    }
    screen.line(
        "returned: all %d workloads after %.1f s, none had to register anew",
        marks.size(), (System.nanoTime() - stopped) / 1e9);
    NotSeen.check(
        shop.controlPlane().since(0).stream()
            .noneMatch(
                l -> l.text().contains("  registered  ") || l.text().contains("  removed  ")),
        "a registration did not survive",
        shop.controlPlane());
    shop.shift(50, 50);
    shop.awaitAnswerFrom("reviews-v1-a");
    screen.line("obeyed:   the weights are edited to 50/50, and v1 is asked again");
    for (Map.Entry<Child, Integer> entry : marks.entrySet()) {
      Child workload = entry.getKey();
      Map<String, Integer> fewest = Endpoints.fewest(workload.since(entry.getValue()));
      for (Map.Entry<String, Integer> had : before.getOrDefault(workload, Map.of()).entrySet()) {
        NotSeen.check(
            fewest.getOrDefault(had.getKey(), had.getValue()) >= had.getValue(),
            workload.name() + " saw fewer endpoints of " + had.getKey(),
            workload);
      }
    }
    Fields after = shop.window();
    int asked = away.number("requests") + after.number("requests");
    int failed = lost(away) + lost(after);
    screen.line(
        "%d requests in all of it, %d failed; no workload ever saw fewer endpoints", asked, failed);
    NotSeen.check(failed == 0, failed + " requests failed", shop.storefront());
    return asked
        + " requests, "
        + failed
        + " failed; "
        + marks.size()
        + " registrations kept, no endpoint lost";
  }

  private static int lost(Fields window) {
    return window.number("failed") + window.number("cut");
  }
}
