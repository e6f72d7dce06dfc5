package io.inmesh.grpc.orca;

import io.grpc.ServerBuilder;
import io.grpc.services.MetricRecorder;
import io.grpc.xds.orca.OrcaMetricReportingServerInterceptor;
import io.grpc.xds.orca.OrcaServiceImpl;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Tells callers how loaded a server is (ORCA), so that those with {@code
 * client_side_weighted_round_robin} send it what it can bear. One line:
 *
 * <pre>{@code LoadReporting load = LoadReporting.of(builder);}</pre>
 *
 * <p>From then on every response carries a report in its trailers ({@code
 * endpoint-load-metrics-bin}), and {@code xds.service.orca.v3.OpenRcaService} streams the same to
 * who asks for it. Measured each second: {@code cpu_utilization} and {@code mem_utilization} of
 * this process (0 to 1), {@code rps_fractional} and {@code eps}, RPCs and failed RPCs in a second.
 * What else there is to say goes to {@link #recorder()}, or for one RPC alone to {@code
 * CallMetricRecorder.getCurrent()}. Thread-safe.
 *
 * <p>Needs {@code io.grpc:grpc-xds} on the class path, in the version of the other gRPC artifacts.
 */
public final class LoadReporting implements AutoCloseable {
  private static final long SAMPLE_SECONDS = 1;

  private final MetricRecorder recorder = MetricRecorder.newInstance();
  private final ScheduledThreadPoolExecutor timer;

  private LoadReporting() {
    timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "inmesh-load-reports");
              thread.setDaemon(true);
              return thread;
            });
    timer.setRemoveOnCancelPolicy(true);
  }

  /** As {@link #of(ServerBuilder, Duration)}, streams of reports at most each second. */
  public static LoadReporting of(ServerBuilder<?> builder) {
    return of(builder, Duration.ofSeconds(SAMPLE_SECONDS));
  }

  /**
   * Adds interceptors and the service to a builder, meshed or not.
   *
   * @param leastInterval how often streams of reports get one at most, whatever callers ask for
   */
  public static LoadReporting of(ServerBuilder<?> builder, Duration leastInterval) {
    LoadReporting reporting = new LoadReporting();
    RequestRates rates = new RequestRates();
    LoadSampler sampler = new LoadSampler(reporting.recorder, rates, System::nanoTime);
    builder.intercept(rates);
    builder.intercept(OrcaMetricReportingServerInterceptor.create(reporting.recorder));
    builder.addService(
        OrcaServiceImpl.createService(
            reporting.timer(), reporting.recorder, leastInterval.toNanos(), TimeUnit.NANOSECONDS));
    reporting.timer.scheduleAtFixedRate(sampler, 0, SAMPLE_SECONDS, TimeUnit.SECONDS);
    return reporting;
  }

  private ScheduledExecutorService timer() {
    return timer;
  }

  /**
   * For what only the application knows: {@code setApplicationUtilizationMetric(0.7)} takes the
   * place of the processor's load in callers' weights, {@code putUtilizationMetric("disk", 0.4)}
   * adds one by name. Each stays until it is set anew.
   */
  public MetricRecorder recorder() {
    return recorder;
  }

  /** No more samples: reports stay as they are. For when the server is gone. */
  @Override
  public void close() {
    timer.shutdownNow();
  }
}
