package io.inmesh.jdkhttpserver;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import io.inmesh.identity.InboundTls;
import io.inmesh.identity.InboundTlsSelector.Action;
import io.inmesh.identity.InboundTlsSelector.Decision;
import io.inmesh.runtime.ClosedConnections;
import io.inmesh.runtime.Engines;
import io.inmesh.runtime.InboundSecurity;
import io.inmesh.runtime.MeshServices;
import java.lang.ref.Cleaner;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.KeyManagementException;
import java.security.SecureRandom;
import java.security.Security;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** The connections of one server: gives each its engine, and says what becomes of it. */
final class MeshConnections {
  /** For connections that the server closes without telling their engine. */
  private static final Cleaner CLEANER = Cleaner.create();

  private final MeshServices services;
  private final InboundSecurity security;
  private final Supplier<@Nullable InetSocketAddress> local;
  private final ClosedConnections closed = new ClosedConnections();
  private final Engines engines = new Engines();

  MeshConnections(MeshServices services, Supplier<@Nullable InetSocketAddress> local) {
    this.services = services;
    this.security = services.inbound().http1Only();
    this.local = local;
  }

  Engines engines() {
    return engines;
  }

  InboundSecurity security() {
    return security;
  }

  /**
   * By the addresses and everything that has arrived of a connection; consumes nothing.
   *
   * @return null: more bytes are needed
   * @throws SSLException the connection is to be closed
   */
  InboundSecurity.@Nullable First decide(@Nullable InetSocketAddress peer, ByteBuffer received)
      throws SSLException {
    InetSocketAddress mine = local.get();
    int port = mine == null ? 0 : mine.getPort();
    String peerIp = ip(peer);
    InboundSecurity.First first = security.decide(ip(mine), port, peerIp, received);
    if (first == null) {
      return null;
    }
    Decision decision =
        services.draining() ? Decision.close("the mesh is closing") : first.decision();
    if (decision.action() == Action.CLOSE) {
      closed.say(peerIp, port, decision.reason());
      throw new SSLException(decision.reason());
    }
    return first;
  }

  /** Empty where it is not known: a server that listens on every address learns it later. */
  static String ip(@Nullable InetSocketAddress address) {
    InetAddress ip = address == null ? null : address.getAddress();
    return ip == null || ip.isAnyLocalAddress() ? "" : ip.getHostAddress();
  }

  /** To be cleaned as soon as the engine is not needed, at the latest with its owner. */
  Cleaner.Cleanable hold(Object owner, InboundTls tls, SSLEngine engine) {
    engines.make();
    return CLEANER.register(owner, new Release(tls, engine, engines));
  }

  private record Release(InboundTls tls, SSLEngine engine, Engines engines) implements Runnable {
    @Override
    public void run() {
      tls.release(engine);
      engines.release();
    }
  }

  HttpsConfigurator configurator() {
    return new HttpsConfigurator(new Context(new Spi())) {
      @Override
      public void configure(HttpsParameters parameters) {
        parameters.setSSLParameters(new Peer(parameters.getClientAddress()));
      }
    };
  }

  /** The only way by which the JDK's server tells an engine whom it is for. */
  static final class Peer extends SSLParameters {
    final InetSocketAddress address;

    Peer(InetSocketAddress address) {
      this.address = address;
    }
  }

  private static final class Context extends SSLContext {
    Context(SSLContextSpi spi) {
      super(spi, Security.getProviders()[0], "Inmesh");
    }
  }

  /** Makes engines and nothing else, which is all that the JDK's server asks for. */
  private final class Spi extends SSLContextSpi {
    @Override
    protected SSLEngine engineCreateSSLEngine() {
      return new MeshEngine(MeshConnections.this);
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(String host, int port) {
      return new MeshEngine(MeshConnections.this);
    }

    @Override
    protected SSLParameters engineGetDefaultSSLParameters() {
      return new SSLParameters();
    }

    @Override
    protected SSLParameters engineGetSupportedSSLParameters() {
      return new SSLParameters();
    }

    @Override
    protected void engineInit(
        KeyManager @Nullable [] keys,
        TrustManager @Nullable [] trust,
        @Nullable SecureRandom random)
        throws KeyManagementException {
      throw new KeyManagementException("the mesh brings keys and trust");
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
      throw new UnsupportedOperationException();
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
      throw new UnsupportedOperationException();
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
      throw new UnsupportedOperationException();
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
      throw new UnsupportedOperationException();
    }
  }
}
