package io.inmesh.config;

import io.inmesh.config.InboundChain.DownstreamTls;
import io.inmesh.proto.envoy.config.cluster.v3.Cluster;
import io.inmesh.proto.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.inmesh.proto.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code envoy.config.core.v3.TransportSocket} by the type of its configuration. */
final class TransportSocketCompiler {
  private static final String RAW = "envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer";
  private static final String TLS = "envoy.extensions.transport_sockets.tls.v3.";

  private TransportSocketCompiler() {}

  static TransportSockets compile(Cluster proto) {
    List<TransportSockets.Match> matches =
        ConfigException.each(
            "transport_socket_matches",
            proto.getTransportSocketMatchesList(),
            match ->
                new TransportSockets.Match(
                    match.getName(),
                    EndpointCompiler.labels(match.getMatch()),
                    ConfigException.field(
                        "transport_socket",
                        match.getTransportSocket(),
                        socket -> upstream(socket, proto.getName()))));
    TransportSocket otherwise =
        proto.hasTransportSocket()
            ? ConfigException.field(
                "transport_socket",
                proto.getTransportSocket(),
                socket -> upstream(socket, proto.getName()))
            : TransportSocket.Plaintext.INSTANCE;
    return new TransportSockets(matches, otherwise);
  }

  private static TransportSocket upstream(
      io.inmesh.proto.envoy.config.core.v3.TransportSocket proto, String cluster) {
    try {
      TypedConfig config =
          ConfigException.field("typed_config", proto.getTypedConfig(), TypedConfig::of);
      if (config.type().equals(RAW)
          || proto.getName().equals("envoy.transport_sockets.raw_buffer")) {
        return TransportSocket.Plaintext.INSTANCE;
      }
      if (!config.type().equals(TLS + "UpstreamTlsContext") || config.struct() != null) {
        throw ConfigException.notYet(
            "typed_config", proto.getName() + " (" + config.type() + ") is not spoken");
      }
      return ConfigException.field(
          "typed_config",
          config,
          typed -> TlsContexts.upstream(typed.as(UpstreamTlsContext.parser())));
    } catch (ConfigException e) {
      if (e.isNotYet()) {
        return new TransportSocket.Unsupported(e.toNotYet(cluster, true));
      }
      throw e;
    }
  }

  /** Null: plaintext. */
  static @Nullable DownstreamTls downstream(
      io.inmesh.proto.envoy.config.core.v3.TransportSocket proto) {
    TypedConfig config =
        ConfigException.field("typed_config", proto.getTypedConfig(), TypedConfig::of);
    if (config.type().equals(RAW) || proto.getName().equals("envoy.transport_sockets.raw_buffer")) {
      return null;
    }
    if (!config.type().equals(TLS + "DownstreamTlsContext") || config.struct() != null) {
      throw ConfigException.notYet(
          "typed_config", proto.getName() + " (" + config.type() + ") is not spoken");
    }
    return ConfigException.field(
        "typed_config",
        config,
        typed -> TlsContexts.downstream(typed.as(DownstreamTlsContext.parser())));
  }
}
