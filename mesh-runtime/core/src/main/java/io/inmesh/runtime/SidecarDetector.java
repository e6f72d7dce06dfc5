package io.inmesh.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Looks for an Istio sidecar in this pod, which shares its loopback: Envoy's health and admin
 * ports, the agent's port, the agent's files. Two meshes over the same calls would encrypt, retry
 * and count everything twice.
 */
final class SidecarDetector {
  private static final int CONNECT_MILLIS = 200;
  private static final int READ_MILLIS = 500;
  private static final int HEAD = 2048;

  private final Path root;
  private final int healthPort;
  private final int adminPort;
  private final int agentPort;

  SidecarDetector() {
    this(Path.of("/"), 15021, 15000, 15020);
  }

  SidecarDetector(Path root, int healthPort, int adminPort, int agentPort) {
    this.root = root;
    this.healthPort = healthPort;
    this.adminPort = adminPort;
    this.agentPort = agentPort;
  }

  /** What was seen, in words; null: nothing. */
  @Nullable String look() {
    String answer = ask(healthPort);
    if (isEnvoy(answer)) {
      return "an Envoy that answers on 127.0.0.1:" + healthPort;
    }
    answer = ask(adminPort);
    if (isEnvoy(answer)) {
      return "an Envoy that answers on 127.0.0.1:" + adminPort;
    }
    answer = ask(agentPort);
    if (answer != null && (answer.contains(" 200 ") || answer.contains(" 503 "))) {
      return "an Istio agent that answers on 127.0.0.1:" + agentPort;
    }
    Path files = root.resolve("etc/istio/proxy");
    return hasEntries(files) ? "the files of an Istio agent in " + files : null;
  }

  private static boolean isEnvoy(@Nullable String answer) {
    return answer != null && answer.toLowerCase(Locale.ROOT).contains("\r\nserver: envoy\r\n");
  }

  private static boolean hasEntries(Path directory) {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      return entries.iterator().hasNext();
    } catch (IOException e) {
      return false;
    }
  }

  /** The head of the answer to the agent's own readiness probe; null: nobody speaks HTTP there. */
  private static @Nullable String ask(int port) {
    try (Socket socket = new Socket()) {
      InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
      socket.connect(new InetSocketAddress(loopback, port), CONNECT_MILLIS);
      socket.setSoTimeout(READ_MILLIS);
      String probe =
          "GET /healthz/ready HTTP/1.1\r\nhost: 127.0.0.1:"
              + port
              + "\r\nconnection: close\r\n\r\n";
      socket.getOutputStream().write(probe.getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      StringBuilder head = new StringBuilder();
      for (int b; head.length() < HEAD && head.indexOf("\r\n\r\n") < 0 && (b = in.read()) >= 0; ) {
        head.append((char) b);
      }
      return head.indexOf("HTTP/1.") == 0 ? head.toString() : null;
    } catch (IOException e) {
      return null;
    }
  }
}
