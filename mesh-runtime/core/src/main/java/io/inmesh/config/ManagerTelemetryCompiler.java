package io.inmesh.config;

import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.inmesh.proto.stats.PluginConfig;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The parts of {@code HttpConnectionManager} that only telemetry reads. */
final class ManagerTelemetryCompiler {
  private static final String STATS = "stats.PluginConfig";

  private ManagerTelemetryCompiler() {}

  static ManagerTelemetry compile(HttpConnectionManager proto, String listener) {
    return new ManagerTelemetry(
        proto.getStatPrefix(),
        stats(proto, listener),
        ConfigException.each(
                "access_log",
                proto.getAccessLogList(),
                log -> AccessLogCompiler.compile(log, listener))
            .stream()
            .flatMap(Optional::stream)
            .toList(),
        proto.hasTracing()
            ? ConfigException.field("tracing", proto.getTracing(), TracingCompiler::compile)
            : null);
  }

  private static @Nullable IstioStatsConfig stats(HttpConnectionManager proto, String listener) {
    for (HttpFilter filter : proto.getHttpFiltersList()) {
      TypedConfig config = TypedConfig.of(filter.getTypedConfig());
      if (config.type().equals(STATS) && config.struct() == null && !filter.getDisabled()) {
        return IstioStatsCompiler.compile(config.as(PluginConfig.parser()), listener);
      }
    }
    return null;
  }
}
