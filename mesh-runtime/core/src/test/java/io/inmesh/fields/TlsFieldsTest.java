package io.inmesh.fields;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.call.Wire;
import io.inmesh.config.InboundChain;
import io.inmesh.config.InboundTable.ConnectionFacts;
import io.inmesh.config.SecretRef;
import io.inmesh.config.TransportSocket;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * TLS contexts, up to what an attempt's wire and a connection's filter chain ask for; MeshTlsTest
 * shows over sockets what becomes of those.
 */
class TlsFieldsTest {
  private static final String MESH =
      "'tls_certificate_sds_secret_configs': [{'name': 'default', 'sds_config': {'ads': {}}}],"
          + " 'combined_validation_context': {'default_validation_context': {%s},"
          + " 'validation_context_sds_secret_config': {'name': 'ROOTCA', 'sds_config': {'ads':"
          + " {}}}}";

  private final Configured mesh = new Configured();

  private Driven with(String context) {
    mesh.cluster("reviews", "'transport_socket': " + Configured.tls("Upstream", context))
        .hosts("10.0.0.1");
    return mesh.get("/");
  }

  private Wire wire(String context) {
    return with(context).start().wire();
  }

  private TransportSocket.Tls tls(String context) {
    return Objects.requireNonNull(wire(context).tls());
  }

  @Test
  void theServerNameIsTheConfiguredOne() {
    assertThat(tls("'sni': 'a.example'").sni()).isEqualTo("a.example");
    assertThat(tls("").sni()).isEmpty();
  }

  @Test
  void theRequestNamesTheServerWhereTheClusterSaysSo() {
    String options =
        "'typed_extension_protocol_options':"
            + " {'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {'@type':"
            + " 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',"
            + " 'explicit_http_config': {'http_protocol_options': {}},"
            + " 'upstream_http_protocol_options': {'auto_sni': %s, 'auto_san_validation': %s}}},"
            + "'transport_socket': "
            + Configured.tls("Upstream", "'sni': 'configured.example'");
    String asked =
        mesh.cluster("reviews", options.formatted("true", "false"))
            .hosts("10.0.0.1")
            .get("/")
            .start()
            .head()
            .authority()
            .replaceAll(":.*", "");
    assertThat(tlsOf(options.formatted("true", "false")).sni()).isEqualTo(asked);
    assertThat(tlsOf(options.formatted("true", "false")).sans()).isEmpty();
    TransportSocket.Tls validated = tlsOf(options.formatted("false", "true"));
    assertThat(validated.sni()).isEqualTo("configured.example");
    assertThat(validated.sans()).hasToString("[DNS:" + asked + "]");
    assertThat(validated.sans().get(0).matcher().matches(asked)).isTrue();
    assertThat(validated.sans().get(0).matcher().matches("other.example")).isFalse();
  }

  private TransportSocket.Tls tlsOf(String cluster) {
    return Objects.requireNonNull(
        mesh.cluster("reviews", cluster).hosts("10.0.0.1").get("/").start().wire().tls());
  }

  @Test
  void protocolNamesAreOfferedAsConfigured() {
    assertThat(wire("'common_tls_context': {'alpn_protocols': ['x1', 'x2']}").alpn())
        .containsExactly("x1", "x2");
    assertThat(wire("").alpn()).as("by the protocol that is spoken").containsExactly("http/1.1");
  }

  @Test
  void ourCertificateIsShownAndTheMeshsRootsVerifyThePeerWhenNamed() {
    TransportSocket.Tls mutual = tls("'common_tls_context': {" + MESH.formatted("") + "}");
    assertThat(mutual.certificate()).hasToString("default");
    assertThat(mutual.trust()).hasToString("ROOTCA");
    assertThat(mutual.verify()).isTrue();
    TransportSocket.Tls none = tls("");
    assertThat(none.certificate()).isNull();
    assertThat(none.verify()).isFalse();
    TransportSocket.Tls sds =
        tls("'common_tls_context': {'validation_context_sds_secret_config': {'name': 'ROOTCA'}}");
    assertThat(sds.trust()).hasToString("ROOTCA");
    assertThat(sds.verify()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'match_subject_alt_names': [{'exact': 'spiffe://c/x'}]",
        "'match_typed_subject_alt_names': [{'san_type': 'URI', 'matcher': {'exact':"
            + " 'spiffe://c/x'}}]"
      })
  void thePeerMustHaveOneOfTheNames(String names) {
    var sans = tls("'common_tls_context': {" + MESH.formatted(names) + "}").sans();
    assertThat(sans).hasSize(1);
    assertThat(sans.get(0).matcher().matches("spiffe://c/x")).isTrue();
    assertThat(sans.get(0).matcher().matches("spiffe://c/y")).isFalse();
  }

  @Test
  void aTypedNameIsComparedWithNamesOfItsTypeOnly() {
    String dns =
        "'match_typed_subject_alt_names': [{'san_type': 'DNS', 'matcher': {'exact': 'a.b'}}]";
    assertThat(tls("'common_tls_context': {" + MESH.formatted(dns) + "}").sans().get(0).type())
        .isEqualTo("DNS");
    assertThat(
            tls("'common_tls_context': {" + MESH.formatted(dns.replace("DNS", "URI")) + "}")
                .sans()
                .get(0)
                .type())
        .isEqualTo("URI");
  }

  @Test
  void versionsAreLimitedAsConfigured() {
    assertThat(tls("").versions()).isEqualTo(new TransportSocket.TlsVersions("TLSv1.2", "TLSv1.3"));
    assertThat(params("'tls_minimum_protocol_version': 'TLSv1_3'").min()).isEqualTo("TLSv1.3");
    assertThat(params("'tls_maximum_protocol_version': 'TLSv1_2'").max()).isEqualTo("TLSv1.2");
  }

  private TransportSocket.TlsVersions params(String json) {
    return tls("'common_tls_context': {'tls_params': {" + json + "}}").versions();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'auto_host_sni': true",
        "'auto_sni_san_validation': true",
        "'common_tls_context': {'tls_certificates': [{}]}",
        "'common_tls_context': {'validation_context': {'trusted_ca': {'inline_string': 'x'}}}",
        "'common_tls_context': {'validation_context': {'crl': {'inline_string': 'x'}}}",
        "'common_tls_context': {'validation_context': {'max_verify_depth': 1}}",
        "'common_tls_context': {'validation_context': {'verify_certificate_spki':"
            + " ['AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=']}}"
      })
  void whatWouldWeakenTheCheckIfLeftOutIsRefused(String context) {
    Driven call = with(context);
    assertThat(call.response().status()).isEqualTo(403);
    assertThat(call.outcome().details()).startsWith("inmesh_not_enforced");
  }

  @Test
  void secretsAreAskedOfWhomTheConfigurationNames() {
    assertThat(shown("'name': 'a', 'sds_config': {'ads': {}}"))
        .isEqualTo(new SecretRef("a", new SecretRef.Source.Ads()));
    assertThat(shown("'name': 'a', 'sds_config': " + grpc("vault", "GRPC")))
        .isEqualTo(new SecretRef("a", new SecretRef.Source.GrpcCluster("vault", false)));
    assertThat(shown("'name': 'a', 'sds_config': " + grpc("vault", "DELTA_GRPC")))
        .isEqualTo(new SecretRef("a", new SecretRef.Source.GrpcCluster("vault", true)));
    assertThat(shown("'name': 'file-cert:/c~/k', 'sds_config': " + grpc("sds-grpc", "GRPC")))
        .as("Istio's agent is this process")
        .isEqualTo(new SecretRef("file-cert:/c~/k", new SecretRef.Source.Own()));
    assertThat(shown("'name': 'default', 'sds_config': " + grpc("vault", "GRPC")))
        .as("always our own")
        .isEqualTo(SecretRef.OWN_CERTIFICATE);
  }

  private static String grpc(String cluster, String api) {
    return "{'api_config_source': {'api_type': '"
        + api
        + "', 'grpc_services': [{'envoy_grpc': {'cluster_name': '"
        + cluster
        + "'}}]}}";
  }

  private static String certificate(String secret) {
    return "'common_tls_context': {'tls_certificate_sds_secret_configs': [{" + secret + "}]}";
  }

  private SecretRef shown(String secret) {
    return Objects.requireNonNull(tls(certificate(secret)).certificate());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'name': 'a'",
        "'name': 'a', 'sds_config': {'path_config_source': {'path': '/x'}}",
        "'name': 'a', 'sds_config': {'api_config_source': {'api_type': 'REST', 'cluster_names':"
            + " ['x']}}",
        "'name': 'a', 'sds_config': {'api_config_source': {'api_type': 'GRPC', 'grpc_services':"
            + " [{}]}}",
        "'name': 'a', 'sds_config': {'api_config_source': {'api_type': 'GRPC', 'grpc_services':"
            + " [{'envoy_grpc': {'cluster_name': 'sds-grpc'}}]}}",
        "'name': 'default'}, {'name': 'default'"
      })
  void secretsThatCannotBeHadAreRefusedAndNothingGoesInClear(String secret) {
    Driven call = with(certificate(secret));
    assertThat(call.response().status()).isEqualTo(403);
    assertThat(call.outcome().details()).contains("sds");
  }

  // ---- inbound

  private InboundChain chain(String context) {
    mesh.listener(
        "virtualInbound",
        "'traffic_direction': 'INBOUND', 'use_original_dst': true, 'address': {'socket_address':"
            + " {'address': '0.0.0.0', 'port_value': 15006}}, 'filter_chains': [{"
            + "'filter_chain_match': {'transport_protocol': 'tls'}, 'transport_socket': "
            + Configured.tls("Downstream", context)
            + ", 'filters': ["
            + Configured.managerFilter("'route_config': {'name': 'inbound'}")
            + "]}]");
    return Objects.requireNonNull(
        mesh.tables()
            .inbound()
            .find(new ConnectionFacts("10.0.0.9", 8080, "10.0.0.7", true, "", List.of("istio"))));
  }

  private InboundChain.DownstreamTls downstream(String fields, String names, String params) {
    return Objects.requireNonNull(
        chain(
                "'common_tls_context': {"
                    + MESH.formatted(names)
                    + ", 'tls_params': {"
                    + params
                    + "}, 'alpn_protocols': ['h2', 'http/1.1']}"
                    + (fields.isEmpty() ? "" : ", " + fields))
            .tls());
  }

  @Test
  void aServerAsksForCertificatesNamesProtocolsAndVersionsAsConfigured() {
    InboundChain.DownstreamTls plain = downstream("", "", "");
    assertThat(plain.requireClientCertificate()).isFalse();
    assertThat(plain.certificate()).hasToString("default");
    assertThat(plain.trust()).hasToString("ROOTCA");
    assertThat(plain.alpn()).containsExactly("h2", "http/1.1");
    assertThat(plain.sans()).isEmpty();
    InboundChain.DownstreamTls strict =
        downstream(
            "'require_client_certificate': true",
            "'match_subject_alt_names': [{'prefix': 'spiffe://c/'}]",
            "'tls_minimum_protocol_version': 'TLSv1_3'");
    assertThat(strict.requireClientCertificate()).isTrue();
    assertThat(strict.sans().get(0).matcher().matches("spiffe://c/x")).isTrue();
    assertThat(strict.sans().get(0).matcher().matches("spiffe://d/x")).isFalse();
    assertThat(strict.versions().min()).isEqualTo("TLSv1.3");
  }

  @Test
  void aServerThatMustHaveAServerNameIsRefused() {
    assertThat(
            chain("'common_tls_context': {" + MESH.formatted("") + "}, 'require_sni': true")
                .notYet())
        .isNotNull();
  }
}
