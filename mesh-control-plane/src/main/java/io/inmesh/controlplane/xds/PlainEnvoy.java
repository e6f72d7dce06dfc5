package io.inmesh.controlplane.xds;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.SubstitutionFormatString;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.common.set_filter_state.v3.FilterStateValue;
import io.envoyproxy.envoy.extensions.filters.http.set_filter_state.v3.Config;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes resources fit an Envoy without Istio's extensions; on the wire it does the same. {@code
 * istio.alpn} becomes {@code set_filter_state}, what only Istio's Envoy speaks is not offered
 * ({@code istio-peer-exchange}), secrets come over the stream that everything comes over.
 */
final class PlainEnvoy {
  /** What {@link #listener} and {@link #cluster} change, for people. */
  static final String CHANGES =
      "istio.alpn -> set_filter_state, istio-peer-exchange not offered, secrets over ADS;"
          + " left out: istio.metadata_exchange, istio.stats";

  private static final String PEER_EXCHANGE = "istio-peer-exchange";
  private static final String ALPN_FILTER = "istio.alpn";
  private static final String ALPN_STATE = "envoy.network.application_protocols";

  /** Metadata of clusters that speak mesh TLS; {@code http}: h1, h2 or downstream. */
  private static final String CLUSTER_METADATA = "inmesh.alpn";

  private static final String CHOICE =
      "%CEL((xds.cluster_metadata.filter_metadata['"
          + CLUSTER_METADATA
          + "']['http'] == 'h2' || xds.cluster_metadata.filter_metadata['"
          + CLUSTER_METADATA
          + "']['http'] == 'downstream' && request.protocol == 'HTTP/2') "
          + "? 'istio-h2,istio,h2' : 'istio-http/1.1,istio,http/1.1')%";

  private PlainEnvoy() {}

  static Listener listener(Listener listener) {
    Listener.Builder adapted = listener.toBuilder();
    for (FilterChain.Builder chain : adapted.getFilterChainsBuilderList()) {
      if (chain.hasTransportSocket()) {
        DownstreamTlsContext tls =
            read(chain.getTransportSocket().getTypedConfig(), DownstreamTlsContext.parser());
        chain.setTransportSocket(
            socket(
                chain.getTransportSocket(),
                tls.toBuilder().setCommonTlsContext(common(tls.getCommonTlsContext())).build()));
      }
      for (Filter.Builder filter : chain.getFiltersBuilderList()) {
        if (filter.getName().equals("envoy.filters.network.http_connection_manager")) {
          filter.setTypedConfig(manager(filter.getTypedConfig()));
        }
      }
    }
    return adapted.build();
  }

  private static Any manager(Any packed) {
    HttpConnectionManager.Builder manager =
        read(packed, HttpConnectionManager.parser()).toBuilder();
    List<HttpFilter> known =
        manager.getHttpFiltersList().stream()
            .filter(filter -> !filter.getName().equals(HttpConnections.ISTIO_STATS))
            .toList();
    manager.clearHttpFilters().addAllHttpFilters(known);
    for (HttpFilter.Builder filter : manager.getHttpFiltersBuilderList()) {
      if (filter.getName().equals(ALPN_FILTER)) {
        filter.setName(CLUSTER_METADATA).setTypedConfig(Protos.any(alpn()));
      }
    }
    return Protos.any(manager.build());
  }

  private static Config alpn() {
    return Config.newBuilder()
        .addOnRequestHeaders(
            FilterStateValue.newBuilder()
                .setObjectKey(ALPN_STATE)
                .setFactoryKey(ALPN_STATE)
                .setSharedWithUpstream(FilterStateValue.SharedWithUpstream.ONCE)
                .setSkipIfEmpty(true)
                .setFormatString(
                    SubstitutionFormatString.newBuilder()
                        .setOmitEmptyValues(true) // clusters without the metadata: no override
                        .setTextFormatSource(DataSource.newBuilder().setInlineString(CHOICE))))
        .build();
  }

  static Cluster cluster(Cluster cluster) {
    Cluster.Builder adapted = cluster.toBuilder();
    List<TransportSocket> sockets = new ArrayList<>();
    if (adapted.hasTransportSocket()) {
      adapted.setTransportSocket(upstream(adapted.getTransportSocket()));
      sockets.add(cluster.getTransportSocket());
    }
    for (Cluster.TransportSocketMatch.Builder match :
        adapted.getTransportSocketMatchesBuilderList()) {
      sockets.add(match.getTransportSocket());
      match.setTransportSocket(upstream(match.getTransportSocket()));
    }
    if (sockets.stream().anyMatch(PlainEnvoy::mesh)) {
      adapted
          .getMetadataBuilder()
          .putFilterMetadata(
              CLUSTER_METADATA,
              Struct.newBuilder()
                  .putFields("http", Value.newBuilder().setStringValue(protocol(cluster)).build())
                  .build());
    }
    return adapted.build();
  }

  private static boolean mesh(TransportSocket socket) {
    return tls(socket)
        && read(socket.getTypedConfig(), UpstreamTlsContext.parser())
            .getCommonTlsContext()
            .getAlpnProtocolsList()
            .contains("istio");
  }

  private static String protocol(Cluster cluster) {
    Any packed = cluster.getTypedExtensionProtocolOptionsMap().get(ConnectionPools.HTTP_OPTIONS);
    if (packed == null) {
      return "h1";
    }
    HttpProtocolOptions options = read(packed, HttpProtocolOptions.parser());
    if (options.hasUseDownstreamProtocolConfig()) {
      return "downstream";
    }
    return options.getExplicitHttpConfig().hasHttp2ProtocolOptions() ? "h2" : "h1";
  }

  private static TransportSocket upstream(TransportSocket socket) {
    if (!tls(socket)) {
      return socket;
    }
    UpstreamTlsContext tls = read(socket.getTypedConfig(), UpstreamTlsContext.parser());
    return socket(
        socket, tls.toBuilder().setCommonTlsContext(common(tls.getCommonTlsContext())).build());
  }

  private static boolean tls(TransportSocket socket) {
    return socket.getName().equals("envoy.transport_sockets.tls");
  }

  private static TransportSocket socket(
      TransportSocket socket, com.google.protobuf.Message context) {
    return socket.toBuilder().setTypedConfig(Protos.any(context)).build();
  }

  private static CommonTlsContext common(CommonTlsContext tls) {
    CommonTlsContext.Builder adapted =
        tls.toBuilder()
            .clearAlpnProtocols()
            .addAllAlpnProtocols(
                tls.getAlpnProtocolsList().stream()
                    .filter(name -> !name.equals(PEER_EXCHANGE))
                    .toList());
    adapted.getTlsCertificateSdsSecretConfigsBuilderList().forEach(PlainEnvoy::overAds);
    if (adapted.hasCombinedValidationContext()) {
      overAds(
          adapted
              .getCombinedValidationContextBuilder()
              .getValidationContextSdsSecretConfigBuilder());
    }
    return adapted.build();
  }

  private static void overAds(SdsSecretConfig.Builder secret) {
    secret.setSdsConfig(Protos.ads());
  }

  private static <T> T read(Any packed, com.google.protobuf.Parser<T> parser) {
    try {
      return parser.parseFrom(packed.getValue());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("own message cannot be read: " + packed.getTypeUrl(), e);
    }
  }
}
