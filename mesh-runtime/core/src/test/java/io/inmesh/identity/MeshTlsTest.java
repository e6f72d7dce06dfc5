package io.inmesh.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.netty.shaded.io.netty.buffer.UnpooledByteBufAllocator;
import io.grpc.netty.shaded.io.netty.handler.ssl.OpenSslContextOption;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.grpc.netty.shaded.io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our outbound TLS against our inbound TLS, over loopback sockets. */
class MeshTlsTest {
  private static final String CLIENT = "spiffe://td/ns/shop/sa/storefront";
  private static final String SERVER = "spiffe://td/ns/shop/sa/reviews";
  private static final String SNI = "outbound_.8080_._.reviews.shop.svc.cluster.local";
  private static final InboundTlsSpec INBOUND = InboundTlsSpec.mutual(SanMatcher.trustDomain("td"));

  private final TestPki pki = TestPki.create();
  private final List<TestTlsServer> servers = new ArrayList<>();

  @AfterEach
  void stop() throws IOException {
    for (TestTlsServer server : servers) {
      server.close();
      server.engines.forEach(MeshTlsTest::assertReleased);
    }
  }

  private static void assertReleased(Object engine) {
    await().untilAsserted(() -> assertThat(BoringSslInboundTls.references(engine)).isZero());
  }

  @ParameterizedTest
  @CsvSource({
    "istio-http/1.1|istio|http/1.1, h2|http/1.1, http/1.1",
    "istio-h2|istio|h2,             h2|http/1.1, h2",
    "istio,                         http/1.1,    -",
    "'',                            h2|http/1.1, h2",
    "'',                            http/1.1,    http/1.1",
    "'',                            '',          -",
  })
  void bothEndsAgreeOnTheProtocolAndTheNames(String mesh, String library, String chosen)
      throws Exception {
    TestTlsServer server = server(pki.leaf(SERVER), INBOUND);
    OutboundTlsContext client = client(pki.leaf(CLIENT), spec(split(mesh)));

    String answer = TestTlsClient.ask(client.socketFactory(), server.port(), array(library));

    assertThat(answer)
        .isEqualTo(
            "hello "
                + CLIENT
                + " "
                + chosen
                + " TLSv1.3 key=1 client-read="
                + (chosen.equals("-") ? "" : chosen));
    assertThat(server.hellos.element().sni()).isEqualTo(SNI);
    assertThat(server.hellos.element().alpn())
        .containsExactly(mesh.isEmpty() ? array(library) : array(mesh));
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void oneVersionCanBeAskedFor(String version) throws Exception {
    TestTlsServer server = server(pki.leaf(SERVER), INBOUND);
    OutboundTlsSpec spec =
        new OutboundTlsSpec(
            SNI,
            OutboundTlsSpec.ISTIO_H2,
            SanMatcher.exact(SERVER),
            TlsVersions.of(version, version),
            OutboundTlsSpec.Trust.MESH);

    for (int i = 0; i < 3; i++) {
      assertThat(
              TestTlsClient.ask(
                  client(pki.leaf(CLIENT), spec).socketFactory(), server.port(), "h2"))
          .contains("h2 " + version);
    }
  }

  /** What Envoy offers first. JSSE has no such group, so the client is BoringSSL here. */
  @ParameterizedTest
  @ValueSource(strings = {"X25519MLKEM768", "X25519", "P-256"})
  void aClientWithOneGroupOnlyIsServed(String group) throws Exception {
    TestTlsServer server = server(pki.leaf(SERVER), INBOUND);
    TestPki.Leaf leaf = pki.leaf(CLIENT);
    SslContext context =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.OPENSSL)
            .trustManager(pki.root())
            .endpointIdentificationAlgorithm(null)
            .keyManager(leaf.key(), leaf.chain().toArray(X509Certificate[]::new))
            .protocols("TLSv1.3")
            .option(OpenSslContextOption.GROUPS, new String[] {group})
            .build();
    SSLEngine engine = context.newEngine(UnpooledByteBufAllocator.DEFAULT);
    try (SocketChannel channel =
        SocketChannel.open(new InetSocketAddress("127.0.0.1", server.port()))) {
      EngineConnection connection =
          new EngineConnection(channel, engine, ByteBuffer.allocate(64 * 1024));
      connection.handshake();
      connection.writeLine("hello");
      assertThat(connection.readLine()).contains(CLIENT);
    } finally {
      ReferenceCountUtil.release(engine);
    }
  }

  @Test
  void anRsaIdentityWorksAtBothEnds() throws Exception {
    TestTlsServer server = server(pki.rsaLeaf(SERVER), INBOUND);
    assertThat(
            TestTlsClient.ask(
                client(pki.rsaLeaf(CLIENT), spec()).socketFactory(), server.port(), "h2"))
        .contains(CLIENT);
  }

  @Test
  void aServerOfAnotherNameIsRefusedNamingBoth() throws Exception {
    TestTlsServer server = server(pki.leaf("spiffe://td/ns/shop/sa/ratings"), INBOUND);
    OutboundTlsContext client = client(pki.leaf(CLIENT), spec());

    for (int i = 0; i < 3; i++) { // the later ones try to resume a session
      assertThatThrownBy(() -> TestTlsClient.ask(client.socketFactory(), server.port(), "h2"))
          .isInstanceOf(SSLPeerUnverifiedException.class)
          .hasMessageContaining("spiffe://td/ns/shop/sa/ratings")
          .hasMessageContaining("one of [" + SERVER + "]")
          .hasMessageContaining("127.0.0.1:" + server.port());
    }
  }

  @Test
  void aLibraryThatForgetsTheHandshakeGetsNoStreamOfAnotherServer() throws Exception {
    TestTlsServer server = server(pki.leaf("spiffe://td/ns/shop/sa/ratings"), INBOUND);
    OutboundTlsContext client = client(pki.leaf(CLIENT), spec());

    try (SSLSocket socket = TestTlsClient.connect(client.socketFactory(), server.port())) {
      assertThatThrownBy(socket::getOutputStream).isInstanceOf(SSLPeerUnverifiedException.class);
    }
    try (SSLSocket socket = TestTlsClient.connect(client.socketFactory(), server.port())) {
      assertThatThrownBy(socket::getInputStream).isInstanceOf(SSLPeerUnverifiedException.class);
    }
    try (SSLSocket socket = TestTlsClient.connect(client.socketFactory(), server.port())) {
      assertThat(client.hostnameVerifier().verify("x", socket.getSession())).isFalse();
      assertThatThrownBy(socket::getInputStream).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aServerOfAForeignRootIsRefused() throws Exception {
    TestPki foreign = TestPki.create("foreign");
    TestTlsServer server =
        server(foreign.leaf(SERVER).trusting(List.of(foreign.root(), pki.root())), INBOUND);

    assertThatThrownBy(
            () ->
                TestTlsClient.ask(
                    client(pki.leaf(CLIENT), spec()).socketFactory(), server.port(), "h2"))
        .isInstanceOf(SSLHandshakeException.class)
        .hasMessageContaining("leads to none of the 1 trust roots")
        .hasMessageContaining(SERVER);
  }

  @Test
  void anExpiredServerIsRefused() throws Exception {
    TestTlsServer server = server(pki.leaf(SERVER), INBOUND);
    Clock nextDay = Clock.fixed(Instant.now().plus(Duration.ofDays(1)), ZoneOffset.UTC);
    OutboundTls client = new OutboundTls(store(pki.leaf(CLIENT)), nextDay);

    assertThatThrownBy(
            () -> TestTlsClient.ask(client.context(spec()).socketFactory(), server.port(), "h2"))
        .isInstanceOf(SSLHandshakeException.class)
        .hasStackTraceContaining("CertificateExpiredException");
  }

  @Test
  void clientsOfAnotherTrustDomainAForeignRootOrNoneAreRefusedWithTheRightAlert() throws Exception {
    TestTlsServer server = server(pki.leaf(SERVER), INBOUND);
    TestPki foreign = TestPki.create("foreign");

    assertRefused(server, pki.leaf("spiffe://other/ns/shop/sa/storefront"), "bad_certificate");
    await() // the server sends its alert before it reports
        .untilAsserted(
            () ->
                assertThat(causes(server))
                    .anyMatch(m -> m.contains("spiffe://other/ns") && m.contains("spiffe://td/")));
    assertRefused(
        server,
        foreign.leaf(CLIENT).trusting(List.of(foreign.root(), pki.root())),
        "bad_certificate");
    assertRefused(server, pki.leafFor(CLIENT, KeyPurposeId.id_kp_serverAuth), "bad_certificate");

    OutboundTlsSpec nobody =
        OutboundTlsSpec.simple(
            SNI,
            OutboundTlsSpec.ISTIO_H2,
            SanMatcher.exact(SERVER),
            OutboundTlsSpec.Trust.roots(List.of(pki.root())));
    OutboundTls unidentified = new OutboundTls(new IdentityStore(), Clock.systemUTC());
    assertThatThrownBy(
            () ->
                TestTlsClient.ask(
                    unidentified.context(nobody).socketFactory(), server.port(), "h2"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("certificate_required");
  }

  @Test
  void anExpiredClientIsToldSo() throws Exception {
    Clock nextDay = Clock.fixed(Instant.now().plus(Duration.ofDays(1)), ZoneOffset.UTC);
    InboundTls inbound =
        InboundTlsContexts.create(pki.leaf(SERVER).identity(1, 1), INBOUND, nextDay);
    TestTlsServer server = server(inbound);

    assertRefused(server, pki.leaf(CLIENT), "certificate_expired");
    inbound.retire();
  }

  @Test
  void aCertificateThatIsNotRequiredIsStillVerifiedWhenShown() throws Exception {
    InboundTlsSpec optional =
        new InboundTlsSpec(false, SanMatcher.trustDomain("td"), List.of("h2"), TlsVersions.DEFAULT);
    TestTlsServer server = server(pki.leaf(SERVER), optional);
    OutboundTls unidentified = new OutboundTls(new IdentityStore(), Clock.systemUTC());
    OutboundTlsSpec nobody =
        OutboundTlsSpec.simple(
            SNI,
            List.of(),
            SanMatcher.exact(SERVER),
            OutboundTlsSpec.Trust.roots(List.of(pki.root())));

    assertThat(TestTlsClient.ask(unidentified.context(nobody).socketFactory(), server.port(), "h2"))
        .startsWith("hello nobody h2");
    assertRefused(server, pki.leaf("spiffe://other/ns/shop/sa/storefront"), "bad_certificate");
  }

  @Test
  void simpleTlsBelievesGivenRootsAndChecksTheHostName() throws Exception {
    TestPki.Leaf leaf = pki.server("reviews.example.com", "*.wild.example.com");
    WorkloadIdentity identity =
        new WorkloadIdentity(
            SpiffeId.parse(SERVER),
            leaf.chain(),
            leaf.key(),
            leaf.roots(),
            1,
            1,
            leaf.certificate().getNotBefore().toInstant(),
            leaf.certificate().getNotAfter().toInstant());
    InboundTlsSpec anybody =
        new InboundTlsSpec(false, SanMatcher.any(), List.of("h2"), TlsVersions.DEFAULT);
    TestTlsServer server = server(InboundTlsContexts.create(identity, anybody, Clock.systemUTC()));

    assertThat(simple(server, "reviews.example.com", pki.root())).contains("nobody");
    assertThat(simple(server, "a.wild.example.com", pki.root())).contains("nobody");
    assertThatThrownBy(() -> simple(server, "b.a.wild.example.com", pki.root()))
        .isInstanceOf(SSLPeerUnverifiedException.class);
    assertThatThrownBy(() -> simple(server, "ratings.example.com", pki.root()))
        .isInstanceOf(SSLPeerUnverifiedException.class)
        .hasMessageContaining("reviews.example.com")
        .hasMessageContaining("host name ratings.example.com");
    assertThatThrownBy(
            () -> simple(server, "reviews.example.com", TestPki.create("foreign").root()))
        .isInstanceOf(SSLHandshakeException.class);
    OutboundTls outbound = new OutboundTls(new IdentityStore(), Clock.systemUTC());
    OutboundTlsSpec unverified =
        OutboundTlsSpec.simple(null, List.of(), SanMatcher.any(), OutboundTlsSpec.Trust.UNVERIFIED);
    assertThat(TestTlsClient.ask(outbound.context(unverified).socketFactory(), server.port(), "h2"))
        .contains("nobody");
    OutboundTlsSpec system =
        OutboundTlsSpec.simple(null, List.of(), SanMatcher.any(), OutboundTlsSpec.Trust.SYSTEM);
    assertThatThrownBy(
            () -> TestTlsClient.ask(outbound.context(system).socketFactory(), server.port(), "h2"))
        .isInstanceOf(SSLHandshakeException.class);
  }

  private static String simple(TestTlsServer server, String host, X509Certificate root)
      throws IOException {
    OutboundTlsSpec spec =
        OutboundTlsSpec.simple(
            host, List.of(), SanMatcher.dns(host), OutboundTlsSpec.Trust.roots(List.of(root)));
    return TestTlsClient.ask(
        new OutboundTls(new IdentityStore(), Clock.systemUTC()).context(spec).socketFactory(),
        server.port(),
        "h2");
  }

  @Test
  void withoutAnIdentityThereIsNoConnection() {
    OutboundTls outbound = new OutboundTls(new IdentityStore(), Clock.systemUTC());
    assertThatThrownBy(() -> outbound.context(spec()))
        .isInstanceOf(IdentityUnavailableException.class)
        .hasMessageContaining("no certificate yet");
    InboundTlsContexts inbound = new InboundTlsContexts(new IdentityStore(), Clock.systemUTC());
    assertThatThrownBy(() -> inbound.current(INBOUND))
        .isInstanceOf(IdentityUnavailableException.class);
  }

  @Test
  void contextsAreValues() throws Exception {
    IdentityStore store = store(pki.leaf(CLIENT));
    OutboundTls outbound = new OutboundTls(store, Clock.systemUTC());
    OutboundTlsContext one = outbound.context(spec());
    OutboundTlsContext same = outbound.context(spec());
    OutboundTlsContext otherName =
        outbound.context(
            OutboundTlsSpec.mesh(SNI, OutboundTlsSpec.ISTIO_H2, SanMatcher.exact("spiffe://x")));

    assertThat(one).isSameAs(same).isEqualTo(same).isNotEqualTo(otherName);
    assertThat(one.socketFactory()).isEqualTo(same.socketFactory());
    assertThat(one.socketFactory()).hasSameHashCodeAs(same.socketFactory());
    assertThat(one.hostnameVerifier()).isEqualTo(same.hostnameVerifier());
    assertThat(one.trustManager()).isSameAs(same.trustManager());
    assertThat(otherName.socketFactory()).isNotEqualTo(one.socketFactory());
    assertThat(otherName.hostnameVerifier()).isNotEqualTo(one.hostnameVerifier());

    store.update(pki.leaf(CLIENT).material());
    assertThat(outbound.context(spec())).isNotEqualTo(one);
    assertThat(outbound.context(spec()).keyGeneration()).isEqualTo(2);
    assertThat(outbound.context(spec()).trustGeneration()).isEqualTo(1);
  }

  @Test
  void theJdksOwnTlsIsAFallbackForClientsWithoutIstiosServerNames() throws Exception {
    WorkloadIdentity identity = pki.leaf(SERVER).identity(1, 1);
    PeerTrustManager trust =
        new PeerTrustManager(
            new ChainVerifier(identity.roots(), Instant::now), SanMatcher.trustDomain("td"));
    InboundTls jsse = new JsseInboundTls(identity, INBOUND, trust);
    TestTlsServer server = new TestTlsServer(() -> jsse);
    try (server) {
      OutboundTlsSpec plainName =
          OutboundTlsSpec.mesh("reviews.shop", OutboundTlsSpec.ISTIO_H2, SanMatcher.exact(SERVER));
      OutboundTlsSpec istioOnly =
          OutboundTlsSpec.mesh("reviews.shop", List.of("istio"), SanMatcher.exact(SERVER));
      for (int i = 0; i < 3; i++) {
        assertThat(
                TestTlsClient.ask(
                    client(pki.leaf(CLIENT), plainName).socketFactory(), server.port(), "h2"))
            .startsWith("hello " + CLIENT + " h2");
      }
      assertThat(
              TestTlsClient.ask(
                  client(pki.leaf(CLIENT), istioOnly).socketFactory(), server.port(), "h2"))
          .startsWith("hello " + CLIENT + " -");
      assertRefused(
          server,
          pki.leaf("spiffe://other/ns/shop/sa/storefront"),
          plainName,
          "certificate_unknown");
      assertThatThrownBy(
              () ->
                  TestTlsClient.ask(
                      client(pki.leaf(CLIENT), spec()).socketFactory(), server.port(), "h2"))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void inboundRunsOnBoringSslHere() throws Exception {
    try (InboundTlsContexts contexts =
        new InboundTlsContexts(store(pki.leaf(SERVER)), Clock.systemUTC())) {
      assertThat(contexts.current(INBOUND).implementation()).isEqualTo("BoringSSL");
      assertThat(contexts.current(INBOUND)).isSameAs(contexts.current(INBOUND));
      assertThat(contexts.current(INBOUND).spiffeId()).hasToString(SERVER);
    }
  }

  @Test
  void thePeerIsKnownByItsCertificate() throws Exception {
    TestPki.Leaf leaf = pki.leaf(CLIENT);
    TestTlsServer server = server(pki.leaf(SERVER), INBOUND);
    TestTlsClient.ask(client(leaf, spec()).socketFactory(), server.port(), "h2");

    PeerIdentity peer = server.peers.element();
    String hash =
        java.util.HexFormat.of()
            .formatHex(
                java.security.MessageDigest.getInstance("SHA-256")
                    .digest(leaf.certificate().getEncoded()));
    assertThat(peer.spiffeId()).hasToString(CLIENT);
    assertThat(peer.uriNames()).containsExactly(CLIENT);
    assertThat(peer.dnsNames()).isEmpty();
    assertThat(peer.trustGeneration()).isEqualTo(1);
    assertThat(peer.certificateSha256()).isEqualTo(hash);
    assertThat(peer.subject()).isEmpty();
  }

  private void assertRefused(TestTlsServer server, TestPki.Leaf client, String alert) {
    assertRefused(server, client, spec(), alert);
  }

  private void assertRefused(
      TestTlsServer server, TestPki.Leaf client, OutboundTlsSpec spec, String alert) {
    assertThatThrownBy(
            () -> TestTlsClient.ask(client(client, spec).socketFactory(), server.port(), "h2"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(alert);
  }

  private static List<String> causes(TestTlsServer server) {
    List<String> messages = new ArrayList<>();
    for (Throwable failure : server.failures) {
      for (Throwable t = failure; t != null; t = t.getCause()) {
        messages.add(String.valueOf(t.getMessage()));
      }
    }
    return messages;
  }

  private TestTlsServer server(TestPki.Leaf leaf, InboundTlsSpec spec) throws IOException {
    IdentityStore store = store(leaf);
    InboundTlsContexts contexts = new InboundTlsContexts(store, Clock.systemUTC());
    TestTlsServer server = new TestTlsServer(() -> contexts.current(spec));
    servers.add(server);
    return server;
  }

  private TestTlsServer server(InboundTls tls) throws IOException {
    TestTlsServer server = new TestTlsServer(() -> tls);
    servers.add(server);
    return server;
  }

  private static OutboundTlsContext client(TestPki.Leaf leaf, OutboundTlsSpec spec)
      throws IOException {
    return new OutboundTls(store(leaf), Clock.systemUTC()).context(spec);
  }

  private static IdentityStore store(TestPki.Leaf leaf) {
    IdentityStore store = new IdentityStore();
    store.update(leaf.material());
    return store;
  }

  private static OutboundTlsSpec spec() {
    return spec(OutboundTlsSpec.ISTIO_H2);
  }

  private static OutboundTlsSpec spec(List<String> alpn) {
    return OutboundTlsSpec.mesh(SNI, alpn, SanMatcher.exact(SERVER));
  }

  private static List<String> split(String text) {
    return List.of(array(text));
  }

  private static String[] array(String text) {
    return text.isEmpty() ? new String[0] : text.split("\\|");
  }

  @Test
  void aPlainSocketIsNotTls() throws Exception {
    TestTlsServer server = server(pki.leaf(SERVER), INBOUND);
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes());
      await().until(() -> !server.hellos.isEmpty());
      assertThat(server.hellos.element().kind()).isEqualTo(ClientHello.Kind.PLAINTEXT);
    }
    await().until(() -> server.finished.get() == 1);
  }
}
