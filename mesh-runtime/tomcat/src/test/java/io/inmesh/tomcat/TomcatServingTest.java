package io.inmesh.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.inmesh.MeshException;
import io.inmesh.call.Outcome;
import io.inmesh.config.HttpFilterConfig;
import io.inmesh.config.HttpManager;
import io.inmesh.config.HttpOptions;
import io.inmesh.config.RbacTestKit;
import io.inmesh.config.TestTables;
import io.inmesh.conformance.MeshPeer;
import io.inmesh.conformance.MtlsMode;
import io.inmesh.identity.IdentityStore;
import io.inmesh.identity.OutboundTls;
import io.inmesh.identity.OutboundTlsSpec;
import io.inmesh.identity.SanMatcher;
import io.inmesh.identity.TestPki;
import io.inmesh.runtime.TestMesh;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import okhttp3.Response;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.servlets.DefaultServlet;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http2.Http2Protocol;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a meshed Tomcat serves beside servlets that answer: files, nothing, upgrades, half of it.
 */
@Timeout(60)
class TomcatServingTest {
  private static final String STOREFRONT = "spiffe://cluster.local/ns/shop/sa/storefront";
  private static final HttpFilterConfig NO_ADMIN =
      RbacTestKit.filter(
          """
          {'rules': {'action': 'DENY', 'policies': {'no-admin': {
            'permissions': [{'url_path': {'path': {'prefix': '/admin'}}}],
            'principals': [{'any': true}]}}}}
          """);

  @TempDir Path files;

  private final TestPki pki = TestPki.create();
  private final TestMesh mesh = new TestMesh();
  private final Tomcat tomcat = new Tomcat();
  private Connector connector;

  @BeforeEach
  void start() throws Exception {
    mesh.use(pki.leaf("spiffe://cluster.local/ns/shop/sa/reviews").material());
    HttpManager manager =
        new HttpManager(
            "virtualInbound/0.0.0.0_18080",
            true,
            TestTables.table("inbound", TestTables.to("inbound|18080||").route()),
            List.of(NO_ADMIN),
            HttpOptions.sidecar(true));
    mesh.use(new TestTables().inbound(MtlsMode.PERMISSIVE.table(manager)));
    Files.writeString(files.resolve("small.txt"), "small");
    Files.writeString(files.resolve("large.txt"), "0123456789".repeat(50_000));
    Files.createDirectories(files.resolve("admin"));
    Files.writeString(files.resolve("admin/secret.txt"), "secret");

    tomcat.setBaseDir(files.toString());
    Connector plain = new Connector(new Http11NioProtocol());
    plain.setPort(0);
    plain.setProperty("address", "127.0.0.1");
    plain.setProperty("maxHttpRequestHeaderSize", "12345");
    plain.setProperty("socket.soTimeout", "54321");
    plain.addUpgradeProtocol(new Http2Protocol());
    connector = new ConnectorMeshAdapter().wrap(plain, mesh);
    tomcat.setConnector(connector);
    Context context = tomcat.addContext("", files.toString());
    Tomcat.addServlet(context, "files", new DefaultServlet());
    context.addServletMappingDecoded("/", "files");
    Tomcat.addServlet(context, "upgrade", new Upgrading());
    context.addServletMappingDecoded("/upgrade", "upgrade");
    Tomcat.addServlet(context, "endless", new Endless());
    context.addServletMappingDecoded("/endless", "endless");
    tomcat.start();
  }

  @AfterEach
  void stop() throws Exception {
    tomcat.stop();
    tomcat.destroy();
    mesh.close();
  }

  private int port() {
    return connector.getLocalPort();
  }

  private List<MeshPeer> everyKind() {
    TestPki.Leaf leaf = pki.leaf(STOREFRONT);
    return List.of(
        MeshPeer.mutual(leaf, false),
        MeshPeer.mutual(leaf, true),
        MeshPeer.plaintext(false),
        MeshPeer.plaintext(true));
  }

  // ---- files and nothing

  @Test
  void filesAreServedUnderPolicyLargeOnesToo() throws IOException {
    for (MeshPeer peer : everyKind()) {
      try (peer;
          Response small = peer.get(port(), "/small.txt")) {
        assertThat(small.body().string()).isEqualTo("small");
        assertThat(small.header("server")).isEqualTo("istio-envoy");
        try (Response large = peer.get(port(), "/large.txt")) {
          assertThat(large.body().string()).hasSize(500_000).endsWith("0123456789");
        }
        try (Response secret = peer.get(port(), "/admin/secret.txt")) {
          assertThat(secret.code()).isEqualTo(403);
          assertThat(secret.body().string()).isEqualTo("RBAC: access denied");
        }
      }
    }
  }

  @Test
  void whatIsNotThereIsNotFoundAndWhatIsDeniedIsDenied() throws IOException {
    for (MeshPeer peer : everyKind()) {
      try (peer;
          Response nothing = peer.get(port(), "/nothing")) {
        assertThat(nothing.code()).isEqualTo(404);
        assertThat(nothing.header("server")).isEqualTo("istio-envoy");
        try (Response denied = peer.get(port(), "/admin/nothing")) {
          assertThat(denied.code()).isEqualTo(403);
        }
      }
    }
    // in no order: what the application answered is over a moment after its caller has it
    await()
        .untilAsserted(
            () ->
                assertThat(mesh.outcomes())
                    .extracting(Outcome::status)
                    .containsExactlyInAnyOrder(404, 403, 404, 403, 404, 403, 404, 403));
  }

  // ---- upgrades

  @Test
  void aConnectionMayBeUpgraded() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
      upgradeAndEcho(socket);
    }
    try (SSLSocket socket = tls()) {
      upgradeAndEcho(socket);
    }
    await()
        .untilAsserted(
            () -> {
              assertThat(mesh.outcomes()).hasSize(2);
              assertThat(mesh.outcomes())
                  .allSatisfy(
                      outcome -> {
                        assertThat(outcome.status()).isEqualTo(101);
                        assertThat(outcome.flags()).hasToString("-");
                      });
            });
  }

  @Test
  void anUpgradeIsUnderPolicyToo() throws Exception {
    try (SSLSocket socket = tls()) {
      String answer = ask(socket, "GET /admin/chat");
      assertThat(answer).startsWith("HTTP/1.1 403");
    }
  }

  private static String ask(Socket socket, String line) throws IOException {
    socket.setSoTimeout(20_000);
    String request =
        line
            + " HTTP/1.1\r\nhost: reviews\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
            + "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int b = socket.getInputStream().read();
      if (b < 0) {
        throw new IOException("ended after: " + head);
      }
      head.append((char) b);
    }
    return head.toString();
  }

  private static void upgradeAndEcho(Socket socket) throws IOException {
    assertThat(ask(socket, "GET /upgrade"))
        .startsWith("HTTP/1.1 101")
        .containsIgnoringCase("upgrade: websocket")
        .containsIgnoringCase("connection: upgrade");
    for (String text : List.of("first", "later")) {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();
      assertThat(new String(socket.getInputStream().readNBytes(5), StandardCharsets.US_ASCII))
          .isEqualTo(text);
    }
  }

  private SSLSocket tls() throws Exception {
    IdentityStore store = new IdentityStore();
    store.update(pki.leaf(STOREFRONT).material());
    SSLSocketFactory factory =
        new OutboundTls(store, Clock.systemUTC())
            .context(
                OutboundTlsSpec.mesh(
                    "outbound_.8080_._.reviews", OutboundTlsSpec.ISTIO_HTTP_1_1, SanMatcher.any()))
            .socketFactory();
    Socket plain = new Socket(InetAddress.getLoopbackAddress(), port());
    return (SSLSocket) factory.createSocket(plain, "127.0.0.1", port(), true);
  }

  /** Upgrades every request; what comes afterwards is sent back. */
  private static final class Upgrading extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      response.setHeader("upgrade", "websocket");
      response.setHeader("connection", "upgrade");
      try {
        request.upgrade(Echo.class);
      } catch (jakarta.servlet.ServletException e) {
        throw new IOException(e);
      }
    }
  }

  /** Made by Tomcat. */
  public static final class Echo implements HttpUpgradeHandler {
    @Override
    public void init(WebConnection connection) {
      Thread thread =
          new Thread(
              () -> {
                try (connection) {
                  InputStream in = connection.getInputStream();
                  OutputStream out = connection.getOutputStream();
                  for (int b; (b = in.read()) >= 0; ) {
                    out.write(b);
                    out.flush();
                  }
                } catch (Exception e) {
                  // the peer is gone
                }
              });
      thread.setDaemon(true);
      thread.start();
    }

    @Override
    public void destroy() {}
  }

  // ---- half of it

  @Test
  void aCallerThatLeavesIsNoticedAndNothingIsLeftRunning() throws Exception {
    int kind = 0;
    for (MeshPeer peer : everyKind()) {
      kind++;
      int before = mesh.outcomes().size();
      try (peer;
          Response answer = peer.get(port(), "/endless")) {
        assertThat(answer.code()).isEqualTo(200);
        assertThat(answer.body().byteStream().readNBytes(1000)).hasSize(1000);
      }
      await()
          .atMost(20, TimeUnit.SECONDS)
          .untilAsserted(() -> assertThat(mesh.outcomes()).hasSize(before + 1));
      assertThat(mesh.lastOutcome().flags()).as("kind " + kind).hasToString("DC");
    }
    MeshProtocol protocol = (MeshProtocol) connector.getProtocolHandler();
    await().untilAsserted(() -> assertThat(protocol.requests().none()).isTrue());
    await()
        .atMost(20, TimeUnit.SECONDS)
        .untilAsserted(
            () -> assertThat(protocol.engines().released()).isEqualTo(protocol.engines().made()));
  }

  /** Writes until somebody stops it. */
  private static final class Endless extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      byte[] block = new byte[8192];
      while (true) {
        response.getOutputStream().write(block);
        response.getOutputStream().flush();
      }
    }
  }

  // ---- the connector

  @Test
  void aMeshedConnectorKeepsItsSettings() {
    assertThat(connector.getProtocolHandler()).isInstanceOf(MeshProtocol.class);
    assertThat(connector.getProperty("maxHttpRequestHeaderSize")).isEqualTo(12345);
    assertThat(connector.getProperty("socket.soTimeout")).hasToString("54321");
    assertThat(new ConnectorMeshAdapter().wrap(connector, mesh)).isSameAs(connector);
  }

  @Test
  void aConnectorThatCannotBeMeshedIsRefusedWithTheReason() throws Exception {
    Connector secure = new Connector(new Http11NioProtocol());
    secure.setProperty("SSLEnabled", "true");
    assertThatThrownBy(() -> new ConnectorMeshAdapter().wrap(secure, mesh))
        .isInstanceOf(MeshException.class)
        .hasMessageContaining("must speak plain HTTP over NIO");
    Connector ajp = new Connector("AJP/1.3");
    assertThatThrownBy(() -> new ConnectorMeshAdapter().wrap(ajp, mesh))
        .isInstanceOf(MeshException.class)
        .hasMessageContaining("must speak plain HTTP over NIO");
    Connector started = new Connector(new Http11NioProtocol());
    started.setPort(0);
    tomcat.getService().addConnector(started);
    assertThatThrownBy(() -> new ConnectorMeshAdapter().wrap(started, mesh))
        .isInstanceOf(MeshException.class)
        .hasMessageContaining("has been started already: wrap it before");
  }
}
