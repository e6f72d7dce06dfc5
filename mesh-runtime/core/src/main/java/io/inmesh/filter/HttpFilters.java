package io.inmesh.filter;

import io.inmesh.config.HeaderMutationConfig;
import io.inmesh.config.HttpFilterConfig;
import io.inmesh.config.NotYet;
import io.inmesh.config.PeerMetadataConfig;
import io.inmesh.config.PerRouteFilter;
import io.inmesh.config.RbacConfig;
import io.inmesh.config.UnsupportedFilter;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Which code acts on which compiled configuration. To add a filter: a config record with its
 * compiler (package config), a class here, and one line in {@link #FACTORIES}.
 */
public final class HttpFilters {
  private static final Map<Class<?>, Function<HttpFilterConfig, HttpFilter>> FACTORIES =
      new HashMap<>();

  private HttpFilters() {}

  private static <C extends HttpFilterConfig> void on(Class<C> type, Function<C, HttpFilter> make) {
    FACTORIES.put(type, config -> make.apply(type.cast(config)));
  }

  static {
    on(UnsupportedFilter.class, RefusingFilter::new);
    on(PerRouteFilter.class, PerRouteOnly::new);
    on(HeaderMutationConfig.class, HeaderMutationFilter::new);
    on(RbacConfig.class, RbacFilter::new);
    on(PeerMetadataConfig.class, PeerMetadataFilter::new);
  }

  /** The filter for a configuration; one that nobody acts on refuses what it governs. */
  public static HttpFilter create(HttpFilterConfig config) {
    Function<HttpFilterConfig, HttpFilter> factory = FACTORIES.get(config.getClass());
    if (factory != null) {
      return factory.apply(config);
    }
    return new RefusingFilter(
        new UnsupportedFilter(
            config.name(),
            new NotYet(
                "http filter chain", config.name(), "no code acts on this configuration", true)));
  }
}
