package io.inmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SDS: an Envoy on this machine gets key and certificate of the account that it has proven. */
class EnvoySecretsTest {
  private static final String SDS =
      "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";

  @TempDir Path directory;
  private ControlPlane plane;

  @BeforeEach
  void start() throws Exception {
    plane =
        ControlPlane.builder()
            .configDirectory(Files.createDirectories(directory.resolve("config")))
            .stateDirectory(directory.resolve("state"))
            .listen("127.0.0.1", 0)
            .envoyCertificateLifetime(Duration.ofSeconds(4))
            .start();
  }

  @AfterEach
  void stop() {
    plane.close();
  }

  private static Node node(boolean envoy) {
    Node node = MeshClient.node("reviews", "shop", "reviews", "reviews", "v1", "[]");
    if (!envoy) {
      return node;
    }
    Node.Builder with = node.toBuilder();
    with.getMetadataBuilder()
        .putFields("INMESH_PROXY", Value.newBuilder().setStringValue("envoy").build());
    return with.build();
  }

  private MeshClient connect(boolean envoy) throws Exception {
    MeshClient client = MeshClient.connect(plane, node(envoy), "reviews");
    client.subscribe(SDS, "default", "ROOTCA", "another");
    return client;
  }

  private static Secret secret(MeshClient client, String name) {
    try {
      Any any = client.all(SDS).get(name);
      return any == null ? null : Secret.parseFrom(any.getValue());
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  private static X509Certificate leaf(Secret secret) throws Exception {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(
                new ByteArrayInputStream(
                    secret
                        .getTlsCertificate()
                        .getCertificateChain()
                        .getInlineBytes()
                        .toByteArray()));
  }

  @Test
  void anEnvoyGetsACertificateForItsAccountAndTheKeyToIt() throws Exception {
    try (MeshClient client = connect(true)) {
      await().until(() -> client.all(SDS).size() == 2);
      Secret own = secret(client, "default");
      X509Certificate leaf = leaf(own);
      assertThat(leaf.getSubjectAlternativeNames())
          .extracting(Object::toString)
          .containsExactly(List.of(6, "spiffe://cluster.local/ns/shop/sa/reviews").toString());
      String pem = own.getTlsCertificate().getPrivateKey().getInlineBytes().toStringUtf8();
      PrivateKey key =
          KeyFactory.getInstance("EC")
              .generatePrivate(
                  new PKCS8EncodedKeySpec(
                      Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""))));
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(key);
      byte[] signed = signature.sign();
      signature.initVerify(leaf);
      assertThat(signature.verify(signed)).as("key and certificate belong together").isTrue();
      assertThat(
              secret(client, "ROOTCA")
                  .getValidationContext()
                  .getTrustedCa()
                  .getInlineBytes()
                  .toString(StandardCharsets.US_ASCII))
          .isEqualTo(Files.readString(plane.rootCertificate()));
      try (var files = Files.walk(directory.resolve("state"))) {
        assertThat(files.filter(Files::isRegularFile))
            .as("nothing of it is written down")
            .noneMatch(file -> contains(file, pem.split("\n")[1]));
      }
    }
  }

  private static boolean contains(Path file, String text) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1).contains(text);
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void itIsRenewedAtHalfOfItsLife() throws Exception {
    try (MeshClient client = connect(true)) {
      await().until(() -> secret(client, "default") != null);
      X509Certificate first = leaf(secret(client, "default"));
      await()
          .atMost(Duration.ofSeconds(8))
          .until(() -> !leaf(secret(client, "default")).equals(first));
      assertThat(first.getNotAfter()).as("before the first one ends").isAfter(new java.util.Date());
      assertThat(
              client.responses.stream()
                  .filter(response -> response.getTypeUrl().equals(MeshClient.LDS)))
          .as("nothing else was sent for it")
          .hasSize(1);
    }
  }

  /** As istiod: what there is not is removed. Everybody but an Envoy makes his own key. */
  @Test
  void anybodyElseGetsNoKey() throws Exception {
    try (MeshClient client = connect(false)) {
      await()
          .untilAsserted(
              () ->
                  assertThat(client.responses)
                      .anySatisfy(
                          response ->
                              assertThat(response.getRemovedResourcesList())
                                  .contains("default", "ROOTCA", "another")));
      assertThat(client.all(SDS)).isEmpty();
    }
  }

  @Test
  void anEnvoyIsAskedForNothingThatOnlyIstiosEnvoyHas() throws Exception {
    try (MeshClient envoy = connect(true);
        MeshClient sidecar = connect(false)) {
      await().until(() -> !envoy.all(MeshClient.LDS).isEmpty());
      await().until(() -> !sidecar.all(MeshClient.LDS).isEmpty());
      assertThat(text(envoy.all(MeshClient.LDS))).doesNotContain("istio.alpn", "sds-grpc");
      assertThat(text(sidecar.all(MeshClient.LDS))).contains("sds-grpc");
    }
  }

  private static String text(Map<String, Any> listeners) throws Exception {
    StringBuilder text = new StringBuilder();
    for (Any any : listeners.values()) {
      text.append(Listener.parseFrom(any.getValue()));
    }
    return text.toString();
  }
}
