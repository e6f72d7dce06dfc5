package io.inmesh.examples.quickstart;

import java.time.LocalTime;
import java.time.format.DateTimeFormatter;

/** {@code --keep}: the shares of each second, until somebody ends it. */
final class Watch {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");

  private Watch() {}

  static void run(Shop shop, Screen screen) throws InterruptedException {
    screen.plain("");
    screen.plain("It goes on running. Edit and save, and watch the shares follow:");
    screen.line("%s", shop.mesh().path().resolve(MeshFolder.ROUTE));
    screen.line("(a mistake is refused with file and line in %s)", shop.controlPlane().log());
    screen.plain("Ctrl-C ends it.");
    try {
      for (shop.window(); ; ) {
        Thread.sleep(1_000);
        Fields window = shop.window();
        int count = Math.max(1, window.number("requests"));
        screen.line(
            "%s   v1 %5.1f %%   v2 %5.1f %%   %4d req/s   %d failed   %d retried",
            TIME.format(LocalTime.now()),
            100.0 * window.number("v1") / count,
            100.0 * window.number("v2") / count,
            count * 1000L / Math.max(1, window.number("millis")),
            window.number("failed") + window.number("cut"),
            window.number("retried"));
      }
    } catch (NotSeen e) {
      if (!shop.processes().ended()) {
        screen.line("The storefront has ended: %s", String.valueOf(e.getMessage()));
      }
    }
  }
}
