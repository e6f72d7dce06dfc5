package io.inmesh.config;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A compiled {@code HttpConnectionManager} with the route table that is in force. Immutable but for
 * {@link #derived}.
 */
public final class HttpManager {
  private final String listener;
  private final boolean inbound;
  private final RouteTable routes;
  private final List<HttpFilterConfig> filters;
  private final HttpOptions options;
  private final ManagerTelemetry telemetry;
  private volatile @Nullable Object derived;

  /**
   * @param listener name of the listener and, inbound, of the filter chain: {@code
   *     virtualInbound/0.0.0.0_18080}
   */
  public HttpManager(
      String listener,
      boolean inbound,
      RouteTable routes,
      List<HttpFilterConfig> filters,
      HttpOptions options) {
    this(listener, inbound, routes, filters, options, ManagerTelemetry.none());
  }

  /**
   * @param listener name of the listener and, inbound, of the filter chain
   */
  public HttpManager(
      String listener,
      boolean inbound,
      RouteTable routes,
      List<HttpFilterConfig> filters,
      HttpOptions options,
      ManagerTelemetry telemetry) {
    this.telemetry = telemetry;
    this.listener = listener;
    this.inbound = inbound;
    this.routes = routes;
    this.filters = List.copyOf(filters);
    this.options = options;
  }

  public String listener() {
    return listener;
  }

  public boolean inbound() {
    return inbound;
  }

  public RouteTable routes() {
    return routes;
  }

  /** In Envoy's order, the router left out. */
  public List<HttpFilterConfig> filters() {
    return filters;
  }

  public HttpOptions options() {
    return options;
  }

  public ManagerTelemetry telemetry() {
    return telemetry;
  }

  /**
   * What a package above makes of this manager (its chain of filters), made once and kept as long
   * as the manager. There is one such package. The function must be pure: two threads may run it at
   * the same time, one result is kept.
   */
  @SuppressWarnings("unchecked")
  public <T> T derived(Function<HttpManager, T> make) {
    Object made = derived;
    if (made == null) {
      made = make.apply(this);
      derived = made;
    }
    return (T) made;
  }
}
