package io.inmesh.okhttp;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Sockets for the application's own TLS: whatever they are asked to connect to, they connect to the
 * endpoint, so that the URL, and with it SNI and the name that is verified, stays the
 * application's. Under the mesh's mTLS the handshake is part of connecting.
 */
final class EndpointSockets extends MeshSocketFactory {
  private final @Nullable SSLSocketFactory tls;
  private final String ip;
  private final int port;

  private EndpointSockets(@Nullable SSLSocketFactory tls, String ip, int port) {
    this.tls = tls;
    this.ip = ip;
    this.port = port;
  }

  static EndpointSockets plain(String ip, int port) {
    return new EndpointSockets(null, ip, port);
  }

  static EndpointSockets under(SSLSocketFactory tls, String ip, int port) {
    return new EndpointSockets(tls, ip, port);
  }

  @Override
  public Socket createSocket() throws IOException {
    Socket socket = new Endpoint();
    socket.setTcpNoDelay(true);
    return socket;
  }

  private final class Endpoint extends Socket {
    private volatile @Nullable Socket secured;

    @Override
    public void connect(SocketAddress asked, int timeout) throws IOException {
      super.connect(new InetSocketAddress(InetAddress.getByName(ip), port), timeout);
      if (tls != null) {
        setSoTimeout(timeout);
        // not this very object: the TLS socket must read the bare bytes
        Socket layered = tls.createSocket(new Bare(this), ip, port, true);
        layered.getOutputStream(); // shakes hands, and checks the peer's name
        secured = layered;
        setSoTimeout(0);
      }
    }

    private InputStream bareInput() throws IOException {
      return super.getInputStream();
    }

    private OutputStream bareOutput() throws IOException {
      return super.getOutputStream();
    }

    @Override
    public InputStream getInputStream() throws IOException {
      Socket socket = secured;
      return socket == null ? super.getInputStream() : socket.getInputStream();
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
      Socket socket = secured;
      return socket == null ? super.getOutputStream() : socket.getOutputStream();
    }
  }

  /** The connection below the mesh's TLS. */
  private static final class Bare extends Socket {
    private final Endpoint endpoint;

    Bare(Endpoint endpoint) {
      this.endpoint = endpoint;
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return endpoint.bareInput();
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
      return endpoint.bareOutput();
    }

    @Override
    public boolean isConnected() {
      return true;
    }

    @Override
    public boolean isClosed() {
      return endpoint.isClosed();
    }

    @Override
    public void close() throws IOException {
      endpoint.close();
    }

    @Override
    public void setSoTimeout(int millis) throws SocketException {
      endpoint.setSoTimeout(millis);
    }

    @Override
    public int getSoTimeout() throws SocketException {
      return endpoint.getSoTimeout();
    }

    @Override
    public @Nullable InetAddress getInetAddress() {
      return endpoint.getInetAddress();
    }

    @Override
    public int getPort() {
      return endpoint.getPort();
    }

    @Override
    public @Nullable SocketAddress getRemoteSocketAddress() {
      return endpoint.getRemoteSocketAddress();
    }
  }
}
