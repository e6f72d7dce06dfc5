package io.inmesh.differential;

/** Fields of deciding messages that other suites judge. */
final class Elsewhere {
  static final String[] FIELDS = {
    // what a retry chooses among several hosts or priorities, and hedging: RetryFieldsTest
    "envoy.config.route.v3.RetryPolicy.RetryPriority",
    "envoy.config.route.v3.RetryPolicy.retry_priority",
    "envoy.config.route.v3.HedgePolicy",
    "envoy.config.route.v3.RouteAction.hedge_policy",
    "envoy.config.route.v3.VirtualHost.hedge_policy",
    // TimeoutFieldsTest; docs/deviations.md says what differs
    "envoy.config.route.v3.RouteAction.MaxStreamDuration",
    "envoy.config.route.v3.RouteAction.max_stream_duration",
    // certificates: InboundFieldsTest, RbacVerdictTest, the interop tests
    "envoy.config.rbac.v3.Principal.Authenticated.principal_name",
    // routes over xDS: WarmingTest
    "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.rds",
    "envoy.extensions.filters.network.http_connection_manager.v3.Rds",
    // of clusters: ClusterFieldsTest
    "envoy.type.v3.Percent",
  };

  private Elsewhere() {}
}
