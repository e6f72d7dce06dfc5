package io.inmesh.jdkhttpserver;

import io.inmesh.http.Connection;
import io.inmesh.identity.ClientHello;
import io.inmesh.identity.InboundTls;
import io.inmesh.runtime.InboundSecurity;
import java.lang.ref.Cleaner;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * One connection, whose first bytes decide: passed through as they are, TLS ended by the mesh's
 * engine, or closed. The JDK's server gives TLS and plaintext no other place on one port.
 */
final class MeshEngine extends SSLEngine {
  private enum Mode {
    PEEKING,
    PLAINTEXT,
    TLS,
    RELEASED
  }

  private static final int RECORD_HEADER = 5;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final MeshConnections connections;
  private final EngineSession session = new EngineSession(this);
  private volatile Mode mode = Mode.PEEKING;
  private volatile boolean inboundDone;
  private volatile boolean outboundDone;
  private volatile boolean broken;
  private volatile @Nullable InetSocketAddress peer;
  private volatile @Nullable ClientHello hello;
  private volatile @Nullable InboundTls tls;
  private volatile @Nullable SSLEngine engine;
  private volatile Cleaner.@Nullable Cleanable release;
  private volatile @Nullable Connection connection;

  MeshEngine(MeshConnections connections) {
    this.connections = connections;
  }

  /** Who is at the other end; once a request has been read. */
  Connection connection(InetSocketAddress local, InetSocketAddress remote) {
    Connection known = connection;
    if (known == null) {
      known = describe(local, remote);
      connection = known;
    }
    return known;
  }

  private Connection describe(InetSocketAddress local, InetSocketAddress remote) {
    String localIp = MeshConnections.ip(local);
    String remoteIp = MeshConnections.ip(remote);
    InboundTls by = tls;
    SSLEngine with = engine;
    ClientHello first = hello;
    return by == null || with == null || first == null
        ? Connection.plaintext(localIp, local.getPort(), remoteIp, remote.getPort())
        : connections
            .security()
            .connection(
                by, with.getSession(), first, localIp, local.getPort(), remoteIp, remote.getPort());
  }

  /** Nothing more passes: whatever the server does next ends the connection. */
  void breakOff() {
    broken = true;
  }

  // ---- bytes

  @Override
  public SSLEngineResult unwrap(ByteBuffer from, ByteBuffer[] to, int offset, int length)
      throws SSLException {
    if (broken) {
      throw new SSLException("the connection was broken off by the mesh");
    }
    if (mode == Mode.PEEKING) {
      InboundSecurity.First first = connections.decide(peer, from.duplicate());
      if (first == null) {
        return result(Status.BUFFER_UNDERFLOW, HandshakeStatus.NEED_UNWRAP, 0);
      }
      take(first);
    }
    SSLEngine own = engine;
    if (own != null && mode == Mode.TLS) {
      try {
        return own.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING
            ? own.unwrap(from, to, offset, length)
            : current(own, handshake(own, from, to, offset, length));
      } catch (SSLException e) {
        release();
        throw e;
      }
    }
    if (inboundDone || mode == Mode.RELEASED) {
      return result(Status.CLOSED, HandshakeStatus.NOT_HANDSHAKING, 0);
    }
    if (!from.hasRemaining()) {
      return result(Status.BUFFER_UNDERFLOW, HandshakeStatus.NOT_HANDSHAKING, 0);
    }
    int count = 0;
    for (int i = offset; i < offset + length; i++) {
      count += copy(from, to[i]);
    }
    Status status = count == 0 ? Status.BUFFER_OVERFLOW : Status.OK;
    return result(status, HandshakeStatus.NOT_HANDSHAKING, count);
  }

  @Override
  public SSLEngineResult wrap(ByteBuffer[] from, int offset, int length, ByteBuffer to)
      throws SSLException {
    if (broken) {
      throw new SSLException("the connection was broken off by the mesh");
    }
    SSLEngine own = engine;
    if (own != null && mode == Mode.TLS) {
      try {
        SSLEngineResult result = own.wrap(from, offset, length, to);
        if (result.getStatus() == Status.CLOSED) {
          release();
          return result(Status.CLOSED, HandshakeStatus.NOT_HANDSHAKING, 0, result.bytesProduced());
        }
        return current(own, result);
      } catch (SSLException e) {
        release();
        throw e;
      }
    }
    if (outboundDone || mode == Mode.RELEASED) {
      return result(Status.CLOSED, HandshakeStatus.NOT_HANDSHAKING, 0);
    }
    if (mode == Mode.PEEKING) {
      return result(Status.OK, HandshakeStatus.NEED_UNWRAP, 0);
    }
    int count = 0;
    boolean more = false;
    for (int i = offset; i < offset + length; i++) {
      count += copy(from[i], to);
      more |= from[i].hasRemaining();
    }
    Status status = count == 0 && more ? Status.BUFFER_OVERFLOW : Status.OK;
    return result(status, HandshakeStatus.NOT_HANDSHAKING, count);
  }

  private void take(InboundSecurity.First first) throws SSLException {
    InboundTls by = first.decision().tls();
    if (by == null) {
      mode = Mode.PLAINTEXT;
      return;
    }
    SSLEngine own = by.newEngine();
    release = connections.hold(this, by, own);
    hello = first.hello();
    tls = by;
    engine = own;
    mode = Mode.TLS;
    own.beginHandshake();
  }

  /**
   * One record at a time, and asked again after each: an engine may read the first request along
   * with the last of the handshake, or report its end one call late. The server would lose that
   * request.
   */
  private static SSLEngineResult handshake(
      SSLEngine own, ByteBuffer from, ByteBuffer[] to, int offset, int length) throws SSLException {
    int at = from.position();
    if (from.remaining() < RECORD_HEADER
        || from.remaining() < RECORD_HEADER + (from.getShort(at + 3) & 0xffff)) {
      return result(Status.BUFFER_UNDERFLOW, own.getHandshakeStatus(), 0);
    }
    ByteBuffer record = from.duplicate();
    record.limit(at + RECORD_HEADER + (from.getShort(at + 3) & 0xffff));
    SSLEngineResult result = own.unwrap(record, to, offset, length);
    from.position(record.position());
    if (result.getStatus() == Status.OK
        && result.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP) {
      SSLEngineResult again = own.unwrap(NOTHING, to, offset, length);
      if (again.getStatus() == Status.OK) {
        return result(
            Status.OK,
            again.getHandshakeStatus(),
            result.bytesConsumed(),
            result.bytesProduced() + again.bytesProduced());
      }
    }
    return result;
  }

  /**
   * The result with the handshake status as it is now: the server believes what it is told, and one
   * told late would take the first request for a part of the handshake.
   */
  private static SSLEngineResult current(SSLEngine own, SSLEngineResult result) {
    HandshakeStatus handshake = result.getHandshakeStatus();
    if (handshake != HandshakeStatus.FINISHED && handshake != HandshakeStatus.NOT_HANDSHAKING) {
      handshake = own.getHandshakeStatus();
    }
    Status status = result.getStatus();
    if (status == Status.BUFFER_UNDERFLOW
        && (handshake == HandshakeStatus.NEED_WRAP || handshake == HandshakeStatus.NEED_TASK)) {
      status = Status.OK; // it would wait for bytes that the peer sends only after ours
    }
    return new SSLEngineResult(status, handshake, result.bytesConsumed(), result.bytesProduced());
  }

  private static SSLEngineResult result(Status status, HandshakeStatus handshake, int count) {
    return result(status, handshake, count, count);
  }

  private static SSLEngineResult result(
      Status status, HandshakeStatus handshake, int consumed, int produced) {
    return new SSLEngineResult(status, handshake, consumed, produced);
  }

  private static int copy(ByteBuffer from, ByteBuffer to) {
    int count = Math.min(from.remaining(), to.remaining());
    ByteBuffer part = from.slice();
    part.limit(count);
    to.put(part);
    from.position(from.position() + count);
    return count;
  }

  // ---- life

  private void release() {
    Cleaner.Cleanable held = release;
    if (held != null) {
      mode = Mode.RELEASED;
      held.clean();
    }
  }

  @Override
  public void closeInbound() {
    inboundDone = true;
    SSLEngine own = engine;
    if (own != null && mode == Mode.TLS) {
      try {
        own.closeInbound();
      } catch (SSLException e) {
        // closed without close_notify: no reason for anything here
      }
    }
  }

  @Override
  public void closeOutbound() {
    outboundDone = true;
    SSLEngine own = engine;
    if (own != null && mode == Mode.TLS) {
      own.closeOutbound();
    }
  }

  @Override
  public boolean isInboundDone() {
    SSLEngine own = engine;
    return own != null && mode == Mode.TLS ? own.isInboundDone() : inboundDone;
  }

  @Override
  public boolean isOutboundDone() {
    SSLEngine own = engine;
    return own != null && mode == Mode.TLS ? own.isOutboundDone() : outboundDone;
  }

  @Override
  public HandshakeStatus getHandshakeStatus() {
    SSLEngine own = engine;
    if (own != null && mode == Mode.TLS) {
      return own.getHandshakeStatus();
    }
    return mode == Mode.PEEKING ? HandshakeStatus.NEED_UNWRAP : HandshakeStatus.NOT_HANDSHAKING;
  }

  @Override
  public @Nullable Runnable getDelegatedTask() {
    SSLEngine own = engine;
    return own != null && mode == Mode.TLS ? own.getDelegatedTask() : null;
  }

  /** By it a request finds its connection. */
  @Override
  public SSLSession getSession() {
    return session;
  }

  @Override
  public void setSSLParameters(SSLParameters parameters) {
    if (parameters instanceof MeshConnections.Peer known) {
      peer = known.address;
    }
  }

  // ---- what the mesh decides, not the server

  @Override
  public void beginHandshake() {}

  @Override
  public String[] getSupportedCipherSuites() {
    return new String[0];
  }

  @Override
  public String[] getEnabledCipherSuites() {
    return new String[0];
  }

  @Override
  public void setEnabledCipherSuites(String[] suites) {}

  @Override
  public String[] getSupportedProtocols() {
    return new String[0];
  }

  @Override
  public String[] getEnabledProtocols() {
    return new String[0];
  }

  @Override
  public void setEnabledProtocols(String[] protocols) {}

  @Override
  public void setUseClientMode(boolean mode) {}

  @Override
  public boolean getUseClientMode() {
    return false;
  }

  @Override
  public void setNeedClientAuth(boolean need) {}

  @Override
  public boolean getNeedClientAuth() {
    return false;
  }

  @Override
  public void setWantClientAuth(boolean want) {}

  @Override
  public boolean getWantClientAuth() {
    return false;
  }

  @Override
  public void setEnableSessionCreation(boolean flag) {}

  @Override
  public boolean getEnableSessionCreation() {
    return true;
  }
}
