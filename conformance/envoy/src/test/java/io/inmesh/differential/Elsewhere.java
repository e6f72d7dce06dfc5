package io.inmesh.differential;

/** Fields of deciding messages that other suites judge. */
final class Elsewhere {
  static final String[] FIELDS = {
    // what a retry chooses among priorities: CountsTest
    "envoy.config.route.v3.RetryPolicy.RetryPriority",
    "envoy.config.route.v3.RetryPolicy.retry_priority",
    // routes over xDS: WarmingTest
    "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.rds",
    "envoy.extensions.filters.network.http_connection_manager.v3.Rds",
    // what is told of a request: TelemetryDifferentialTest, and the tests of telemetry
    "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.Tracing.",
    "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.access_log",
    "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.stat_prefix",
    "envoy.type.tracing.",
    // of clusters: ClusterFieldsTest
    "envoy.type.v3.Percent",
  };

  private Elsewhere() {}
}
