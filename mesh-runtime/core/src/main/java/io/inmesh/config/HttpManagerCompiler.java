package io.inmesh.config;

import io.inmesh.config.HttpOptions.EscapedSlashes;
import io.inmesh.config.HttpOptions.ForwardClientCert;
import io.inmesh.proto.envoy.config.core.v3.ConfigSource;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ServerHeaderTransformation;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.UpgradeConfig;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** {@code HttpConnectionManager}. */
final class HttpManagerCompiler {
  private static final String ISTIO_ALPN =
      "istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig";
  private static final String ROUTER = "envoy.extensions.filters.http.router.v3.Router";
  private static final long STREAM_IDLE = TimeUnit.MINUTES.toNanos(5);
  private static final int HEADERS_KB = 60;

  private final HttpConnectionManager proto;
  private final String listener;
  private final boolean inbound;
  private @Nullable NotYet notYet;

  private HttpManagerCompiler(HttpConnectionManager proto, String listener, boolean inbound) {
    this.proto = proto;
    this.listener = listener;
    this.inbound = inbound;
  }

  /**
   * @param clusterExists for inline routes that ask for their clusters to be checked
   */
  static ManagerTemplate compile(
      HttpConnectionManager proto,
      String listener,
      boolean inbound,
      Predicate<String> clusterExists) {
    return new HttpManagerCompiler(proto, listener, inbound).compile(clusterExists);
  }

  private ManagerTemplate compile(Predicate<String> clusterExists) {
    refuseWhatIsMissing();
    String rdsName = null;
    CompiledRouteTable inline = null;
    switch (proto.getRouteSpecifierCase()) {
      case RDS -> rdsName = rdsName();
      case ROUTE_CONFIG -> inline = inline(clusterExists);
      case SCOPED_ROUTES -> {
        missing("scoped_routes", "not implemented", false);
        inline = CompiledRouteTable.empty("scoped_routes");
      }
      default -> throw new ConfigException("route_specifier", "is required");
    }
    List<HttpFilterConfig> filters = filters();
    return new ManagerTemplate(
        listener,
        inbound,
        rdsName,
        inline,
        filters,
        options(),
        ManagerTelemetryCompiler.compile(proto, listener));
  }

  private String rdsName() {
    var rds = proto.getRds();
    if (rds.getRouteConfigName().isEmpty()) {
      throw new ConfigException("rds.route_config_name", "must not be empty");
    }
    ConfigSource source = rds.getConfigSource();
    if (!source.hasAds() && !source.hasSelf()) {
      missing("rds.config_source", "routes come from the one stream of the mesh only", false);
    }
    return rds.getRouteConfigName();
  }

  /** Inline routes are checked for their clusters unless they say no, as Envoy does. */
  private CompiledRouteTable inline(Predicate<String> clusterExists) {
    var routes = proto.getRouteConfig();
    CompiledRouteTable table =
        ConfigException.field(
            "route_config",
            routes,
            config -> RouteTableCompiler.compile(config, listener + "/" + config.getName()));
    if (Values.bool(routes.hasValidateClusters(), routes.getValidateClusters(), true)) {
      requireClusters("route_config", table, clusterExists);
    }
    return table;
  }

  static void requireClusters(
      String field, CompiledRouteTable table, Predicate<String> clusterExists) {
    for (String cluster : table.clusters()) {
      if (!clusterExists.test(cluster)) {
        throw new ConfigException(field, "unknown cluster '" + cluster + "'");
      }
    }
  }

  private List<HttpFilterConfig> filters() {
    List<HttpFilterConfig> filters = new ArrayList<>();
    int count = proto.getHttpFiltersCount();
    if (count == 0) {
      throw new ConfigException("http_filters", "the router is required as the last filter");
    }
    for (int i = 0; i < count; i++) {
      HttpFilter filter = proto.getHttpFilters(i);
      if (type(filter).equals(ROUTER) != (i == count - 1)) {
        throw new ConfigException(
            "http_filters[" + i + "]", "the router must be the last filter, and only that");
      }
      try {
        HttpFilterConfig config = HttpFilterCompilers.compile(filter, listener);
        if (config != null) {
          filters.add(config);
        }
      } catch (ConfigException e) {
        throw e.in("http_filters[" + i + "]");
      }
    }
    return List.copyOf(filters);
  }

  private static String type(HttpFilter filter) {
    return TypedConfig.of(filter.getTypedConfig()).type();
  }

  private HttpOptions options() {
    return new HttpOptions(
        proto.getNormalizePath().getValue(),
        proto.getMergeSlashes(),
        switch (proto.getPathWithEscapedSlashesAction()) {
          case IMPLEMENTATION_SPECIFIC_DEFAULT, KEEP_UNCHANGED -> EscapedSlashes.KEEP_UNCHANGED;
          case REJECT_REQUEST -> EscapedSlashes.REJECT_REQUEST;
          case UNESCAPE_AND_REDIRECT -> EscapedSlashes.UNESCAPE_AND_REDIRECT;
          case UNESCAPE_AND_FORWARD -> EscapedSlashes.UNESCAPE_AND_FORWARD;
          case UNRECOGNIZED ->
              throw new ConfigException("path_with_escaped_slashes_action", "unknown value");
        },
        Values.nanos(
            "stream_idle_timeout",
            proto.hasStreamIdleTimeout(),
            proto.getStreamIdleTimeout(),
            STREAM_IDLE),
        Values.number(proto.hasMaxRequestHeadersKb(), proto.getMaxRequestHeadersKb(), HEADERS_KB),
        serverName(),
        switch (proto.getForwardClientCertDetails()) {
          case SANITIZE -> ForwardClientCert.SANITIZE;
          case FORWARD_ONLY -> ForwardClientCert.FORWARD_ONLY;
          case APPEND_FORWARD -> ForwardClientCert.APPEND_FORWARD;
          case SANITIZE_SET -> ForwardClientCert.SANITIZE_SET;
          case ALWAYS_FORWARD_ONLY -> ForwardClientCert.ALWAYS_FORWARD_ONLY;
          case UNRECOGNIZED ->
              throw new ConfigException("forward_client_cert_details", "unknown value");
        },
        clientCertDetails(),
        Values.bool(proto.hasGenerateRequestId(), proto.getGenerateRequestId(), true),
        proto.getUseRemoteAddress().getValue(),
        upgrades(),
        proto.getHttpFiltersList().stream().anyMatch(filter -> type(filter).equals(ISTIO_ALPN)),
        proto.hasTracing(),
        notYet);
  }

  private @Nullable String serverName() {
    if (proto.getServerHeaderTransformation() != ServerHeaderTransformation.OVERWRITE) {
      return null;
    }
    return proto.getServerName().isEmpty() ? "envoy" : proto.getServerName();
  }

  private List<String> clientCertDetails() {
    var proto = this.proto.getSetCurrentClientCertDetails();
    List<String> details = new ArrayList<>();
    add(details, proto.getSubject().getValue(), "subject");
    add(details, proto.getUri(), "uri");
    add(details, proto.getDns(), "dns");
    add(details, proto.getCert(), "cert");
    add(details, proto.getChain(), "chain");
    return List.copyOf(details);
  }

  private static void add(List<String> details, boolean wanted, String name) {
    if (wanted) {
      details.add(name);
    }
  }

  private List<String> upgrades() {
    return proto.getUpgradeConfigsList().stream()
        .filter(upgrade -> Values.bool(upgrade.hasEnabled(), upgrade.getEnabled(), true))
        .map(UpgradeConfig::getUpgradeType)
        .map(type -> type.toLowerCase(Locale.ROOT))
        .toList();
  }

  private void refuseWhatIsMissing() {
    if (proto.getOriginalIpDetectionExtensionsCount() > 0) {
      missing("original_ip_detection_extensions", "not implemented", true);
    }
    if (inbound && proto.getXffNumTrustedHops() > 0) {
      missing("xff_num_trusted_hops", "the caller's address is not taken from further back", true);
    }
    if (proto.getEarlyHeaderMutationExtensionsCount() > 0) {
      missing("early_header_mutation_extensions", "not implemented", true);
    }
    if (proto.hasPathNormalizationOptions()) {
      missing("path_normalization_options", "not implemented", true);
    }
    if (proto.hasTypedHeaderValidationConfig()) {
      missing("typed_header_validation_config", "not implemented", true);
    }
    if (proto.hasLocalReplyConfig()) {
      missing("local_reply_config", "answers of the mesh cannot be changed", false);
    }
    if (proto.getStripMatchingHostPort() || proto.hasStripAnyHostPort()) {
      missing("strip_port_mode", "not implemented", false);
    }
    if (proto.getStripTrailingHostDot()) {
      missing("strip_trailing_host_dot", "not implemented", false);
    }
    if (proto.hasSchemeHeaderTransformation()) {
      missing("scheme_header_transformation", "not implemented", false);
    }
    if (!proto.getUnknownFields().asMap().isEmpty()) {
      missing(
          "fields " + proto.getUnknownFields().asMap().keySet(),
          "are newer than this runtime",
          true);
    }
  }

  private void missing(String field, String reason, boolean security) {
    if (notYet == null || security && !notYet.security()) {
      notYet = new NotYet(listener, field, reason, security);
    }
  }
}
