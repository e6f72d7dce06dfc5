package io.inmesh.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.inmesh.Mesh;
import io.inmesh.MeshConfig;
import io.inmesh.Setting;
import io.inmesh.call.BodyTraits;
import io.inmesh.call.Call;
import io.inmesh.call.CallContext;
import io.inmesh.call.Capabilities;
import io.inmesh.call.Command;
import io.inmesh.call.Event;
import io.inmesh.call.Wire;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.identity.ClientHello;
import io.inmesh.identity.IdentityStore;
import io.inmesh.identity.IdentityUnavailableException;
import io.inmesh.identity.InboundTlsContexts;
import io.inmesh.identity.InboundTlsSpec;
import io.inmesh.identity.OutboundTlsContext;
import io.inmesh.identity.SanMatcher;
import io.inmesh.identity.TestPki;
import io.inmesh.identity.TestTlsClient;
import io.inmesh.identity.TestTlsServer;
import io.inmesh.proto.envoy.config.cluster.v3.Cluster;
import io.inmesh.proto.envoy.config.listener.v3.Listener;
import io.inmesh.proto.envoy.extensions.filters.http.router.v3.Router;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.inmesh.proto.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.inmesh.proto.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.inmesh.proto.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.inmesh.xds.TypeUrl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Secrets by SDS and from files, in a whole runtime, with real streams, and peers over real TLS.
 */
class SecretsTest {
  private static final String ONE = "spiffe://td/ns/shop/sa/one";
  private static final String TWO = "spiffe://td/ns/shop/sa/two";
  private static final String SERVER = "spiffe://td/ns/shop/sa/server";
  private static final String ADS = "'sds_config': {'ads': {}}";

  private static final JsonFormat.Parser JSON =
      JsonFormat.parser()
          .usingTypeRegistry(
              JsonFormat.TypeRegistry.newBuilder()
                  .add(HttpConnectionManager.getDescriptor())
                  .add(Router.getDescriptor())
                  .add(UpstreamTlsContext.getDescriptor())
                  .add(DownstreamTlsContext.getDescriptor())
                  .build());

  @TempDir Path directory;
  private final TestPki pki = TestPki.create("clients");
  private final TestPki others = TestPki.create("others");
  private TestDiscoveryServer istiod;
  private TestTlsServer peer;
  private Mesh mesh;

  @BeforeEach
  void start() throws Exception {
    istiod = new TestDiscoveryServer();
    IdentityStore store = new IdentityStore();
    store.update(pki.leaf(SERVER).material());
    InboundTlsContexts contexts = new InboundTlsContexts(store, Clock.systemUTC());
    peer = new TestTlsServer(() -> contexts.current(InboundTlsSpec.mutual(SanMatcher.any())));
  }

  @AfterEach
  void stop() throws Exception {
    if (mesh != null) {
      mesh.close();
    }
    peer.close();
    istiod.close();
  }

  // ---- the mesh

  private void startMesh() {
    istiod.put(
        TypeUrl.LISTENER,
        "10.1.0.1_8080",
        json(
            Listener.newBuilder(),
            "{'name': '10.1.0.1_8080', 'traffic_direction': 'OUTBOUND', 'address': {'socket_address': {'address': '10.1.0.1',"
                + " 'port_value': 8080}}, 'filter_chains': [{'filters': ["
                + manager("'route': {'cluster': 'reviews'}")
                + "]}]}"));
    mesh =
        Mesh.start(
            MeshConfig.builder()
                .controlPlane("127.0.0.1:" + istiod.port())
                .set(Setting.CONTROL_PLANE_PLAINTEXT, "true")
                .set(Setting.IDENTITY, "none")
                .identity("shop", "storefront")
                .startLimit(Duration.ofMillis(1), MeshConfig.OnStartLimit.WAIT)
                .build());
  }

  private static String manager(String action) {
    return "{'name': 'http', 'typed_config': {'@type':"
        + " 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',"
        + " 'stat_prefix': 'x', 'route_config': {'name': 'inline', 'virtual_hosts': [{'name':"
        + " 'all', 'domains': ['*'], 'routes': [{'match': {'prefix': '/'}, "
        + action
        + "}]}]}, 'http_filters': [{'name': 'envoy.filters.http.router', 'typed_config':"
        + " {'@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router'}}]}}";
  }

  /** A cluster with that certificate and these roots. */
  private void cluster(String certificate, String roots, String names, String source) {
    istiod.put(
        TypeUrl.CLUSTER,
        "reviews",
        json(
            Cluster.newBuilder(),
            "{'name': 'reviews', 'type': 'STATIC', 'load_assignment': {'cluster_name': 'reviews',"
                + " 'endpoints': [{'lb_endpoints': [{'endpoint': {'address': {'socket_address':"
                + " {'address': '127.0.0.1', 'port_value': 9}}}}]}]}, 'transport_socket': {'name':"
                + " 'tls', 'typed_config': {'@type':"
                + " 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',"
                + " 'common_tls_context': {'tls_certificate_sds_secret_configs': [{'name': '"
                + certificate
                + "', "
                + source
                + "}], 'combined_validation_context': {'default_validation_context': {"
                + names
                + "}, 'validation_context_sds_secret_config': {'name': '"
                + roots
                + "', "
                + source
                + "}}}}}}"));
  }

  private static Message json(Message.Builder builder, String json) {
    try {
      JSON.merge(json, builder);
      return builder.build();
    } catch (java.io.IOException e) {
      throw new IllegalArgumentException(json, e);
    }
  }

  private static Secret certificate(String name, TestPki.Leaf leaf) {
    Secret.Builder secret = Secret.newBuilder().setName(name);
    secret.getTlsCertificateBuilder().getCertificateChainBuilder().setInlineString(leaf.chainPem());
    secret.getTlsCertificateBuilder().getPrivateKeyBuilder().setInlineString(leaf.keyPem());
    return secret.build();
  }

  private static Secret roots(String name, X509Certificate... roots) {
    Secret.Builder secret = Secret.newBuilder().setName(name);
    secret
        .getValidationContextBuilder()
        .getTrustedCaBuilder()
        .setInlineString(TestPki.pem(List.of(roots)));
    return secret.build();
  }

  private static String agent() {
    return grpc("sds-grpc", "GRPC");
  }

  private static String grpc(String cluster, String api) {
    return "'sds_config': {'api_config_source': {'api_type': '"
        + api
        + "', 'transport_api_version': 'V3', 'grpc_services': [{'envoy_grpc': {'cluster_name': '"
        + cluster
        + "'}}]}, 'resource_api_version': 'V3'}";
  }

  private static ConditionFactory eventually() {
    return await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(20));
  }

  /** What an attempt would connect with. */
  private OutboundTlsContext context() throws IdentityUnavailableException {
    MeshRuntime runtime = (MeshRuntime) mesh;
    Call call =
        Objects.requireNonNull(
            runtime
                .calls()
                .outbound(
                    new RequestHead(
                        "GET", "http", "10.1.0.1:8080", "/", new Headers(), Protocol.HTTP11),
                    BodyTraits.NONE,
                    CallContext.NONE,
                    Capabilities.BASIC,
                    () -> {},
                    System.nanoTime()));
    Command command = call.poll(System.nanoTime());
    assertThat(command).isInstanceOf(Command.Start.class);
    Wire wire = ((Command.Start) command).wire();
    call.on(new Event.CallerGone(), System.nanoTime());
    assertThat(wire.tls()).as("never in clear").isNotNull();
    return runtime.outbound().context(wire);
  }

  /** Who the peer sees in a new connection. */
  private String seen() throws Exception {
    return TestTlsClient.ask(context().socketFactory(), peer.port(), "http/1.1").split(" ")[1];
  }

  private void expectSeen(String who) {
    // until the new secret is in force, the old one may refuse the peer
    eventually()
        .ignoreExceptionsInstanceOf(SSLException.class)
        .untilAsserted(() -> assertThat(seen()).isEqualTo(who));
  }

  // ---- by the control plane

  @Test
  void aSecretOfTheControlPlaneIsWaitedForShownAndRotatedWhileConnectionsGoOn() throws Exception {
    cluster("kubernetes://client", "kubernetes://client-cacert", "", ADS);
    try (CapturedLog log = new CapturedLog(0)) {
      startMesh();
      eventually().until(() -> mesh.status().connected());
      istiod.put(
          TypeUrl.SECRET, "kubernetes://client", certificate("kubernetes://client", pki.leaf(ONE)));
      eventually().untilAsserted(() -> assertThat(log.text()).contains("certificate received"));
      assertThat(mesh.status().ready()).as("the roots are missing: it warms").isFalse();
      istiod.put(
          TypeUrl.SECRET,
          "kubernetes://client-cacert",
          roots("kubernetes://client-cacert", pki.root()));
      eventually().until(() -> mesh.status().ready());
      assertThat(seen()).isEqualTo(ONE);

      OutboundTlsContext before = context();
      try (SSLSocket old = TestTlsClient.connect(before.socketFactory(), peer.port())) {
        old.startHandshake();
        TestPki.Leaf two = pki.leaf(TWO);
        istiod.put(TypeUrl.SECRET, "kubernetes://client", certificate("kubernetes://client", two));
        expectSeen(TWO);
        assertThat(((MeshRuntime) mesh).outbound().current(before)).isFalse();
        assertThat(TestTlsClient.exchange(old)).as("what is open goes on").contains(ONE);
        assertThat(((MeshRuntime) mesh).outbound().current(context())).isTrue();

        // half a rotation: a certificate of another key
        istiod.put(
            TypeUrl.SECRET,
            "kubernetes://client",
            certificate(
                "kubernetes://client",
                new TestPki.Leaf(pki.leaf(ONE).key(), two.chain(), two.roots())));
        eventually()
            .untilAsserted(
                () ->
                    assertThat(istiod.refusals)
                        .anySatisfy(
                            nack ->
                                assertThat(nack)
                                    .contains("kubernetes://client")
                                    .contains("does not belong to the private key")));
        assertThat(seen()).as("the last good one stays").isEqualTo(TWO);
        String key = Base64.getEncoder().encodeToString(two.key().getEncoded());
        assertThat(log.text() + istiod.refusals)
            .doesNotContain(key.substring(40, 80))
            .doesNotContain("PRIVATE KEY");
      }
    }
  }

  @Test
  @Timeout(60)
  void noRequestFailsWhileKeysAndRootsAreRotated() throws Exception {
    cluster("client", "roots", "", ADS);
    istiod.put(TypeUrl.SECRET, "client", certificate("client", pki.leaf(ONE)));
    istiod.put(TypeUrl.SECRET, "roots", roots("roots", pki.root()));
    startMesh();
    eventually().until(() -> mesh.status().ready());
    AtomicBoolean rotating = new AtomicBoolean(true);
    Thread rotation =
        new Thread(
            () -> {
              for (int i = 0; i < 20; i++) {
                istiod.put(TypeUrl.SECRET, "client", certificate("client", pki.leaf(ONE + i)));
                istiod.put(
                    TypeUrl.SECRET,
                    "roots",
                    i % 2 == 0
                        ? roots("roots", pki.root(), others.root())
                        : roots("roots", pki.root()));
              }
              rotating.set(false);
            });
    rotation.start();
    Set<String> names = new HashSet<>();
    while (rotating.get() || !names.contains(ONE + 19)) {
      names.add(seen());
    }
    rotation.join();
    assertThat(names).as("several of the twenty were in use").hasSizeGreaterThan(2);
  }

  @Test
  void rootsAndNamesOfTheSecretJudgeThePeer() throws Exception {
    cluster("client", "roots", "", ADS);
    istiod.put(TypeUrl.SECRET, "client", certificate("client", pki.leaf(ONE)));
    istiod.put(TypeUrl.SECRET, "roots", roots("roots", others.root()));
    startMesh();
    eventually().until(() -> mesh.status().ready());
    assertThatThrownBy(this::seen).isInstanceOf(SSLException.class).hasMessageContaining("root");

    istiod.put(TypeUrl.SECRET, "roots", roots("roots", others.root(), pki.root()));
    expectSeen(ONE);

    Secret.Builder named = roots("roots", pki.root()).toBuilder();
    named
        .getValidationContextBuilder()
        .addMatchTypedSubjectAltNamesBuilder()
        .setSanTypeValue(3)
        .getMatcherBuilder()
        .setExact("spiffe://td/ns/shop/sa/somebody-else");
    istiod.put(TypeUrl.SECRET, "roots", named.build());
    eventually()
        .untilAsserted(
            () ->
                assertThatThrownBy(this::seen)
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("somebody-else"));
  }

  @Test
  void aSecretThatWouldTurnVerificationOffIsRefused() throws Exception {
    cluster("client", "roots", "", ADS);
    istiod.put(TypeUrl.SECRET, "client", certificate("client", pki.leaf(ONE)));
    Secret.Builder weak = roots("roots", pki.root()).toBuilder();
    weak.getValidationContextBuilder().setTrustChainVerificationValue(1);
    istiod.put(TypeUrl.SECRET, "roots", weak.build());
    startMesh();
    eventually()
        .untilAsserted(
            () ->
                assertThat(istiod.refusals)
                    .anySatisfy(
                        nack ->
                            assertThat(nack)
                                .contains("validation_context.trust_chain_verification")));
    assertThat(mesh.status().ready()).isFalse();
  }

  // ---- by a server of secrets

  @Test
  void aServerOfSecretsOnAUnixSocketIsAskedByItsOwnStream() throws Exception {
    try (TestDiscoveryServer agent = new TestDiscoveryServer(directory.resolve("sds.sock"))) {
      secretServer("spire_agent", "{'pipe': {'path': '" + directory.resolve("sds.sock") + "'}}");
      served(agent, "spire_agent", "GRPC");
      assertThat(agent.streams).containsExactly("StreamSecrets");
    }
  }

  @Test
  void aServerOfSecretsOnLoopbackIsAskedForDifferences() throws Exception {
    try (TestDiscoveryServer server = new TestDiscoveryServer()) {
      secretServer(
          "vault",
          "{'socket_address': {'address': '127.0.0.1', 'port_value': " + server.port() + "}}");
      served(server, "vault", "DELTA_GRPC");
      assertThat(server.streams).containsExactly("DeltaSecrets");
    }
  }

  private void secretServer(String name, String address) {
    istiod.put(
        TypeUrl.CLUSTER,
        name,
        json(
            Cluster.newBuilder(),
            "{'name': '"
                + name
                + "', 'type': 'STATIC', 'load_assignment': {'cluster_name': '"
                + name
                + "', 'endpoints': [{'lb_endpoints': [{'endpoint': {'address': "
                + address
                + "}}]}]}}"));
  }

  private void served(TestDiscoveryServer server, String cluster, String api) {
    cluster("client", "roots", "", grpc(cluster, api));
    server.put(TypeUrl.SECRET, "client", certificate("client", pki.leaf(ONE)));
    server.put(TypeUrl.SECRET, "roots", roots("roots", pki.root()));
    startMesh();
    eventually().until(() -> mesh.status().ready());
    expectSeen(ONE);
    server.put(TypeUrl.SECRET, "client", certificate("client", pki.leaf(TWO)));
    expectSeen(TWO);
  }

  @Test
  void keysAreNotFetchedInClearFromAnotherMachine() throws Exception {
    secretServer("remote", "{'socket_address': {'address': '10.0.0.1', 'port_value': 8081}}");
    cluster("client", "roots", "", grpc("remote", "GRPC"));
    try (CapturedLog log = new CapturedLog()) {
      startMesh();
      eventually()
          .untilAsserted(
              () ->
                  assertThat(log.text())
                      .contains("cluster remote")
                      .contains("secrets are not fetched from 10.0.0.1:8081: keys would travel"));
      assertThat(mesh.status().ready()).isFalse();
    }
  }

  // ---- from files

  @Test
  void filesAreShownAndFollowedWhenTheyChange() throws Exception {
    pki.leaf(ONE).write(directory);
    String certificate =
        "file-cert:" + directory.resolve("cert-chain.pem") + "~" + directory.resolve("key.pem");
    String roots = "file-root:" + directory.resolve("root-cert.pem");
    cluster(
        certificate, roots, "'match_subject_alt_names': [{'exact': '" + SERVER + "'}]", agent());
    startMesh();
    eventually().until(() -> mesh.status().ready());
    assertThat(seen()).isEqualTo(ONE);

    TestPki.Leaf two = pki.leaf(TWO);
    Files.writeString(directory.resolve("cert-chain.pem"), two.chainPem());
    Files.writeString(directory.resolve("key.pem"), two.keyPem());
    expectSeen(TWO);
  }

  // ---- inbound

  @Test
  void aServersPortShowsTheSecretThatItsChainNames() throws Exception {
    cluster("client", "roots", "", ADS);
    istiod.put(
        TypeUrl.LISTENER,
        "virtualInbound",
        json(
            Listener.newBuilder(),
            "{'name': 'virtualInbound', 'traffic_direction': 'INBOUND', 'use_original_dst': true,"
                + " 'address': {'socket_address': {'address': '0.0.0.0', 'port_value': 15006}},"
                + " 'filter_chains': [{'filter_chain_match': {'transport_protocol': 'tls'},"
                + " 'transport_socket': {'name': 'tls', 'typed_config': {'@type':"
                + " 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',"
                + " 'require_client_certificate': true, 'common_tls_context':"
                + " {'tls_certificate_sds_secret_configs': [{'name': 'client', "
                + ADS
                + "}], 'validation_context_sds_secret_config': {'name': 'roots', "
                + ADS
                + "}}}}, 'filters': ["
                + manager("'direct_response': {'status': 200}")
                + "]}]}"));
    istiod.put(TypeUrl.SECRET, "client", certificate("client", pki.leaf(ONE)));
    istiod.put(TypeUrl.SECRET, "roots", roots("roots", pki.root()));
    startMesh();
    eventually().until(() -> mesh.status().ready());
    expectServed(ONE);
    istiod.put(TypeUrl.SECRET, "client", certificate("client", pki.leaf(TWO)));
    eventually().untilAsserted(() -> expectServed(TWO));
  }

  /** A client that knows the pki sees that name. */
  private void expectServed(String who) throws Exception {
    ClientHello hello = new ClientHello(ClientHello.Kind.TLS, "x", List.of("h2"));
    InboundSecurity inbound = ((MeshRuntime) mesh).inbound();
    try (TestTlsServer ours =
        new TestTlsServer(() -> Objects.requireNonNull(inbound.select(8080, hello).tls()))) {
      try (SSLSocket socket = TestTlsClient.connect(context().socketFactory(), ours.port())) {
        socket.startHandshake();
        X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
        assertThat(shown.getSubjectAlternativeNames().toString()).contains(who);
        assertThat(TestTlsClient.exchange(socket)).contains("spiffe://td/ns/shop/sa/");
      }
    }
  }
}
