package io.inmesh.spring.boot.actuate;

import io.inmesh.Mesh;
import io.inmesh.MeshStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * OUT_OF_SERVICE while there is no configuration or no valid certificate. A lost control plane is a
 * detail, not a failure: the last configuration stays in force, and a mesh that went down as a
 * whole whenever its control plane restarts would be worse than none.
 */
final class MeshHealthIndicator extends AbstractHealthIndicator {
  private final Mesh mesh;

  MeshHealthIndicator(Mesh mesh) {
    this.mesh = mesh;
  }

  @Override
  protected void doHealthCheck(Health.Builder builder) {
    MeshStatus status = mesh.status();
    details(status, Instant.now()).forEach(builder::withDetail);
    if (!status.enabled()) {
      builder.unknown();
    } else if (status.ready()) {
      builder.up();
    } else {
      builder.outOfService();
    }
  }

  static Map<String, Object> details(MeshStatus status, Instant now) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("enabled", status.enabled());
    if (status.enabled()) {
      details.put("ready", status.ready());
      details.put("connected", status.connected());
      put(details, "identity", status.identity());
      put(details, "certificate", certificate(status, now));
      put(details, "configuration", configuration(status, now));
    }
    put(details, "lastFailure", status.lastFailure());
    return details;
  }

  private static @Nullable Map<String, Object> certificate(MeshStatus status, Instant now) {
    Instant issued = status.certificateIssued();
    Instant expires = status.certificateExpires();
    return issued == null || expires == null
        ? null
        : Map.of("issued", issued, "age", age(issued, now), "expires", expires);
  }

  private static @Nullable Map<String, Object> configuration(MeshStatus status, Instant now) {
    Instant changed = status.configured();
    return changed == null
        ? null
        : Map.of(
            "version", status.configurationVersion(), "changed", changed, "age", age(changed, now));
  }

  private static String age(Instant since, Instant now) {
    return Duration.between(since, now).truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static void put(Map<String, Object> details, String name, @Nullable Object value) {
    if (value != null) {
      details.put(name, value);
    }
  }
}
