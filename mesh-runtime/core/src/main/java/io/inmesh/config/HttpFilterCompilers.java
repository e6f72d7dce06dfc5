package io.inmesh.config;

import com.google.protobuf.Any;
import io.inmesh.proto.envoy.config.route.v3.FilterConfig;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which compiler reads which HTTP filter, by the type of its configuration. To add a filter: a
 * {@link Compiler} and one line in {@link #COMPILERS}; its code goes into the filter package.
 */
final class HttpFilterCompilers {
  /** Reads one kind of filter. */
  interface Compiler {
    /**
     * @return null: the filter needs no code here, and nobody can tell that it does not run
     * @throws ConfigException not valid, or {@linkplain ConfigException#isNotYet not yet}
     */
    @Nullable HttpFilterConfig compile(String name, TypedConfig config, String place);
  }

  private static final String FILTERS = "envoy.extensions.filters.http.";
  private static final String PEER_METADATA = "io.istio.http.peer_metadata.Config";
  private static final String FILTER_CONFIG = "envoy.config.route.v3.FilterConfig";
  private static final Map<String, Compiler> COMPILERS = new HashMap<>();

  static {
    Compiler perRoute = PerRouteFilters::compile;
    COMPILERS.put(FILTERS + "fault.v3.HTTPFault", perRoute);
    COMPILERS.put(FILTERS + "cors.v3.Cors", perRoute);
    COMPILERS.put(FILTERS + "cors.v3.CorsPolicy", perRoute);
    COMPILERS.put(FILTERS + "header_mutation.v3.HeaderMutation", HeaderMutationFilters::compile);
    COMPILERS.put(
        FILTERS + "header_mutation.v3.HeaderMutationPerRoute", HeaderMutationFilters::perRoute);
    COMPILERS.put(FILTERS + "rbac.v3.RBAC", RbacFilters::compile);
    COMPILERS.put(FILTERS + "rbac.v3.RBACPerRoute", RbacFilters::perRoute);
  }

  private HttpFilterCompilers() {}

  /**
   * A filter of a connection manager.
   *
   * @return null: left out, it cannot be told from one that runs
   */
  static @Nullable HttpFilterConfig compile(HttpFilter proto, String place) {
    String name = proto.getName();
    if (name.isEmpty()) {
      throw new ConfigException("name", "must not be empty");
    }
    if (proto.hasConfigDiscovery()) {
      return unsupported(
          name, place, "config_discovery", "extension configuration is not asked for (ECDS)", true);
    }
    HttpFilterConfig config = compile(name, proto.getTypedConfig(), place, proto.getIsOptional());
    return config != null && proto.getDisabled() ? new PerRouteFilter(name) : config;
  }

  /**
   * An entry of {@code typed_per_filter_config}.
   *
   * @return null: changes nothing that runs here
   */
  static @Nullable HttpFilterConfig perRoute(String name, Any any, String place) {
    if (!any.getTypeUrl().endsWith("/" + FILTER_CONFIG)) {
      return compile(name, any, place, false);
    }
    FilterConfig wrapper = TypedConfig.parse(FilterConfig.parser(), any.getValue());
    if (wrapper.getDisabled()) {
      return new DisabledFilter(name);
    }
    if (!wrapper.hasConfig()) {
      throw new ConfigException("config", "is required unless disabled is set");
    }
    return compile(name, wrapper.getConfig(), place, wrapper.getIsOptional());
  }

  private static @Nullable HttpFilterConfig compile(
      String name, Any any, String place, boolean optional) {
    TypedConfig config = ConfigException.field("typed_config", any, TypedConfig::of);
    if (config.type().isEmpty() || HarmlessFilters.contains(config.type())) {
      if (config.type().isEmpty() && !optional) {
        throw new ConfigException("typed_config", "is required");
      }
      return null;
    }
    if (config.type().equals(PEER_METADATA)) {
      return PeerMetadataFilters.compile(name, config.struct());
    }
    Compiler compiler = COMPILERS.get(config.type());
    try {
      if (compiler == null) {
        return optional ? null : unsupported(name, place, config.type(), "not implemented", true);
      }
      if (config.struct() != null) {
        return unsupported(name, place, config.type(), "inside a TypedStruct it is not read", true);
      }
      return compiler.compile(name, config, place);
    } catch (ConfigException e) {
      if (e.isNotYet()) {
        return unsupported(name, place, config.type() + "." + e.fieldPath(), e.reason(), true);
      }
      throw e.in("typed_config");
    }
  }

  static UnsupportedFilter unsupported(
      String name, String place, String field, String reason, boolean security) {
    return new UnsupportedFilter(name, new NotYet(place, field, reason, security));
  }
}
