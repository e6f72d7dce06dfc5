package io.inmesh.grpc.orca;

import com.sun.management.OperatingSystemMXBean;
import io.grpc.services.MetricRecorder;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Writes down, each time it runs, how loaded the process was since the time before. */
final class LoadSampler implements Runnable {
  private static final double SECOND = TimeUnit.SECONDS.toNanos(1);

  private final MetricRecorder recorder;
  private final RequestRates rates;
  private final LongSupplier nanos;
  private long lastNanos;
  private long lastRequests;
  private long lastErrors;

  LoadSampler(MetricRecorder recorder, RequestRates rates, LongSupplier nanos) {
    this.recorder = recorder;
    this.rates = rates;
    this.nanos = nanos;
    this.lastNanos = nanos.getAsLong();
  }

  @Override
  public void run() {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
      double cpu = system.getProcessCpuLoad();
      if (cpu >= 0) { // else the JVM does not know yet
        recorder.setCpuUtilizationMetric(cpu);
      }
    }
    Runtime runtime = Runtime.getRuntime();
    double used = runtime.totalMemory() - runtime.freeMemory();
    recorder.setMemoryUtilizationMetric(Math.min(1, used / runtime.maxMemory()));
    long now = nanos.getAsLong();
    double seconds = (now - lastNanos) / SECOND;
    if (seconds <= 0) {
      return;
    }
    long requests = rates.requests();
    long errors = rates.errors();
    recorder.setQpsMetric((requests - lastRequests) / seconds);
    recorder.setEpsMetric((errors - lastErrors) / seconds);
    lastNanos = now;
    lastRequests = requests;
    lastErrors = errors;
  }
}
