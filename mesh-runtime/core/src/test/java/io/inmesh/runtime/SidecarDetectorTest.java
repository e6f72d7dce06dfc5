package io.inmesh.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.Mesh;
import io.inmesh.MeshConfig;
import io.inmesh.MeshException;
import io.inmesh.Setting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A sidecar in the same pod, seen by what it answers on loopback and by its files. */
@Timeout(30)
class SidecarDetectorTest {
  private static final String ENVOY =
      "HTTP/1.1 503 Service Unavailable\r\ndate: now\r\nserver: envoy\r\n\r\n";
  private static final String AGENT = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  private static final String NGINX = "HTTP/1.1 200 OK\r\nserver: nginx\r\n\r\n";

  @TempDir Path root;

  /** Answers every connection with that text. */
  private static ServerSocket answering(String text) throws IOException {
    ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    Thread thread =
        new Thread(
            () -> {
              while (true) {
                try (Socket socket = listener.accept()) {
                  socket.getInputStream().read(new byte[1024]);
                  socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
                } catch (IOException closed) {
                  return;
                }
              }
            });
    thread.setDaemon(true);
    thread.start();
    return listener;
  }

  /** A port where nobody listens, for as long as the test runs. */
  private static ServerSocket silent() throws IOException {
    return answering("");
  }

  private @org.jspecify.annotations.Nullable String look(String health, String admin, String agent)
      throws IOException {
    try (ServerSocket onHealth = answering(health);
        ServerSocket onAdmin = answering(admin);
        ServerSocket onAgent = answering(agent)) {
      return new SidecarDetector(
              root, onHealth.getLocalPort(), onAdmin.getLocalPort(), onAgent.getLocalPort())
          .look();
    }
  }

  @Test
  void envoyIsSeenOnItsHealthAndAdminPorts() throws IOException {
    assertThat(look(ENVOY, "", "")).startsWith("an Envoy that answers on 127.0.0.1:");
    assertThat(look("", ENVOY, "")).startsWith("an Envoy that answers on 127.0.0.1:");
  }

  @Test
  void theAgentIsSeenOnItsPortAndByItsFiles() throws IOException {
    assertThat(look("", "", AGENT)).startsWith("an Istio agent that answers on 127.0.0.1:");
    Files.createDirectories(root.resolve("etc/istio/proxy"));
    assertThat(look("", "", "")).as("an empty directory").isNull();
    Files.createFile(root.resolve("etc/istio/proxy/XDS"));
    assertThat(look("", "", "")).contains("files of an Istio agent").contains("etc/istio/proxy");
  }

  @Test
  void otherServersOnThosePortsAreNotMistaken() throws IOException {
    assertThat(look(NGINX, NGINX, "SSH-2.0-OpenSSH\r\n")).isNull();
  }

  @Test
  void inmeshStandsDownAndSaysWhatItSaw() throws Exception {
    try (ServerSocket envoy = answering(ENVOY);
        ServerSocket nobody = silent();
        CapturedLog log = new CapturedLog()) {
      SidecarDetector sidecar =
          new SidecarDetector(
              root, envoy.getLocalPort(), nobody.getLocalPort(), nobody.getLocalPort());
      Mesh mesh = RuntimeProvider.start(settings("stand-down"), sidecar);
      assertThat(mesh.wrap(String.class, "client")).isEqualTo("client");
      assertThat(mesh.status().enabled()).isFalse();
      assertThat(mesh.status().lastFailure()).contains("a sidecar in this pod");
      assertThat(log.lines("WARN"))
          .singleElement()
          .asString()
          .contains("stands down", "127.0.0.1:" + envoy.getLocalPort(), "inmesh.on-sidecar");
      assertThatThrownBy(() -> RuntimeProvider.start(settings("ignore"), sidecar))
          .as("it goes on to its control plane, which is not there")
          .isInstanceOf(MeshException.class)
          .hasMessageContaining("has not started");
      assertThatThrownBy(() -> RuntimeProvider.start(settings("maybe"), sidecar))
          .isInstanceOf(MeshException.class)
          .hasMessageContaining("stand-down or ignore");
    }
  }

  private static Settings settings(String onSidecar) {
    return Settings.resolve(
        MeshConfig.builder()
            .controlPlane("127.0.0.1:1")
            .set(Setting.CONTROL_PLANE_PLAINTEXT, "true")
            .set(Setting.IDENTITY, "none")
            .set(Setting.START_LIMIT, "1ms")
            .set(Setting.ON_SIDECAR, onSidecar)
            .build(),
        key -> null,
        key -> null);
  }
}
