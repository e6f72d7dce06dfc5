package io.inmesh.conformance.sidecars;

import io.inmesh.controlplane.identity.CertificateAuthority;
import io.inmesh.controlplane.identity.SpiffeId;
import io.inmesh.envoy.RealEnvoy;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** An Envoy whose certificate is not good, as client or as server. No control plane knows it. */
enum BadPeer {
  EXPIRED,
  /** Signed by the mesh's own root. */
  WRONG_TRUST_DOMAIN,
  /** Says that it is somebody of this mesh, and a stranger signed it. */
  FOREIGN_ROOT;

  private static final long DAY = Duration.ofDays(1).toSeconds();
  private static final String TLS =
      "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.";

  /** Writes {@code chain.pem} and {@code key.pem}. */
  private void certificate(Path state, String account, Path directory) throws Exception {
    Files.createDirectories(directory);
    Path authority = this == FOREIGN_ROOT ? directory.resolve("foreign") : state;
    Files.createDirectories(authority);
    Clock clock =
        this == EXPIRED
            ? Clock.fixed(Instant.now().minus(Duration.ofDays(2)), ZoneOffset.UTC)
            : Clock.systemUTC();
    String domain = this == WRONG_TRUST_DOMAIN ? "elsewhere.example" : "cluster.local";
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair pair = generator.generateKeyPair();
    String request =
        pem(
            new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=x"), pair.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
    List<String> chain =
        CertificateAuthority.open(authority, domain, clock)
            .sign(request, DAY, new SpiffeId(domain, Shop.NAMESPACE, account));
    Files.writeString(directory.resolve("chain.pem"), String.join("", chain));
    Files.writeString(
        directory.resolve("key.pem"),
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(pair.getPrivate().getEncoded())
            + "\n-----END PRIVATE KEY-----\n");
  }

  private static String pem(Object object) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    }
    return text.toString();
  }

  /** A listener {@code client} that sends what comes to {@code port}, under mesh TLS. */
  RealEnvoy client(Shop shop, int port, Path directory) throws Exception {
    certificate(shop.state(), "envoy-client", directory);
    return RealEnvoy.start(
        """
        {"static_resources": {
          "listeners": [{"name": "client",
            "address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}},
            "filter_chains": [{"filters": [%1$s]}]}],
          "clusters": [{"name": "server", "type": "STATIC", "connect_timeout": "5s",
            "transport_socket": {"name": "envoy.transport_sockets.tls", "typed_config": {
              "@type": "%2$sUpstreamTlsContext", "sni": "outbound_.80_._.server",
              "common_tls_context": {"alpn_protocols": ["istio-http/1.1", "istio", "http/1.1"],
                "tls_certificates": [%3$s],
                "validation_context": {"trusted_ca": {"filename": "%4$s"}}}}},
            "load_assignment": {"cluster_name": "server", "endpoints": [{"lb_endpoints": [{
              "endpoint": {"address": {"socket_address": {
                "address": "127.0.0.1", "port_value": %5$d}}}}]}]}}]}}
        """
            .formatted(
                manager("{\"cluster\": \"server\"}", null),
                TLS,
                files(directory),
                shop.plane.rootCertificate().toAbsolutePath(),
                port),
        directory);
  }

  /** A listener {@code server} that answers everything itself, to callers with any certificate. */
  RealEnvoy server(Shop shop, Path directory) throws Exception {
    certificate(shop.state(), "bad-server", directory);
    return RealEnvoy.start(
        """
        {"static_resources": {
          "listeners": [{"name": "server",
            "address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}},
            "filter_chains": [{"filters": [%1$s],
              "transport_socket": {"name": "envoy.transport_sockets.tls", "typed_config": {
                "@type": "%2$sDownstreamTlsContext",
                "common_tls_context": {"alpn_protocols": ["h2", "http/1.1"],
                  "tls_certificates": [%3$s]}}}}]}]}}
        """
            .formatted(manager(null, "reached"), TLS, files(directory)),
        directory);
  }

  private static String files(Path directory) {
    return """
        {"certificate_chain": {"filename": "%s"}, "private_key": {"filename": "%s"}}
        """
        .formatted(
            directory.resolve("chain.pem").toAbsolutePath(),
            directory.resolve("key.pem").toAbsolutePath());
  }

  private static String manager(String route, String body) {
    String action =
        route != null
            ? "\"route\": " + route
            : "\"direct_response\": {\"status\": 200, \"body\": {\"inline_string\": \""
                + body
                + "\"}}";
    return """
        {"name": "hcm", "typed_config": {
          "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
          "stat_prefix": "peer",
          "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [
            {"match": {"prefix": "/"}, %s}]}]},
          "http_filters": [{"name": "router", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}]}}
        """
        .formatted(action);
  }
}
