package io.inmesh.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;

/** Keys and roots that change while connections are made. */
class RotationTest {
  private static final String CLIENT = "spiffe://td/ns/shop/sa/storefront";
  private static final String SERVER = "spiffe://td/ns/shop/sa/reviews";
  private static final InboundTlsSpec INBOUND = InboundTlsSpec.mutual(SanMatcher.trustDomain("td"));
  private static final OutboundTlsSpec OUTBOUND =
      OutboundTlsSpec.mesh(
          "outbound_.8080_._.reviews.shop", OutboundTlsSpec.ISTIO_H2, SanMatcher.exact(SERVER));

  private final TestPki pki = TestPki.create();
  private final IdentityStore serverStore = new IdentityStore();
  private final IdentityStore clientStore = new IdentityStore();

  RotationTest() {
    serverStore.update(pki.leaf(SERVER).material());
    clientStore.update(pki.leaf(CLIENT).material());
  }

  @Test
  void renewalUnderLoadFailsNoHandshake() throws Exception {
    InboundTlsContexts inbound = new InboundTlsContexts(serverStore, Clock.systemUTC());
    OutboundTls outbound = new OutboundTls(clientStore, Clock.systemUTC());
    Queue<Throwable> failed = new ConcurrentLinkedQueue<>();
    Queue<String> answers = new ConcurrentLinkedQueue<>();
    try (TestTlsServer server = new TestTlsServer(() -> inbound.current(INBOUND))) {
      int threads = 4;
      CountDownLatch done = new CountDownLatch(threads);
      ExecutorService load = Executors.newFixedThreadPool(threads);
      for (int t = 0; t < threads; t++) {
        load.execute(
            () -> {
              for (int i = 0; i < 60; i++) {
                try {
                  answers.add(
                      TestTlsClient.ask(
                          outbound.context(OUTBOUND).socketFactory(), server.port(), "h2"));
                } catch (IOException | RuntimeException e) {
                  failed.add(e);
                }
              }
              done.countDown();
            });
      }
      for (int at = 20; at <= 200; at += 20) {
        int wanted = at;
        await()
            .pollInterval(Duration.ofMillis(2))
            .until(() -> answers.size() + failed.size() >= wanted);
        serverStore.update(pki.leaf(SERVER).material());
        clientStore.update(pki.leaf(CLIENT).material());
      }
      assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
      load.shutdown();

      assertThat(failed).isEmpty();
      assertThat(server.failures).isEmpty();
      assertThat(answers).hasSize(240);
      TreeSet<String> keys = new TreeSet<>();
      answers.forEach(answer -> keys.add(answer.replaceAll(".*(key=\\d+).*", "$1")));
      assertThat(keys).as("keys that served").hasSizeGreaterThanOrEqualTo(8);
      assertThat(serverStore.oldestTrustGeneration()).as("nothing to drain").isEqualTo(1);
      await().until(() -> server.finished.get() == 240);
      inbound.close();
      assertReleased(server.engines);
    }
  }

  @Test
  void aRemovedRootDrainsAndThenRefuses() throws Exception {
    TestPki next = TestPki.create("next");
    InboundTlsContexts inbound = new InboundTlsContexts(serverStore, Clock.systemUTC());
    OutboundTls oldClient = new OutboundTls(clientStore, Clock.systemUTC());
    IdentityStore newStore = new IdentityStore();
    newStore.update(next.leaf(CLIENT).trusting(List.of(next.root(), pki.root())).material());
    OutboundTls newClient = new OutboundTls(newStore, Clock.systemUTC());
    try (TestTlsServer server = new TestTlsServer(() -> inbound.current(INBOUND))) {
      assertThatThrownBy(() -> ask(newClient, server)).isInstanceOf(IOException.class);

      // a second root is added: both sides' old connections stay
      TestPki.Leaf leaf = pki.leaf(SERVER);
      serverStore.update(leaf.trusting(List.of(pki.root(), next.root())).material());
      assertThat(serverStore.current().trustGeneration()).isEqualTo(2);
      assertThat(serverStore.oldestTrustGeneration()).isEqualTo(1);
      assertThat(ask(newClient, server)).contains(CLIENT);
      assertThat(ask(oldClient, server)).contains(CLIENT);

      // the first goes: what it verified is to be drained, its clients are refused
      serverStore.update(next.leaf(SERVER).material());
      assertThat(serverStore.current().trustGeneration()).isEqualTo(3);
      assertThat(serverStore.oldestTrustGeneration()).isEqualTo(3);
      assertThat(server.peers).allMatch(p -> p.trustGeneration() < 3);
      assertThatThrownBy(() -> ask(oldClient, server)).isInstanceOf(IOException.class);
      assertThat(ask(newClient, server)).contains(CLIENT);

      // and a client that has let the old root go refuses a server that still shows it
      newStore.update(next.leaf(CLIENT).material());
      serverStore.update(pki.leaf(SERVER).trusting(List.of(pki.root(), next.root())).material());
      assertThatThrownBy(() -> ask(newClient, server))
          .hasMessageContaining("leads to none of the 1 trust roots");
    }
    inbound.close();
  }

  @Test
  void aSessionIsNotResumedAcrossAChangeOfTrust() throws Exception {
    InboundTlsContexts inbound = new InboundTlsContexts(serverStore, Clock.systemUTC());
    OutboundTls client = new OutboundTls(clientStore, Clock.systemUTC());
    try (TestTlsServer server = new TestTlsServer(() -> inbound.current(INBOUND))) {
      ask(client, server);
      TestPki foreign = TestPki.create("foreign");
      clientStore.update(pki.leaf(CLIENT).trusting(List.of(pki.root(), foreign.root())).material());
      clientStore.update(foreign.leaf(CLIENT).material());
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> ask(client, server)).isInstanceOf(IOException.class);
      }
    }
    inbound.close();
  }

  @Test
  void theServerNeverResumesASession() throws Exception {
    InboundTlsContexts inbound = new InboundTlsContexts(serverStore, Clock.systemUTC());
    for (String version : List.of("TLSv1.2", "TLSv1.3")) {
      AtomicInteger verified = new AtomicInteger();
      JsseContext client =
          JsseContext.make(
              new KeyManager[] {new IdentityKeyManager(clientStore.current())},
              new PeerTrustManager(
                  new ChainVerifier(List.of(pki.root()), Instant::now) {
                    @Override
                    void verify(List<X509Certificate> chain, Purpose purpose) {
                      verified.incrementAndGet();
                    }
                  },
                  SanMatcher.any()));
      OutboundTlsSpec spec =
          new OutboundTlsSpec(
              null,
              List.of("h2"),
              SanMatcher.exact(SERVER),
              TlsVersions.of(version, version),
              OutboundTlsSpec.Trust.MESH);
      try (TestTlsServer server = new TestTlsServer(() -> inbound.current(INBOUND))) {
        for (int i = 0; i < 3; i++) {
          TestTlsClient.ask(new MeshSslSocketFactory(client, spec), server.port());
        }
      }
      // a resumed session passes the trust manager by
      assertThat(verified).as(version).hasValue(3);
    }
    inbound.close();
  }

  /** The client's side: JSSE does resume, and the name is looked at each time. */
  @Test
  void aResumedSessionIsJudgedByTheNameThatIsWantedNow() throws Exception {
    SSLServerSocket listening = jsseServer();
    OutboundTls client = new OutboundTls(clientStore, Clock.systemUTC());
    OutboundTlsSpec wrong =
        OutboundTlsSpec.mesh(null, List.of("h2"), SanMatcher.exact("spiffe://td/ns/x/sa/y"));
    OutboundTlsSpec right = OutboundTlsSpec.mesh(null, List.of("h2"), SanMatcher.exact(SERVER));
    try (listening) {
      List<Long> sessions = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        try (SSLSocket socket =
            TestTlsClient.connect(
                client.context(right).socketFactory(), listening.getLocalPort())) {
          TestTlsClient.exchange(socket);
          sessions.add(socket.getSession().getCreationTime());
        }
      }
      assertThat(sessions.get(2))
          .as("resumed: the first session's time")
          .isEqualTo(sessions.get(0));
      assertThatThrownBy(
              () ->
                  TestTlsClient.ask(
                      client.context(wrong).socketFactory(), listening.getLocalPort()))
          .isInstanceOf(SSLPeerUnverifiedException.class)
          .hasMessageContaining(SERVER);
    }
  }

  private SSLServerSocket jsseServer() throws IOException {
    JsseContext context = JsseContext.of(serverStore.current(), Clock.systemUTC());
    SSLServerSocket listening =
        (SSLServerSocket) context.ssl().getServerSocketFactory().createServerSocket(0);
    Thread thread =
        new Thread(
            () -> {
              while (true) {
                try (Socket socket = listening.accept()) {
                  socket.getInputStream().read(new byte[100]);
                  socket.getOutputStream().write("hello\n".getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                  if (listening.isClosed()) {
                    return;
                  }
                }
              }
            });
    thread.setDaemon(true);
    thread.start();
    return listening;
  }

  @Test
  void anEngineAskedForInTheMomentOfARenewalStillWorks() throws Exception {
    InboundTls retired =
        InboundTlsContexts.create(serverStore.current(), INBOUND, Clock.systemUTC());
    retired.retire();
    retired.retire();
    try (TestTlsServer server = new TestTlsServer(() -> retired)) {
      assertThat(ask(new OutboundTls(clientStore, Clock.systemUTC()), server)).contains(CLIENT);
      await().until(() -> server.finished.get() == 1);
      assertReleased(server.engines);
    }
  }

  @Test
  void fiveHundredConnectionsOfFiveKindsLeaveNoEngine() throws Exception {
    InboundTlsContexts inbound = new InboundTlsContexts(serverStore, Clock.systemUTC());
    OutboundTls good = new OutboundTls(clientStore, Clock.systemUTC());
    OutboundTlsSpec nobody =
        OutboundTlsSpec.simple(
            null,
            List.of("h2"),
            SanMatcher.exact(SERVER),
            OutboundTlsSpec.Trust.roots(List.of(pki.root())));
    OutboundTlsSpec wrongName =
        OutboundTlsSpec.mesh(null, List.of("h2"), SanMatcher.exact("spiffe://td/ns/x/sa/y"));
    byte[] halfHello = {22, 3, 1, 0, 100, 1, 0};
    int answered = 0;
    try (TestTlsServer server = new TestTlsServer(() -> inbound.current(INBOUND))) {
      for (int i = 0; i < 500; i++) {
        switch (i % 5) {
          case 0 -> {
            ask(good, server);
            answered++;
          }
          case 1 -> refused(good, nobody, server);
          case 2 -> refused(good, wrongName, server);
          case 3 -> raw(server, halfHello);
          default -> {
            byte[] garbage = new byte[200];
            Arrays.fill(garbage, (byte) 22);
            garbage[1] = 3;
            raw(server, garbage);
          }
        }
        if (i == 250) {
          serverStore.update(pki.leaf(SERVER).material());
        }
      }
      await().until(() -> server.finished.get() == 500);
      assertThat(answered).isEqualTo(100);
      assertThat(server.engines).hasSize(500);
      inbound.close();
      assertReleased(server.engines);
    }
  }

  private static void refused(OutboundTls client, OutboundTlsSpec spec, TestTlsServer server) {
    assertThatThrownBy(() -> TestTlsClient.ask(client.context(spec).socketFactory(), server.port()))
        .isInstanceOf(IOException.class);
  }

  private static void raw(TestTlsServer server, byte[] bytes) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      socket.getOutputStream().write(bytes);
    }
  }

  private static String ask(OutboundTls client, TestTlsServer server) throws IOException {
    return TestTlsClient.ask(client.context(OUTBOUND).socketFactory(), server.port(), "h2");
  }

  private static void assertReleased(List<SSLEngine> engines) {
    await()
        .untilAsserted(
            () ->
                assertThat(engines)
                    .isNotEmpty()
                    .allMatch(engine -> BoringSslInboundTls.references(engine) == 0));
  }
}
