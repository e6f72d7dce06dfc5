package io.inmesh.javahttp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * The application's own TLS for https calls, as the JDK's client sets it up: its SSLContext, its
 * SSLParameters, and the peer's name checked by JSSE. OkHttp adds ALPN afterwards.
 */
final class JdkTls extends SSLSocketFactory {
  /** The JDK's client reads it as well. */
  private static final boolean ANY_NAME =
      Boolean.getBoolean("jdk.internal.httpclient.disableHostnameVerification");

  private final SSLSocketFactory jsse;
  private final SSLParameters given;

  JdkTls(SSLSocketFactory jsse, SSLParameters given) {
    this.jsse = jsse;
    this.given = given;
  }

  private Socket dress(Socket made) {
    SSLSocket socket = (SSLSocket) made;
    SSLParameters parameters = socket.getSSLParameters();
    if (given.getProtocols() != null) {
      parameters.setProtocols(given.getProtocols());
    }
    if (given.getCipherSuites() != null) {
      parameters.setCipherSuites(given.getCipherSuites());
    }
    if (given.getAlgorithmConstraints() != null) {
      parameters.setAlgorithmConstraints(given.getAlgorithmConstraints());
    }
    if (!ANY_NAME) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
    }
    socket.setSSLParameters(parameters);
    return socket;
  }

  @Override
  public Socket createSocket(Socket socket, String host, int port, boolean autoClose)
      throws IOException {
    return dress(jsse.createSocket(socket, host, port, autoClose));
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return dress(jsse.createSocket(host, port));
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return dress(jsse.createSocket(host, port, localHost, localPort));
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return dress(jsse.createSocket(host, port));
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return dress(jsse.createSocket(host, port, localHost, localPort));
  }

  @Override
  public String[] getDefaultCipherSuites() {
    return jsse.getDefaultCipherSuites();
  }

  @Override
  public String[] getSupportedCipherSuites() {
    return jsse.getSupportedCipherSuites();
  }
}
