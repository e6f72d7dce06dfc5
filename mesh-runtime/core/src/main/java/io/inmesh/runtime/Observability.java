package io.inmesh.runtime;

import io.inmesh.Setting;
import io.inmesh.config.PeerMetadata;
import io.inmesh.filter.LocalNode;
import io.inmesh.identity.IdentityStore;
import io.inmesh.identity.WorkloadIdentity;
import io.inmesh.proto.envoy.config.core.v3.Node;
import io.inmesh.telemetry.Telemetry;
import java.util.function.LongSupplier;

/** Makes telemetry of what the settings say. */
final class Observability {
  private Observability() {}

  static Telemetry telemetry(
      Settings settings, Node node, LongSupplier nanos, IdentityStore identity) {
    boolean open = OpenTelemetryPresence.given(settings);
    String metrics = settings.require(Setting.METRICS);
    boolean on =
        switch (metrics) {
          case "on" -> true;
          case "off" -> false;
          case "auto" -> open || settings.text(Setting.ADMIN_ADDRESS) != null;
          default -> throw settings.wrong(Setting.METRICS, metrics, "auto, on or off");
        };
    Telemetry.Builder telemetry =
        Telemetry.builder(nanos)
            .self(PeerMetadata.local(node.getMetadata()))
            .principal(
                () -> {
                  WorkloadIdentity now = identity.current();
                  return now == null ? null : now.spiffeId().toString();
                });
    if (on) {
      telemetry.metrics();
    }
    String logs = settings.require(Setting.ACCESS_LOG);
    switch (logs) {
      case "as-configured" -> {}
      case "slf4j" -> telemetry.accessLogsToSlf4j();
      case "off" -> telemetry.noAccessLogs();
      default -> throw settings.wrong(Setting.ACCESS_LOG, logs, "as-configured, slf4j or off");
    }
    String tracing = settings.require(Setting.TRACING);
    switch (tracing) {
      case "as-configured" -> {}
      case "always" -> telemetry.allTraces();
      case "off" -> telemetry.noTracing();
      default -> throw settings.wrong(Setting.TRACING, tracing, "as-configured, always or off");
    }
    if (open) {
      OpenTelemetryPresence.use(settings, telemetry);
    }
    return telemetry.build();
  }

  /** What peers are told: the metadata that a sidecar of this node would send. */
  static LocalNode localNode(Node node) {
    var fields = node.getMetadata().getFieldsMap();
    String name = fields.containsKey("NAME") ? fields.get("NAME").getStringValue() : "";
    String owner = fields.containsKey("OWNER") ? fields.get("OWNER").getStringValue() : "";
    return new LocalNode(node.getId(), PeerMetadata.local(node.getMetadata()).header(name, owner));
  }
}
