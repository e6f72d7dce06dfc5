package io.inmesh.config;

import com.google.protobuf.Any;
import io.inmesh.config.ClusterConfig.AutoNames;
import io.inmesh.config.ClusterConfig.UpstreamProtocol;
import io.inmesh.proto.envoy.config.cluster.v3.Cluster;
import io.inmesh.proto.envoy.config.core.v3.HttpProtocolOptions;
import java.util.concurrent.TimeUnit;

/**
 * {@code typed_extension_protocol_options} of HTTP, or the deprecated fields of the cluster that
 * they replace.
 */
record UpstreamHttp(
    UpstreamProtocol protocol, long idleNanos, long maxRequestsPerConnection, AutoNames autoNames) {
  private static final String KEY = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
  private static final long IDLE = TimeUnit.HOURS.toNanos(1);

  @SuppressWarnings("deprecation")
  static UpstreamHttp of(Cluster proto) {
    Any typed = proto.getTypedExtensionProtocolOptionsMap().get(KEY);
    if (typed != null) {
      return ConfigException.field(
          "typed_extension_protocol_options[" + KEY + "]",
          TypedConfig.of(typed)
              .as(io.inmesh.proto.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.parser()),
          UpstreamHttp::of);
    }
    UpstreamProtocol protocol =
        proto.hasHttp2ProtocolOptions() ? UpstreamProtocol.HTTP2 : UpstreamProtocol.HTTP11;
    if (proto.getProtocolSelectionValue() == 1) {
      protocol = UpstreamProtocol.DOWNSTREAM;
    }
    UpstreamHttp common = common(protocol, proto.getCommonHttpProtocolOptions());
    return proto.hasMaxRequestsPerConnection()
        ? new UpstreamHttp(
            protocol,
            common.idleNanos(),
            Values.unsigned(true, proto.getMaxRequestsPerConnection(), 0),
            AutoNames.NONE)
        : common;
  }

  private static UpstreamHttp of(
      io.inmesh.proto.envoy.extensions.upstreams.http.v3.HttpProtocolOptions proto) {
    var upstream = proto.getUpstreamHttpProtocolOptions();
    if (!upstream.getOverrideAutoSniHeader().isEmpty()) {
      throw ConfigException.notYet(
          "upstream_http_protocol_options.override_auto_sni_header", "not implemented");
    }
    for (int i = 0; i < proto.getHttpFiltersCount(); i++) {
      if (!proto.getHttpFilters(i).getName().equals("envoy.filters.http.upstream_codec")) {
        throw ConfigException.notYet(
            "http_filters[" + i + "]",
            "upstream filters do not run: " + proto.getHttpFilters(i).getName());
      }
    }
    if (proto.hasOutlierDetection()) {
      throw ConfigException.notYet("outlier_detection", "error matchers are not implemented");
    }
    UpstreamHttp common = common(protocol(proto), proto.getCommonHttpProtocolOptions());
    return new UpstreamHttp(
        common.protocol(),
        common.idleNanos(),
        common.maxRequestsPerConnection(),
        new AutoNames(upstream.getAutoSni(), upstream.getAutoSanValidation()));
  }

  private static UpstreamProtocol protocol(
      io.inmesh.proto.envoy.extensions.upstreams.http.v3.HttpProtocolOptions proto) {
    switch (proto.getUpstreamProtocolOptionsCase()) {
      case EXPLICIT_HTTP_CONFIG:
        return switch (proto.getExplicitHttpConfig().getProtocolConfigCase()) {
          case HTTP_PROTOCOL_OPTIONS -> UpstreamProtocol.HTTP11;
          case HTTP2_PROTOCOL_OPTIONS -> UpstreamProtocol.HTTP2;
          case HTTP3_PROTOCOL_OPTIONS ->
              throw ConfigException.notYet("explicit_http_config", "HTTP/3 is not spoken");
          case PROTOCOLCONFIG_NOT_SET ->
              throw new ConfigException("explicit_http_config", "needs a protocol");
        };
      case USE_DOWNSTREAM_PROTOCOL_CONFIG:
        return UpstreamProtocol.DOWNSTREAM;
      case AUTO_CONFIG:
        throw ConfigException.notYet(
            "auto_config", "the protocol is not chosen by what the server negotiates");
      default:
        throw new ConfigException("upstream_protocol_options", "is required");
    }
  }

  private static UpstreamHttp common(UpstreamProtocol protocol, HttpProtocolOptions proto) {
    return new UpstreamHttp(
        protocol,
        Values.nanos(
            "common_http_protocol_options.idle_timeout",
            proto.hasIdleTimeout(),
            proto.getIdleTimeout(),
            IDLE),
        Values.unsigned(
            proto.hasMaxRequestsPerConnection(), proto.getMaxRequestsPerConnection(), 0),
        AutoNames.NONE);
  }
}
