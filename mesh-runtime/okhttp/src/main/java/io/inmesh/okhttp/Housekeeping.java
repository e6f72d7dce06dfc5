package io.inmesh.okhttp;

import io.inmesh.driver.DriverEnvironment;
import io.inmesh.runtime.MeshServices;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import okhttp3.OkHttpClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sweeps a client's lines as long as the mesh lives, and closes them with it. */
final class Housekeeping {
  private static final Logger log = LoggerFactory.getLogger("io.inmesh.okhttp");
  private static final long SWEEP_SECONDS = 1;
  private static final long DRAIN_LIMIT_NANOS = TimeUnit.MINUTES.toNanos(5);

  private static final long CLOSE_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long CLOSE_STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private Housekeeping() {}

  static Upstreams start(OkHttpClient application, MeshServices services) {
    DriverEnvironment env = services.drivers();
    Upstreams upstreams = new Upstreams(application, services.outbound(), DRAIN_LIMIT_NANOS);
    Future<?> sweeps =
        env.timer()
            .scheduleWithFixedDelay(
                () -> env.workers().execute(() -> sweep(upstreams)),
                SWEEP_SECONDS,
                SWEEP_SECONDS,
                TimeUnit.SECONDS);
    services.onDrain(
        () -> {
          sweeps.cancel(false);
          drain(upstreams);
        });
    return upstreams;
  }

  private static void sweep(Upstreams upstreams) {
    try {
      upstreams.sweep(System.nanoTime());
    } catch (RuntimeException e) {
      log.atWarn().setCause(e).log("connections that are out of use could not be closed");
    }
  }

  /** Its own thread: the mesh's timer and workers end with the mesh, requests perhaps later. */
  private static void drain(Upstreams upstreams) {
    if (upstreams.drained()) {
      return;
    }
    Thread thread =
        new Thread(
            () -> {
              long until = System.nanoTime() + CLOSE_LIMIT_NANOS;
              while (!upstreams.drained() && until - System.nanoTime() > 0) {
                LockSupport.parkNanos(CLOSE_STEP_NANOS);
              }
              upstreams.abort();
            },
            "inmesh-okhttp-drain");
    thread.setDaemon(true);
    thread.start();
  }
}
