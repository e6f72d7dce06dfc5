package io.inmesh.runtime;

import io.inmesh.config.MeshTables;
import io.inmesh.identity.IdentityStore;
import io.inmesh.identity.WorkloadIdentity;
import io.inmesh.telemetry.EnvoyScope;
import io.inmesh.telemetry.Gauges;
import io.inmesh.telemetry.Labels;
import io.inmesh.xds.AdsClient;
import io.inmesh.xds.AdsState;
import io.inmesh.xds.TypeUrl;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Envoy's gauges of the process: the control plane, what is in force, certificates. */
final class MeshGauges implements Consumer<Gauges> {
  private final Supplier<@Nullable AdsClient> ads;
  private final IdentityStore identity;
  private final ConfigurationStream stream;
  private final Supplier<@Nullable MeshTables> tables;
  private final Instant started = Instant.now();

  MeshGauges(
      Supplier<@Nullable AdsClient> ads,
      IdentityStore identity,
      ConfigurationStream stream,
      Supplier<@Nullable MeshTables> tables) {
    this.ads = ads;
    this.identity = identity;
    this.stream = stream;
    this.tables = tables;
  }

  @Override
  public void accept(Gauges gauges) {
    AdsClient client = ads.get();
    AdsState state = client == null ? null : client.state();
    gauges.envoy(
        EnvoyScope.plain("control_plane"),
        "connected_state",
        state != null && state.connected() ? 1 : 0);
    if (state != null) {
      state.types().forEach((type, of) -> type(gauges, type, of));
      gauges.counter(
          "inmesh_xds_streams_total",
          "Streams opened to control planes.",
          Labels.none(),
          state.streams());
    }
    MeshTables now = tables.get();
    gauges.gauge(
        "inmesh_configuration_version",
        "Rises with each change in force.",
        Labels.none(),
        now == null ? 0 : now.version());
    certificate(gauges);
    gauges.gauge("inmesh_build_info", "Which Inmesh this is.", Labels.of("version", version()), 1);
    EnvoyScope server = EnvoyScope.plain("server");
    gauges.envoy(server, "live", 1);
    gauges.envoy(server, "uptime", Duration.between(started, Instant.now()).toSeconds());
  }

  private void type(Gauges gauges, TypeUrl type, AdsState.TypeState of) {
    EnvoyScope scope = scope(type);
    Labels labels = Labels.of("type", type.toString());
    gauges.gauge("inmesh_xds_resources", "Resources held.", labels, of.held());
    gauges.gauge(
        "inmesh_xds_refused", "Resources refused at present.", labels, of.refused().size());
    if (scope != null) {
      ConfigurationStream.Updates updates = stream.updates(type);
      gauges.envoyCount(scope, "update_attempt", updates.attempts());
      gauges.envoyCount(scope, "update_success", updates.accepted());
      gauges.envoyCount(scope, "update_rejected", updates.rejected());
    }
    gauges.gauge(
        "inmesh_xds_last_update_seconds",
        "How long the last update took from its arrival until it was in force.",
        labels,
        stream.updates(type).lastNanos() / 1e9);
  }

  private static @Nullable EnvoyScope scope(TypeUrl type) {
    if (type.equals(TypeUrl.CLUSTER)) {
      return EnvoyScope.plain("cluster_manager.cds");
    }
    return type.equals(TypeUrl.LISTENER) ? EnvoyScope.plain("listener_manager.lds") : null;
  }

  private void certificate(Gauges gauges) {
    WorkloadIdentity now = identity.current();
    if (now == null) {
      return;
    }
    gauges.gauge(
        "inmesh_certificate_expiration_timestamp_seconds",
        "End of the certificate that new connections show.",
        Labels.of("identity", now.spiffeId().toString()),
        now.notAfter().getEpochSecond());
    gauges.envoy(
        EnvoyScope.plain("server"),
        "days_until_first_cert_expiring",
        Math.max(0, Duration.between(Instant.now(), now.notAfter()).toDays()));
  }

  private static String version() {
    String version = MeshGauges.class.getPackage().getImplementationVersion();
    return version == null ? "unknown" : version;
  }
}
