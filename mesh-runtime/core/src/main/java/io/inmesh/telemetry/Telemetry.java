package io.inmesh.telemetry;

import io.inmesh.call.CallContext;
import io.inmesh.call.CallListener;
import io.inmesh.call.CallWatcher;
import io.inmesh.call.Outcome;
import io.inmesh.config.HttpManager;
import io.inmesh.config.IstioStatsConfig;
import io.inmesh.config.ManagerTelemetry;
import io.inmesh.config.PeerMetadata;
import io.inmesh.config.TracingConfig;
import io.inmesh.http.Connection;
import io.inmesh.http.RequestHead;
import io.inmesh.upstream.UpstreamListener;
import io.opentelemetry.api.OpenTelemetry;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All that is told of a mesh's calls: counted, logged. What is off is not asked. Thread-safe. */
public final class Telemetry implements CallListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh.telemetry");

  private final CallLog log;
  private final @Nullable Recorder recorder;
  private final AccessLogs accessLogs;
  private final Refusals refusals = new Refusals();
  private final @Nullable Spans spans;
  private final boolean tracing;
  private final AtomicBoolean saidNowhere = new AtomicBoolean();

  private Telemetry(
      CallLog log,
      @Nullable Recorder recorder,
      AccessLogs accessLogs,
      @Nullable Spans spans,
      boolean tracing) {
    this.log = log;
    this.recorder = recorder;
    this.accessLogs = accessLogs;
    this.spans = spans;
    this.tracing = tracing;
  }

  /**
   * @param nanos the drivers' clock
   */
  public static Builder builder(LongSupplier nanos) {
    return new Builder(nanos);
  }

  /** Not thread-safe. Only the log of refusals is on at first. */
  public static final class Builder {
    private final LongSupplier nanos;
    private PeerMetadata self = PeerMetadata.UNKNOWN;
    private Supplier<@Nullable String> principal = () -> null;
    private boolean metrics;
    private @Nullable OpenTelemetry openTelemetry;
    private AccessLogs.Mode accessLogs = AccessLogs.Mode.AS_CONFIGURED;
    private boolean tracing = true;
    private boolean allTraces;

    private Builder(LongSupplier nanos) {
      this.nanos = nanos;
    }

    /** This workload, as its peers know it. */
    public Builder self(PeerMetadata self) {
      this.self = self;
      return this;
    }

    /** SPIFFE name that new connections show; null: none. */
    public Builder principal(Supplier<@Nullable String> principal) {
      this.principal = principal;
      return this;
    }

    /** Calls are counted. */
    public Builder metrics() {
      metrics = true;
      return this;
    }

    /** The application's, which exports what is counted. */
    public Builder openTelemetry(OpenTelemetry given) {
      openTelemetry = given;
      return this;
    }

    /** Lines of access logs for files go to the logger {@code io.inmesh.access} instead. */
    public Builder accessLogsToSlf4j() {
      accessLogs = AccessLogs.Mode.SLF4J;
      return this;
    }

    public Builder noAccessLogs() {
      accessLogs = AccessLogs.Mode.OFF;
      return this;
    }

    public Builder noTracing() {
      tracing = false;
      return this;
    }

    /** Spans for every call, whatever the configuration says: the application's SDK samples. */
    public Builder allTraces() {
      allTraces = true;
      return this;
    }

    public Telemetry build() {
      OpenTelemetry given = openTelemetry;
      Recorder recorder = null;
      if (metrics) {
        OtelMetrics export = given == null ? null : new OtelMetrics(given);
        Metrics counted = new Metrics(export);
        recorder = new Recorder(counted, self, principal);
        if (export != null) {
          export.export(counted);
        }
      }
      return new Telemetry(
          new CallLog(nanos),
          recorder,
          new AccessLogs(accessLogs, given == null ? null : new OtelLogs(given)),
          given == null || !tracing ? null : new Spans(given, allTraces),
          tracing);
    }
  }

  /** Null: nothing is counted. */
  public @Nullable Metrics metrics() {
    return recorder == null ? null : recorder.metrics();
  }

  /** For what happens to hosts. */
  public UpstreamListener upstreams() {
    return recorder == null ? UpstreamListener.NONE : recorder;
  }

  @Override
  public @Nullable CallWatcher watch(
      HttpManager manager,
      RequestHead request,
      Connection from,
      @Nullable CallContext parent,
      long nowNanos) {
    ManagerTelemetry config = manager.telemetry();
    Watch watch =
        config.derived() instanceof Watch made && made.owner() == this ? made : make(config);
    return watch.idle() ? null : new CallRecord(watch, manager, request, from, parent, nowNanos);
  }

  private Watch make(ManagerTelemetry config) {
    IstioStatsConfig stats = config.istioStats();
    TracingConfig asked = config.tracing();
    if (tracing && spans == null && asked != null && !asked.provider().isEmpty()) {
      sayNowhere(asked);
    }
    boolean counted = recorder != null && !config.statPrefix().isEmpty();
    Watch watch =
        new Watch(
            this,
            config,
            counted ? recorder : null,
            recorder == null || !counted ? null : recorder.manager(config.statPrefix()),
            recorder == null || !counted || stats == null
                ? null
                : new IstioMetrics(recorder.metrics(), stats),
            accessLogs.writers(config.accessLogs()),
            spans != null && spans.wanted(asked) ? spans : null);
    config.derived(watch);
    return watch;
  }

  private void sayNowhere(TracingConfig asked) {
    if (saidNowhere.compareAndSet(false, true)) {
      LOG.atWarn()
          .addKeyValue("provider", asked.provider())
          .log(
              "the configuration asks for spans, and they go nowhere: give the mesh the"
                  + " application's OpenTelemetry with MeshConfig.builder().with(OpenTelemetry.class,"
                  + " ...); trace headers are passed on");
    }
  }

  /** Writes what is left of access logs. */
  @Override
  public void close() {
    accessLogs.close();
  }

  @Override
  public void ended(
      boolean inbound, RequestHead request, Connection from, Outcome outcome, long nanos) {
    log.ended(inbound, request, from, outcome, nanos);
    refusals.ended(inbound, request, from, outcome, nanos);
  }

  /** The last answers of the mesh itself. */
  public Refusals refusals() {
    return refusals;
  }
}
