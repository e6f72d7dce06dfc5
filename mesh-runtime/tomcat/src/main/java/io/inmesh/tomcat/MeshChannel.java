package io.inmesh.tomcat;

import io.inmesh.http.Connection;
import io.inmesh.identity.ClientHello;
import io.inmesh.identity.InboundTls;
import io.inmesh.identity.InboundTlsSelector.Decision;
import io.inmesh.runtime.ClosedConnections;
import io.inmesh.runtime.Engines;
import io.inmesh.runtime.InboundSecurity;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLEngine;
import org.apache.tomcat.util.buf.ByteBufferUtils;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SSLSupport;
import org.apache.tomcat.util.net.SecureNioChannel;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.jspecify.annotations.Nullable;

/**
 * One connection, whose first bytes decide: handed on as they are, TLS ended here, or closed.
 * Tomcat keeps channels for further connections; {@link #reset} begins a new one.
 */
final class MeshChannel extends SecureNioChannel {
  private enum Mode {
    PEEKING,
    PLAINTEXT,
    TLS
  }

  private final InboundSecurity security;
  private final ClosedConnections closedConnections;
  private final Engines engines;
  private volatile Mode mode = Mode.PEEKING;
  private volatile boolean broken;
  private @Nullable InboundTls tls;
  private ClientHello hello = ClientHello.peek(ByteBuffer.allocate(0));
  private @Nullable SSLEngine engine;
  private @Nullable Connection connection;

  MeshChannel(
      SocketBufferHandler buffers,
      NioEndpoint endpoint,
      InboundSecurity security,
      ClosedConnections closedConnections,
      Engines engines) {
    super(buffers, endpoint);
    this.security = security;
    this.closedConnections = closedConnections;
    this.engines = engines;
  }

  /** Who is at the other end; once the handshake is complete. */
  Connection connection() {
    Connection known = connection;
    if (known == null) {
      known = describe();
      connection = known;
    }
    return known;
  }

  private Connection describe() {
    InetSocketAddress local = address(sc.socket().getLocalSocketAddress());
    InetSocketAddress remote = address(sc.socket().getRemoteSocketAddress());
    InboundTls by = tls;
    SSLEngine with = engine;
    return by == null || with == null
        ? Connection.plaintext(ip(local), local.getPort(), ip(remote), remote.getPort())
        : security.connection(
            by, with.getSession(), hello, ip(local), local.getPort(), ip(remote), remote.getPort());
  }

  private static InetSocketAddress address(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress inet
        ? inet
        : InetSocketAddress.createUnresolved("", 0);
  }

  private static String ip(InetSocketAddress address) {
    return address.getAddress() == null ? "" : address.getAddress().getHostAddress();
  }

  // ---- life of a connection

  @Override
  public void reset(SocketChannel channel, NioEndpoint.NioSocketWrapper wrapper)
      throws IOException {
    releaseEngine();
    super.reset(channel, wrapper);
    mode = Mode.PEEKING;
    broken = false;
    tls = null;
    connection = null;
  }

  @Override
  public void free() {
    releaseEngine();
    super.free();
  }

  private void releaseEngine() {
    SSLEngine mine;
    InboundTls by;
    synchronized (this) {
      mine = engine;
      by = tls;
      engine = null;
    }
    if (mine != null && by != null) {
      by.release(mine);
      engines.release();
    }
  }

  /** Waits for the whole ClientHello, however it is cut, before anything is decided. */
  @Override
  public int handshake(boolean read, boolean write) throws IOException {
    if (mode == Mode.PEEKING) {
      if (!netInBuffer.hasRemaining()) {
        netInBuffer = ByteBufferUtils.expand(netInBuffer, netInBuffer.capacity() * 2);
      }
      int count = sc.read(netInBuffer);
      if (count < 0) {
        return -1;
      }
      InetSocketAddress local = address(sc.socket().getLocalSocketAddress());
      InetSocketAddress remote = address(sc.socket().getRemoteSocketAddress());
      InboundSecurity.First first =
          security.decide(ip(local), local.getPort(), ip(remote), netInBuffer.duplicate().flip());
      if (first == null) {
        return SelectionKey.OP_READ;
      }
      if (!take(first, local, remote)) {
        return -1;
      }
    }
    return mode == Mode.PLAINTEXT ? 0 : super.handshake(read, write);
  }

  /** False: to be closed. */
  private boolean take(
      InboundSecurity.First first, InetSocketAddress local, InetSocketAddress remote) {
    Decision decision = first.decision();
    hello = first.hello();
    switch (decision.action()) {
      case PLAINTEXT -> mode = Mode.PLAINTEXT;
      case TERMINATE -> {
        tls = decision.tls();
        mode = Mode.TLS;
      }
      case CLOSE -> {
        closedConnections.say(ip(remote), local.getPort(), decision.reason());
        return false;
      }
    }
    return true;
  }

  /** In place of Tomcat's choice of a certificate by name: the engine was chosen above. */
  @Override
  protected int processSNI() {
    InboundTls by = tls;
    if (by == null) {
      return -1;
    }
    SSLEngine fresh = by.newEngine();
    engines.make();
    synchronized (this) {
      engine = fresh;
    }
    sslEngine = fresh;
    int packet = fresh.getSession().getPacketBufferSize();
    int application =
        Math.max(InboundTls.APPLICATION_BUFFER_SIZE, fresh.getSession().getApplicationBufferSize());
    getBufHandler().expand(application);
    netInBuffer = ByteBufferUtils.expand(netInBuffer, packet);
    netOutBuffer = ByteBufferUtils.expand(netOutBuffer, packet);
    netOutBuffer.position(0);
    netOutBuffer.limit(0);
    try {
      fresh.beginHandshake();
    } catch (IOException e) {
      return -1;
    }
    handshakeStatus = fresh.getHandshakeStatus();
    return 0;
  }

  @Override
  public boolean isHandshakeComplete() {
    return mode == Mode.PLAINTEXT || super.isHandshakeComplete();
  }

  @Override
  public void close() throws IOException {
    if (mode == Mode.TLS) {
      super.close();
    } else {
      sc.close();
    }
  }

  /**
   * Nothing more will be written; the caller sees the end, and what it still sends is no reason for
   * a reset.
   */
  void finishOutput() throws IOException {
    if (mode == Mode.TLS) {
      super.close();
    }
    sc.shutdownOutput();
  }

  @Override
  public void close(boolean force) throws IOException {
    if (mode != Mode.TLS) {
      sc.close();
      return;
    }
    try {
      super.close(force);
    } finally {
      if (!sc.isOpen()) {
        releaseEngine();
      }
    }
  }

  @Override
  public boolean isClosing() {
    return mode == Mode.TLS && super.isClosing();
  }

  /** None, also under TLS: behind a sidecar the application sees plain HTTP. */
  @Override
  public @Nullable SSLSupport getSSLSupport() {
    return null;
  }

  // ---- bytes; what was peeked comes first

  @Override
  public int read(ByteBuffer to) throws IOException {
    if (mode == Mode.TLS) {
      return super.read(to);
    }
    return netInBuffer.position() > 0 ? peeked(to) : sc.read(to);
  }

  @Override
  public long read(ByteBuffer[] to, int offset, int length) throws IOException {
    if (mode == Mode.TLS) {
      return super.read(to, offset, length);
    }
    if (netInBuffer.position() == 0) {
      return sc.read(to, offset, length);
    }
    long count = 0;
    for (int i = offset; i < offset + length && netInBuffer.position() > 0; i++) {
      count += peeked(to[i]);
    }
    return count;
  }

  private int peeked(ByteBuffer to) {
    netInBuffer.flip();
    ByteBuffer part = netInBuffer.slice();
    part.limit(Math.min(to.remaining(), part.remaining()));
    int count = part.remaining();
    to.put(part);
    netInBuffer.position(netInBuffer.position() + count);
    netInBuffer.compact();
    return count;
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    try {
      return mode == Mode.TLS ? super.write(from) : sc.write(from);
    } catch (IOException e) {
      broken = true;
      throw e;
    }
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    try {
      return mode == Mode.TLS ? super.write(from, offset, length) : sc.write(from, offset, length);
    } catch (IOException e) {
      broken = true;
      throw e;
    }
  }

  /** Whether something could not be written: the peer is gone. */
  boolean broken() {
    return broken;
  }

  @Override
  public int getOutboundRemaining() {
    return mode == Mode.TLS ? super.getOutboundRemaining() : 0;
  }

  @Override
  public boolean flushOutbound() throws IOException {
    return mode != Mode.TLS || super.flushOutbound();
  }
}
