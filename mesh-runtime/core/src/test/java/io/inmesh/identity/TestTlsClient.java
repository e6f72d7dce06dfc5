package io.inmesh.identity;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** Does with a socket factory what OkHttp does with it. */
public final class TestTlsClient {
  private TestTlsClient() {}

  public static String ask(SSLSocketFactory factory, int port, String... alpnOfTheLibrary)
      throws IOException {
    try (SSLSocket socket = connect(factory, port)) {
      if (alpnOfTheLibrary.length > 0) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(alpnOfTheLibrary);
        socket.setSSLParameters(parameters);
      }
      socket.startHandshake();
      return exchange(socket) + " client-read=" + socket.getApplicationProtocol();
    }
  }

  public static SSLSocket connect(SSLSocketFactory factory, int port) throws IOException {
    Socket plain = new Socket(InetAddress.getLoopbackAddress(), port);
    plain.setSoTimeout(10_000);
    plain.setTcpNoDelay(true);
    return (SSLSocket) factory.createSocket(plain, "127.0.0.1", port, true);
  }

  public static String exchange(SSLSocket socket) throws IOException {
    socket.getOutputStream().write("hello\n".getBytes(StandardCharsets.UTF_8));
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    String line = reader.readLine();
    if (line == null) {
      throw new EOFException("closed without an answer");
    }
    return line;
  }
}
