package io.inmesh.examples.quickstart;

import io.inmesh.examples.quickstart.Processes.Instance;
import java.io.IOException;
import java.time.Duration;

/** SIGKILL under load: nobody notices. */
final class DyingInstance implements Step {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Override
  public String title() {
    return "An instance is killed under load";
  }

  @Override
  public String show(Shop shop, Screen screen) throws IOException, NotSeen, InterruptedException {
    Instance victim = shop.instances().get(2);
    String workload = "shop/" + victim.name();
    Child storefront = shop.storefront();
    Child controlPlane = shop.controlPlane();
    shop.window();
    int storefrontMark = storefront.mark();
    int controlPlaneMark = controlPlane.mark();
    long killed = System.nanoTime();
    shop.reviews(victim.name()).kill();
    Fields during = shop.window();
    screen.line("kill -9 of %s, which has half of the traffic", victim.name());
    Child.Line ejected =
        storefront.await(
            storefrontMark,
            LIMIT,
            "the ejection of " + victim.name(),
            line -> line.contains("outlier detection ejected 127.0.0.1:" + victim.port()));
    at(screen, killed, ejected.nanos(), "ejected by the storefront's outlier detection");
    Child.Line removed =
        controlPlane.await(
            controlPlaneMark,
            LIMIT,
            "the removal of " + victim.name(),
            line -> line.contains("removed") && line.contains(workload));
    Child.Line gone =
        storefront.await(
            storefrontMark,
            LIMIT,
            "one endpoint less at the storefront",
            line -> Endpoints.of(line, Endpoints.V2_OF_REVIEWS) == 1);
    at(
        screen,
        killed,
        gone.nanos(),
        "removed from EDS: it stayed "
            + Processes.ENDPOINT_GRACE_SECONDS
            + " s, so that a short break takes no endpoint away");
    NotSeen.check(ejected.nanos() < removed.nanos(), "removed before ejected", storefront);
    int backMark = storefront.mark();
    int returnMark = controlPlane.mark();
    at(screen, killed, System.nanoTime(), "started again");
    shop.restart(victim);
    Child.Line back =
        controlPlane.await(
            returnMark,
            LIMIT,
            "the return of " + victim.name(),
            line -> line.contains("registered") && line.contains(workload));
    at(screen, killed, back.nanos(), "its port is open: back in EDS");
    storefront.await(
        backMark,
        LIMIT,
        "two endpoints again",
        line -> Endpoints.of(line, Endpoints.V2_OF_REVIEWS) == 2);
    shop.awaitAnswerFrom(victim.name());
    at(screen, killed, System.nanoTime(), "answers the storefront again");
    Fields after = shop.window();
    int asked = during.number("requests") + after.number("requests");
    int failed = during.number("failed") + after.number("failed");
    int cut = during.number("cut") + after.number("cut");
    int retried = during.number("retried") + after.number("retried");
    screen.line(
        "%d requests, %d failed; %d were sent again to the other instance, %d of them under way at"
            + " the kill",
        asked, failed, retried, during.number("retried"));
    screen.line(
        "%d more were cut off after their response had begun (nobody may send those again)", cut);
    NotSeen.check(failed == 0, failed + " requests failed", storefront);
    NotSeen.check(
        during.number("retried") + cut > 0, "no request was under way at the kill", storefront);
    return String.format(
        java.util.Locale.ROOT,
        "%d requests, %d failed, %d cut off, %d retried; ejected %d, removed %d, back %d ms",
        asked,
        failed,
        cut,
        retried,
        millis(killed, ejected.nanos()),
        millis(killed, gone.nanos()),
        millis(killed, back.nanos()));
  }

  private static long millis(long from, long to) {
    return (to - from) / 1_000_000;
  }

  private static void at(Screen screen, long from, long to, String what) {
    screen.line("  %6d ms  %s", millis(from, to), what);
  }
}
