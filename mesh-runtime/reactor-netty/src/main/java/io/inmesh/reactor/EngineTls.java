package io.inmesh.reactor;

import io.inmesh.identity.OutboundTlsContext;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.util.List;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;

/** The mesh's TLS to one host as Netty wants it: a source of handlers around the mesh's engines. */
final class EngineTls extends SslContext {
  private final OutboundTlsContext tls;
  private final String ip;
  private final int port;

  EngineTls(OutboundTlsContext tls, String ip, int port) {
    this.tls = tls;
    this.ip = ip;
    this.port = port;
  }

  @Override
  public SSLEngine newEngine(ByteBufAllocator alloc) {
    return tls.newEngine(ip, port);
  }

  /** Whatever name the library has for the peer, the mesh's own goes on the wire. */
  @Override
  public SSLEngine newEngine(ByteBufAllocator alloc, String peerHost, int peerPort) {
    return tls.newEngine(ip, port);
  }

  @Override
  protected SslHandler newHandler(ByteBufAllocator alloc, boolean startTls) {
    return new Handler(newEngine(alloc), startTls);
  }

  @Override
  protected SslHandler newHandler(
      ByteBufAllocator alloc, String peerHost, int peerPort, boolean startTls) {
    return new Handler(newEngine(alloc), startTls);
  }

  @Override
  protected SslHandler newHandler(ByteBufAllocator alloc, boolean startTls, Executor executor) {
    return new Handler(newEngine(alloc), startTls, executor);
  }

  @Override
  protected SslHandler newHandler(
      ByteBufAllocator alloc, String peerHost, int peerPort, boolean startTls, Executor executor) {
    return new Handler(newEngine(alloc), startTls, executor);
  }

  @Override
  public boolean isClient() {
    return true;
  }

  @Override
  public List<String> cipherSuites() {
    return List.of(tls.newEngine(ip, port).getEnabledCipherSuites());
  }

  @Override
  public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
    return List::of; // the engines have theirs
  }

  @Override
  public SSLSessionContext sessionContext() {
    throw new UnsupportedOperationException("sessions are the mesh's affair");
  }

  /** Netty reads the chosen protocol of its own engines only. */
  private static final class Handler extends SslHandler {
    Handler(SSLEngine engine, boolean startTls) {
      super(engine, startTls);
    }

    Handler(SSLEngine engine, boolean startTls, Executor executor) {
      super(engine, startTls, executor);
    }

    @Override
    public String applicationProtocol() {
      String chosen = engine().getApplicationProtocol();
      return chosen == null || chosen.isEmpty() ? "http/1.1" : chosen;
    }
  }
}
