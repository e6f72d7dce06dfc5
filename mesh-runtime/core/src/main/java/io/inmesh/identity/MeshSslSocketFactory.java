package io.inmesh.identity;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.util.List;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** Makes {@link MeshSslSocket}s. Value-equal, so that HTTP libraries share its connections. */
final class MeshSslSocketFactory extends SSLSocketFactory {
  private final JsseContext context;
  private final OutboundTlsSpec spec;
  private final SSLSocketFactory jsse;

  MeshSslSocketFactory(JsseContext context, OutboundTlsSpec spec) {
    this.context = context;
    this.spec = spec;
    this.jsse = context.ssl().getSocketFactory();
  }

  @Override
  public Socket createSocket(Socket socket, String host, int port, boolean autoClose)
      throws IOException {
    return dress(jsse.createSocket(socket, host, port, autoClose), host + ":" + port);
  }

  @Override
  public Socket createSocket() throws IOException {
    return dress(jsse.createSocket(), "the server");
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException, UnknownHostException {
    return dress(jsse.createSocket(host, port), host + ":" + port);
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort)
      throws IOException, UnknownHostException {
    return dress(jsse.createSocket(host, port, localHost, localPort), host + ":" + port);
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return dress(jsse.createSocket(host, port), host + ":" + port);
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return dress(jsse.createSocket(host, port, localHost, localPort), host + ":" + port);
  }

  private SSLSocket dress(Socket made, String peer) {
    SSLSocket socket = (SSLSocket) made;
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(
        spec.sni() == null ? List.of() : List.of(new RawServerName(spec.sni())));
    parameters.setProtocols(spec.versions().javaNames());
    parameters.setEndpointIdentificationAlgorithm(null);
    if (!spec.alpn().isEmpty()) {
      parameters.setApplicationProtocols(spec.alpn().toArray(String[]::new));
    }
    socket.setSSLParameters(parameters);
    return new MeshSslSocket(socket, spec, peer);
  }

  @Override
  public String[] getDefaultCipherSuites() {
    return jsse.getDefaultCipherSuites();
  }

  @Override
  public String[] getSupportedCipherSuites() {
    return jsse.getSupportedCipherSuites();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MeshSslSocketFactory that
        && context.equals(that.context)
        && spec.equals(that.spec);
  }

  @Override
  public int hashCode() {
    return 31 * context.hashCode() + spec.hashCode();
  }
}
