package io.inmesh.controlplane.xds;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.inmesh.controlplane.identity.IssuedIdentities;
import io.inmesh.controlplane.identity.SpiffeId;
import java.util.LinkedHashMap;
import java.util.Map;

/** SDS by the names of Istio's agent: {@code default} and {@code ROOTCA}. */
final class Secrets {
  private Secrets() {}

  static Map<String, Any> of(IssuedIdentities identities, SpiffeId workload) {
    IssuedIdentities.Issued issued = identities.of(workload);
    Map<String, Any> secrets = new LinkedHashMap<>();
    secrets.put(
        "default",
        Protos.any(
            Secret.newBuilder()
                .setName("default")
                .setTlsCertificate(
                    TlsCertificate.newBuilder()
                        .setCertificateChain(inline(issued.chain()))
                        .setPrivateKey(inline(issued.key())))
                .build()));
    secrets.put(
        "ROOTCA",
        Protos.any(
            Secret.newBuilder()
                .setName("ROOTCA")
                .setValidationContext(
                    CertificateValidationContext.newBuilder()
                        .setTrustedCa(inline(identities.roots())))
                .build()));
    return secrets;
  }

  private static DataSource inline(String pem) {
    return DataSource.newBuilder().setInlineBytes(ByteString.copyFromUtf8(pem)).build();
  }
}
