package io.inmesh.controlplane.xds;

import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.inmesh.controlplane.config.TrafficPolicy;
import java.util.List;

/**
 * TLS contexts of the mesh: certificates by SDS from the workload's own agent, names {@code
 * default} and {@code ROOTCA}.
 */
final class TlsContexts {
  private static final List<String> SERVER_CIPHERS =
      List.of(
          "ECDHE-ECDSA-AES256-GCM-SHA384",
          "ECDHE-RSA-AES256-GCM-SHA384",
          "ECDHE-ECDSA-AES128-GCM-SHA256",
          "ECDHE-RSA-AES128-GCM-SHA256",
          "AES256-GCM-SHA384",
          "AES128-GCM-SHA256");

  private TlsContexts() {}

  static TransportSocket rawBuffer() {
    return TransportSocket.newBuilder()
        .setName("envoy.transport_sockets.raw_buffer")
        .setTypedConfig(Protos.any(RawBuffer.getDefaultInstance()))
        .build();
  }

  static TransportSocket upstream(String sni, boolean http2, List<String> identities) {
    CertificateValidationContext.Builder validation = CertificateValidationContext.newBuilder();
    for (String identity : identities) {
      addName(validation, StringMatcher.newBuilder().setExact(identity).build());
    }
    CommonTlsContext.Builder common =
        common(validation)
            .setTlsParams(versions())
            .addAlpnProtocols("istio-peer-exchange")
            .addAlpnProtocols("istio");
    if (http2) {
      common.addAlpnProtocols("h2");
    }
    return TransportSocket.newBuilder()
        .setName("envoy.transport_sockets.tls")
        .setTypedConfig(
            Protos.any(
                UpstreamTlsContext.newBuilder().setCommonTlsContext(common).setSni(sni).build()))
        .build();
  }

  /** TLS to something that is not of the mesh; the files are the workload's. */
  static TransportSocket originated(TrafficPolicy.Tls tls, boolean http2) {
    CertificateValidationContext.Builder validation = CertificateValidationContext.newBuilder();
    for (String name : tls.subjectAltNames()) {
      addName(validation, StringMatcher.newBuilder().setExact(name).build());
    }
    String roots = tls.caCertificates().isEmpty() ? "system" : tls.caCertificates();
    CommonTlsContext.Builder common =
        CommonTlsContext.newBuilder()
            .setTlsParams(versions())
            .setCombinedValidationContext(
                CommonTlsContext.CombinedCertificateValidationContext.newBuilder()
                    .setDefaultValidationContext(validation)
                    .setValidationContextSdsSecretConfig(file("file-root:" + roots)));
    if (!tls.clientCertificate().isEmpty()) {
      common.addTlsCertificateSdsSecretConfigs(
          file("file-cert:" + tls.clientCertificate() + "~" + tls.privateKey()));
    }
    if (http2) {
      common.addAlpnProtocols("h2");
    }
    return TransportSocket.newBuilder()
        .setName("envoy.transport_sockets.tls")
        .setTypedConfig(
            Protos.any(
                UpstreamTlsContext.newBuilder()
                    .setCommonTlsContext(common)
                    .setSni(tls.sni())
                    .build()))
        .build();
  }

  private static SdsSecretConfig file(String name) {
    SdsSecretConfig.Builder secret = sds(name);
    secret.getSdsConfigBuilder().clearInitialFetchTimeout();
    return secret.build();
  }

  static TransportSocket downstream(String trustDomain, boolean http) {
    CertificateValidationContext.Builder validation = CertificateValidationContext.newBuilder();
    addName(
        validation, StringMatcher.newBuilder().setPrefix("spiffe://" + trustDomain + "/").build());
    CommonTlsContext.Builder common =
        common(validation).setTlsParams(versions().addAllCipherSuites(SERVER_CIPHERS));
    if (!http) {
      common.addAlpnProtocols("istio-peer-exchange");
    }
    common.addAlpnProtocols("h2").addAlpnProtocols("http/1.1");
    return TransportSocket.newBuilder()
        .setName("envoy.transport_sockets.tls")
        .setTypedConfig(
            Protos.any(
                DownstreamTlsContext.newBuilder()
                    .setCommonTlsContext(common)
                    .setRequireClientCertificate(com.google.protobuf.BoolValue.of(true))
                    .build()))
        .build();
  }

  @SuppressWarnings("deprecation") // istiod 1.26 sends names in this field and in no other
  private static void addName(CertificateValidationContext.Builder validation, StringMatcher name) {
    validation.addMatchSubjectAltNames(name);
  }

  private static TlsParameters.Builder versions() {
    return TlsParameters.newBuilder()
        .setTlsMinimumProtocolVersion(TlsParameters.TlsProtocol.TLSv1_2)
        .setTlsMaximumProtocolVersion(TlsParameters.TlsProtocol.TLSv1_3);
  }

  private static CommonTlsContext.Builder common(CertificateValidationContext.Builder validation) {
    return CommonTlsContext.newBuilder()
        .addTlsCertificateSdsSecretConfigs(sds("default"))
        .setCombinedValidationContext(
            CommonTlsContext.CombinedCertificateValidationContext.newBuilder()
                .setDefaultValidationContext(validation)
                .setValidationContextSdsSecretConfig(sds("ROOTCA")));
  }

  private static SdsSecretConfig.Builder sds(String name) {
    return SdsSecretConfig.newBuilder()
        .setName(name)
        .setSdsConfig(
            ConfigSource.newBuilder()
                .setApiConfigSource(
                    ApiConfigSource.newBuilder()
                        .setApiType(ApiConfigSource.ApiType.GRPC)
                        .addGrpcServices(
                            GrpcService.newBuilder()
                                .setEnvoyGrpc(
                                    GrpcService.EnvoyGrpc.newBuilder().setClusterName("sds-grpc")))
                        .setSetNodeOnFirstMessageOnly(true)
                        .setTransportApiVersion(ApiVersion.V3))
                .setInitialFetchTimeout(Protos.ZERO)
                .setResourceApiVersion(ApiVersion.V3));
  }
}
