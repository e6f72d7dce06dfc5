package io.inmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.grpc.CallCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.inmesh.controlplane.identity.CertificateClient;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Who may ask for what: no token, no certificate; no identity, no configuration. Real gRPC over
 * TLS.
 */
class AccessTest {
  @TempDir Path directory;
  private ControlPlane plane;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws Exception {
    Files.createDirectory(directory.resolve("config"));
    Files.writeString(
        directory.resolve("config/accounts.yaml"),
        """
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: storefront, namespace: shop}
        ---
        apiVersion: networking.istio.io/v1
        kind: WorkloadEntry
        metadata: {name: ledger-a, namespace: pay}
        spec: {address: 127.0.0.1, serviceAccount: ledger}
        """);
    plane =
        ControlPlane.builder()
            .configDirectory(directory.resolve("config"))
            .stateDirectory(directory.resolve("state"))
            .listen("127.0.0.1", 0)
            .start();
    channel = MeshClient.channel(plane.port(), plane.rootCertificate());
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    plane.close();
  }

  private Path token(String namespace, String account) {
    return directory.resolve("state/tokens/" + namespace + "/" + account);
  }

  private static X509Certificate certificate(String pem) throws Exception {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
  }

  @Test
  void everyAccountOfTheConfigurationHasAnOwnerOnlyToken() throws Exception {
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(token("shop", "storefront"))))
        .isEqualTo("rw-------");
    assertThat(token("pay", "ledger")).exists();
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(directory.resolve("state/root-key.pem"))))
        .isEqualTo("rw-------");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(directory.resolve("state"))))
        .isEqualTo("rwx------");
  }

  @Test
  void aTokenBuysACertificateLikeIstiods() throws Exception {
    KeyPair key = CertificateClient.key();
    List<String> chain =
        CertificateClient.sign(channel, MeshClient.token(token("shop", "storefront")), key, 0);
    assertThat(chain).hasSize(2);
    X509Certificate leaf = certificate(chain.get(0));
    leaf.verify(certificate(chain.get(1)).getPublicKey());
    assertThat(chain.get(1)).isEqualTo(Files.readString(plane.rootCertificate()));
    assertThat(leaf.getPublicKey()).isEqualTo(key.getPublic());
    assertThat(leaf.getSubjectAlternativeNames())
        .containsExactly(List.of(6, "spiffe://cluster.local/ns/shop/sa/storefront"));
    assertThat(leaf.getCriticalExtensionOIDs()).contains("2.5.29.17");
    assertThat(leaf.getExtendedKeyUsage())
        .containsExactlyInAnyOrder("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");
    assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
    assertThat(leaf.getSubjectX500Principal().getName()).isEmpty();
    assertThat(Duration.between(leaf.getNotBefore().toInstant(), Instant.now()))
        .isBetween(Duration.ofSeconds(119), Duration.ofSeconds(150));
    assertThat(Duration.between(leaf.getNotBefore().toInstant(), leaf.getNotAfter().toInstant()))
        .isEqualTo(Duration.ofHours(24).plusMinutes(2));
  }

  @Test
  void theCertificateItselfBuysTheNextOneAndTheStream() throws Exception {
    KeyPair key = CertificateClient.key();
    List<String> chain =
        CertificateClient.sign(channel, MeshClient.token(token("shop", "storefront")), key, 0);
    ManagedChannel mutual =
        NettyChannelBuilder.forAddress("127.0.0.1", plane.port())
            .overrideAuthority("localhost")
            .sslContext(
                GrpcSslContexts.configure(
                        SslContextBuilder.forClient()
                            .trustManager(plane.rootCertificate().toFile())
                            .keyManager(key.getPrivate(), certificate(chain.get(0))))
                    .build())
            .build();
    List<String> next = CertificateClient.sign(mutual, null, CertificateClient.key(), 3600);
    assertThat(certificate(next.get(0)).getSubjectAlternativeNames())
        .containsExactly(List.of(6, "spiffe://cluster.local/ns/shop/sa/storefront"));
    try (MeshClient client =
        new MeshClient(
            mutual,
            null,
            MeshClient.node("storefront", "shop", "storefront", "storefront", "v1", "[]"))) {
      await().until(() -> client.all(MeshClient.LDS).containsKey("virtualInbound"));
    }
  }

  @Test
  void noTokenNoCertificateAndNoConfiguration() throws Exception {
    assertThat(failure(null, 0)).isEqualTo(Status.Code.UNAUTHENTICATED);
    try (MeshClient client =
        new MeshClient(
            channel,
            null,
            MeshClient.node("storefront", "shop", "storefront", "storefront", "v1", "[]"))) {
      await().until(() -> client.ended.get() != null);
      assertThat(client.ended.get().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
      assertThat(client.ended.get().getDescription())
          .startsWith("request authenticate failure: no client certificate and no bearer token");
    }
  }

  @Test
  void aTokenOfAnotherControlPlaneIsWorthNothing() throws Exception {
    Files.createDirectory(directory.resolve("other"));
    try (ControlPlane other =
        ControlPlane.builder()
            .configDirectory(directory.resolve("other"))
            .stateDirectory(directory.resolve("other-state"))
            .listen("127.0.0.1", 0)
            .start()) {
      assertThat(failure(MeshClient.token(other.tokenFile("shop", "storefront")), 0))
          .isEqualTo(Status.Code.UNAUTHENTICATED);
    }
  }

  @Test
  void aForgedTokenIsWorthNothing() throws Exception {
    String good = Files.readString(token("shop", "storefront"));
    String[] parts = good.split("\\.");
    String none =
        java.util.Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8));
    Path forged = Files.writeString(directory.resolve("forged"), none + "." + parts[1] + ".");
    assertThat(failure(MeshClient.token(forged), 0)).isEqualTo(Status.Code.UNAUTHENTICATED);
    Files.writeString(forged, parts[0] + "." + parts[1] + "." + parts[2].substring(4) + "AAAA");
    assertThat(failure(MeshClient.token(forged), 0)).isEqualTo(Status.Code.UNAUTHENTICATED);
  }

  @Test
  void moreThanNinetyDaysAndABadRequestAreRefused() throws Exception {
    assertThat(failure(MeshClient.token(token("shop", "storefront")), 91 * 86_400L))
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
    StatusRuntimeException garbage =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                CertificateClient.sign(
                    channel,
                    MeshClient.token(token("shop", "storefront")),
                    "-----BEGIN nonsense",
                    0));
    assertThat(garbage.getStatus().getDescription())
        .isEqualTo("CSR signing error (certificate signing request is not properly encoded)");
  }

  private Status.Code failure(CallCredentials credentials, long seconds) {
    return catchThrowableOfType(
            StatusRuntimeException.class,
            () -> CertificateClient.sign(channel, credentials, CertificateClient.key(), seconds))
        .getStatus()
        .getCode();
  }

  private Status refusal(Node node, String namespace, String account) throws Exception {
    try (MeshClient client =
        new MeshClient(
            MeshClient.channel(plane.port(), plane.rootCertificate()),
            MeshClient.token(plane.tokenFile(namespace, account)),
            node)) {
      await().until(() -> client.ended.get() != null);
      return client.ended.get();
    }
  }

  @Test
  void aNodeThatIsNotWhoItSaysIsRefused() throws Exception {
    Status namespace =
        refusal(MeshClient.node("x", "shop", "storefront", "a", "v1", "[]"), "pay", "storefront");
    assertThat(namespace.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(namespace.getDescription())
        .isEqualTo(
            "authorization failed: no identities ([spiffe://cluster.local/ns/pay/sa/storefront]) matched shop/storefront");
    Status account =
        refusal(MeshClient.node("x", "shop", "reviews", "a", "v1", "[]"), "shop", "storefront");
    assertThat(account.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
  }

  @Test
  void aNodeThatCannotBeUnderstoodIsToldWhy() throws Exception {
    Node good = MeshClient.node("x", "shop", "storefront", "a", "v1", "[]");
    assertThat(refusal(good.toBuilder().setId("").build(), "shop", "storefront").getDescription())
        .isEqualTo("missing node information");
    assertThat(
            refusal(good.toBuilder().setId("a~b").build(), "shop", "storefront").getDescription())
        .startsWith("missing parts in the service node \"a~b\"");
    assertThat(
            refusal(
                    good.toBuilder().setId("router~1.2.3.4~x.shop~shop").build(),
                    "shop",
                    "storefront")
                .getDescription())
        .startsWith("invalid node type \"router\"");
    Status ports =
        refusal(
            MeshClient.node("x", "shop", "storefront", "a", "v1", "18081"), "shop", "storefront");
    assertThat(ports.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(ports.getDescription()).isEqualTo("POD_PORTS is not a JSON list: 18081");
  }

  @Test
  void aKeyThatOthersCanReadStopsTheStart() throws Exception {
    plane.close();
    Files.setPosixFilePermissions(
        directory.resolve("state/root-key.pem"), PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(
            catchThrowableOfType(
                java.io.IOException.class,
                () ->
                    ControlPlane.builder()
                        .configDirectory(directory.resolve("config"))
                        .stateDirectory(directory.resolve("state"))
                        .listen("127.0.0.1", 0)
                        .start()))
        .hasMessageContaining("root-key.pem may be used by others than its owner");
  }
}
