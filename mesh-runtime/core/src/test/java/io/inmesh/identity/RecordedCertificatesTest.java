package io.inmesh.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a real istiod answered to signing requests (recordings/istio/csr). */
class RecordedCertificatesTest {
  private static final Instant THEN = Instant.parse("2026-11-22T12:25:52Z");
  private static final String NAME = "spiffe://cluster.local/ns/shop/sa/storefront";

  @ParameterizedTest
  @CsvSource({
    "ok-ec-p256, ec-p256",
    "ok-ec-p384, ec-p384",
    "ok-rsa-2048, rsa-2048",
    "ed25519, ed25519",
    "rsa-1024, rsa-1024",
    "wrong-cluster, ec-p256",
    "ttl-one-second, ec-p256",
    "ttl-90-days, ec-p256",
  })
  void aSignedAnswerBecomesAnIdentity(String recorded, String key) throws Exception {
    IdentityMaterial material =
        CertificateAnswer.read(chain(recorded), key(key), "cluster.local", THEN);
    WorkloadIdentity identity = material.inUse(1, 1);

    assertThat(identity.spiffeId()).hasToString(NAME);
    assertThat(identity.chain()).as("leaf and intermediate; the root is not shown").hasSize(2);
    assertThat(identity.roots()).as("the root came twice").hasSize(1);
    assertThat(identity.valid(THEN)).isTrue();
    assertThat(identity.valid(Instant.parse("2027-11-22T00:00:00Z"))).isFalse();
  }

  @Test
  void theNameIsTheCallersNotTheRequests() throws Exception {
    IdentityMaterial material =
        CertificateAnswer.read(chain("other-account"), key("ec-p256"), null, THEN);
    assertThat(material.spiffeId().uri())
        .startsWith("spiffe://cluster.local/ns/")
        .isNotEqualTo(NAME);
  }

  @Test
  void anAnswerForAnotherKeyOrOutOfTimeIsRefused() throws Exception {
    PrivateKey other = key("ec-p384");
    assertThatThrownBy(() -> CertificateAnswer.read(chain("ok-ec-p256"), other, null, THEN))
        .isInstanceOf(IdentityRefusedException.class)
        .hasMessageContaining("does not belong to the private key");
    PrivateKey own = key("ec-p256");
    assertThatThrownBy(
            () -> CertificateAnswer.read(chain("ttl-one-second"), own, null, THEN.plusSeconds(9)))
        .hasMessageContaining("expired at 2026-11-22T12:25:53Z");
    assertThatThrownBy(
            () -> CertificateAnswer.read(chain("ok-ec-p256"), own, null, THEN.minusSeconds(9999)))
        .hasMessageContaining("is not valid before")
        .hasMessageContaining("clock");
    assertThatThrownBy(() -> CertificateAnswer.read(chain("ok-ec-p256"), own, "td", THEN))
        .hasMessageContaining("trust domain cluster.local")
        .hasMessageContaining("wanted is td");
  }

  @Test
  void istiodsOwnRootVerifiesIt() throws Exception {
    ChainVerifier verifier =
        new ChainVerifier(Pem.certificates(text("ca/root-cert.pem"), "root-cert.pem"), () -> THEN);
    verifier.verify(
        Pem.certificates(String.join("", chain("ok-ec-p256")), "recorded"),
        ChainVerifier.Purpose.CLIENT);
  }

  private static List<String> chain(String recorded) throws IOException {
    Struct.Builder json = Struct.newBuilder();
    JsonFormat.parser().merge(text(recorded + ".json"), json);
    return json
        .getFieldsOrThrow("response")
        .getStructValue()
        .getFieldsOrThrow("certChain")
        .getListValue()
        .getValuesList()
        .stream()
        .map(Value::getStringValue)
        .toList();
  }

  private static PrivateKey key(String name) throws Exception {
    return Pem.privateKey(text("keys/" + name + ".key.pem"), name);
  }

  private static String text(String file) throws IOException {
    String resource = "/recordings/istio/csr/" + file;
    try (InputStream in = RecordedCertificatesTest.class.getResourceAsStream(resource)) {
      return new String(
          Objects.requireNonNull(in, resource).readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
