package io.inmesh.xds;

import static io.inmesh.xds.Responses.resource;
import static io.inmesh.xds.Responses.response;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ChannelCredentials;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.TlsServerCredentials;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the control plane is reached: TLS, names, tokens. */
class ConnectionTest extends AdsTestBase {
  private static final TestCertificate CONTROL_PLANE = TestCertificate.forName("istiod.mesh.test");
  private static final TestCertificate WORKLOAD = TestCertificate.forName("workload.mesh.test");

  @TempDir Path directory;
  private final AtomicInteger channels = new AtomicInteger();

  @Test
  void tlsTrustsTheGivenRootsChecksTheNameAndShowsOurCertificate() throws Exception {
    serveTls();
    open(tls(CONTROL_PLANE).serverName("istiod.mesh.test").clusterId("east").build());
    ScriptedServer.Stream stream = server.stream();
    assertThat(header(stream, "clusterid")).isEqualTo("east");
    assertThat(stream.peer().getSubjectX500Principal().getName())
        .isEqualTo("CN=workload.mesh.test");
    stream.request();
    stream.send(response(CDS, "1", resource(CDS, "reviews", "x")));
    stream.request();
    assertThat(handler.names(CDS)).containsExactly("reviews");
  }

  @Test
  void aControlPlaneOfAnotherRootOrNameIsNotTalkedTo() throws Exception {
    serveTls();
    open(tls(WORKLOAD).serverName("istiod.mesh.test").build());
    assertThat(disconnection(1).reason()).contains("certification path");
    client.close();

    open(tls(CONTROL_PLANE).serverName("other.mesh.test").build());
    assertThat(disconnection(2).reason()).contains("other.mesh.test");
    assertThat(server.hasNoMoreStreams()).isTrue();
  }

  @Test
  void theTokenIsReadAnewForEachStream() throws Exception {
    Path token = directory.resolve("istio-token");
    serveTls();
    open(tls(CONTROL_PLANE).serverName("istiod.mesh.test").bearerTokenFile(token).build());
    // not there yet: said by name, and tried again
    assertThat(disconnection(1).reason()).contains("istio-token");
    Files.writeString(token, "first\n");
    time.advance(handler.disconnections.get(0).retryIn());
    ScriptedServer.Stream stream = server.stream();
    assertThat(header(stream, "authorization")).isEqualTo("Bearer first");
    Files.writeString(token, "second\n");
    stream.end(Status.UNAUTHENTICATED.withDescription("authentication failure"));
    time.advance(disconnection(2).retryIn());
    assertThat(header(server.stream(), "authorization")).isEqualTo("Bearer second");
    Files.writeString(token, " \n");
    assertThatThrownBy(() -> tls(CONTROL_PLANE).bearerTokenFile(token).build().headers())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is empty");
  }

  @Test
  void aTokenIsNeverSentInPlaintext() {
    assertThatThrownBy(
            () -> ControlPlaneConnection.plaintext("127.0.0.1", 15010).bearerToken(() -> "secret"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("127.0.0.1:15010")
        .hasMessageNotContaining("secret");
  }

  @Test
  void renewedCredentialsAreUsedByTheNextStream() throws Exception {
    AtomicLong generation = new AtomicLong();
    serveTls();
    open(
        tls(CONTROL_PLANE)
            .serverName("istiod.mesh.test")
            .credentialsGeneration(generation::get)
            .build());
    for (int i = 1; i <= 3; i++) {
      ScriptedServer.Stream stream = server.stream();
      stream.request();
      stream.send(response(CDS, "1", resource(CDS, "reviews", "x")));
      stream.request();
      assertThat(channels.get()).isEqualTo(i < 3 ? 1 : 2);
      if (i == 2) {
        generation.incrementAndGet();
      }
      stream.end(Status.UNAVAILABLE);
      time.advance(disconnection(i).retryIn());
    }
  }

  private void serveTls() throws Exception {
    server.close();
    server =
        new ScriptedServer(
            0,
            TlsServerCredentials.newBuilder()
                .keyManager(
                    new ByteArrayInputStream(CONTROL_PLANE.chainPem()),
                    new ByteArrayInputStream(CONTROL_PLANE.keyPem()))
                .trustManager(new ByteArrayInputStream(WORKLOAD.chainPem()))
                .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE)
                .build());
  }

  private ControlPlaneConnection.Builder tls(TestCertificate trusted) {
    return ControlPlaneConnection.tls("127.0.0.1", server.port(), () -> credentials(trusted));
  }

  private ChannelCredentials credentials(TestCertificate trusted) {
    channels.incrementAndGet();
    try {
      return ControlPlaneConnection.mutual(
          trusted.chainPem(), WORKLOAD.chainPem(), WORKLOAD.keyPem());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void open(ControlPlane controlPlane) {
    client.close();
    client = clientOf(controlPlane);
    client.watchAll(CDS);
    client.start();
  }

  private static String header(ScriptedServer.Stream stream, String name) {
    return stream.headers.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
  }
}
