package io.inmesh.spring.boot.client;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import okhttp3.Call;

/**
 * Gives up the calls of threads that were interrupted, which a blocking read of a socket does not
 * notice by itself; callers of Spring's own engines are used to it. One daemon thread for all,
 * which looks 20 times a second. Thread-safe.
 */
final class Interruptions {
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final Map<Call, Thread> RUNNING = new ConcurrentHashMap<>();

  static {
    Thread watcher = new Thread(Interruptions::watch, "inmesh-interruptions");
    watcher.setDaemon(true);
    watcher.start();
  }

  private Interruptions() {}

  /** From now on until {@link #ended}, by the thread that makes the call. */
  static void running(Call call) {
    RUNNING.put(call, Thread.currentThread());
  }

  static void ended(Call call) {
    RUNNING.remove(call);
  }

  private static void watch() {
    while (true) {
      LockSupport.parkNanos(LOOK_NANOS);
      RUNNING.forEach(
          (call, thread) -> {
            if (thread.isInterrupted()) {
              call.cancel();
            }
          });
    }
  }
}
