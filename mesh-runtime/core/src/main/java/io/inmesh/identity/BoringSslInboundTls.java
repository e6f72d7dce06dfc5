package io.inmesh.identity;

import io.grpc.netty.shaded.io.netty.buffer.PooledByteBufAllocator;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.OpenSsl;
import io.grpc.netty.shaded.io.netty.handler.ssl.OpenSslCertificateException;
import io.grpc.netty.shaded.io.netty.handler.ssl.OpenSslContextOption;
import io.grpc.netty.shaded.io.netty.handler.ssl.OpenSslSessionContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.grpc.netty.shaded.io.netty.internal.tcnative.CertificateVerifier;
import io.grpc.netty.shaded.io.netty.internal.tcnative.SSL;
import io.grpc.netty.shaded.io.netty.util.ReferenceCountUtil;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Inbound TLS on the BoringSSL that grpc-netty-shaded brings for ADS. All names of the shaded Netty
 * that this project uses are in this class.
 */
final class BoringSslInboundTls implements InboundTls {
  /** As Envoy's default, the post-quantum one first. */
  private static final String[] GROUPS = {"X25519MLKEM768", "X25519", "P-256", "P-384"};

  private final WorkloadIdentity identity;
  private final InboundTlsSpec spec;
  private final PeerTrustManager trust;
  private @Nullable SslContext context;

  private BoringSslInboundTls(
      WorkloadIdentity identity, InboundTlsSpec spec, PeerTrustManager trust, SslContext context) {
    this.identity = identity;
    this.spec = spec;
    this.trust = trust;
    this.context = context;
  }

  /** Why it cannot be used here, or null if it can. */
  static @Nullable Throwable unavailability() {
    return OpenSsl.isAvailable() ? null : OpenSsl.unavailabilityCause();
  }

  static BoringSslInboundTls create(
      WorkloadIdentity identity, InboundTlsSpec spec, PeerTrustManager trust) {
    return new BoringSslInboundTls(identity, spec, trust, build(identity, spec, trust));
  }

  private static SslContext build(
      WorkloadIdentity identity, InboundTlsSpec spec, PeerTrustManager trust) {
    try {
      try {
        return build(identity, spec, trust, GROUPS);
      } catch (SSLException | IllegalArgumentException | LinkageError olderLibrary) {
        return build(identity, spec, trust, null);
      }
    } catch (SSLException e) {
      throw new IllegalStateException("BoringSSL refuses the identity " + identity, e);
    }
  }

  private static SslContext build(
      WorkloadIdentity identity,
      InboundTlsSpec spec,
      PeerTrustManager trust,
      String @Nullable [] groups)
      throws SSLException {
    SslContextBuilder builder =
        SslContextBuilder.forServer(
                identity.key(), identity.chain().toArray(X509Certificate[]::new))
            .sslProvider(SslProvider.OPENSSL_REFCNT)
            .trustManager(new Verdicts(trust))
            .clientAuth(spec.requireClientCertificate() ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL)
            .protocols(spec.versions().javaNames())
            // The trust manager then runs inside unwrap. Handed out as tasks, servers miss the end
            // of the handshake and drop good connections.
            .option(OpenSslContextOption.USE_TASKS, false);
    if (!spec.alpn().isEmpty()) {
      builder.applicationProtocolConfig(
          new ApplicationProtocolConfig(
              Protocol.ALPN,
              SelectorFailureBehavior.NO_ADVERTISE,
              SelectedListenerFailureBehavior.ACCEPT,
              spec.alpn()));
    }
    if (groups != null) {
      builder.option(OpenSslContextOption.GROUPS, groups);
    }
    SslContext context = builder.build();
    ((OpenSslSessionContext) context.sessionContext()).setSessionCacheEnabled(false);
    return context;
  }

  /**
   * The lock is against {@link #retire()} alone. A connection that comes in the moment of a renewal
   * gets a context of its own, which goes with its engine.
   */
  @Override
  public synchronized SSLEngine newEngine() {
    SslContext live = context;
    if (live != null) {
      return newEngine(live);
    }
    SslContext late = build(identity, spec, trust);
    try {
      return newEngine(late);
    } finally {
      ReferenceCountUtil.release(late);
    }
  }

  /** Resumption would pass the trust manager by; no ticket, no resumption. */
  private static SSLEngine newEngine(SslContext context) {
    SSLEngine engine = context.newEngine(PooledByteBufAllocator.DEFAULT);
    SSL.setOptions(((ReferenceCountedOpenSslEngine) engine).sslPointer(), SSL.SSL_OP_NO_TICKET);
    return engine;
  }

  @Override
  public void release(SSLEngine engine) {
    ReferenceCountUtil.release(engine);
  }

  @Override
  public synchronized void retire() {
    SslContext old = context;
    context = null;
    if (old != null) {
      ReferenceCountUtil.release(old);
    }
  }

  /** References to an engine or to the context, for tests. */
  static int references(Object engine) {
    return ReferenceCountUtil.refCnt(engine);
  }

  @Override
  public SpiffeId spiffeId() {
    return identity.spiffeId();
  }

  @Override
  public long keyGeneration() {
    return identity.keyGeneration();
  }

  @Override
  public long trustGeneration() {
    return identity.trustGeneration();
  }

  @Override
  public String implementation() {
    return "BoringSSL";
  }

  @Override
  public @Nullable PeerIdentity peer(SSLSession session) {
    return PeerIdentity.of(session, trustGeneration());
  }

  /** Refusals in the form that becomes the right alert; any other one is sent as internal_error. */
  private static final class Verdicts extends X509ExtendedTrustManager {
    private final PeerTrustManager trust;

    Verdicts(PeerTrustManager trust) {
      this.trust = trust;
    }

    private void check(X509Certificate[] chain, ChainVerifier.Purpose purpose)
        throws CertificateException {
      try {
        trust.check(chain, purpose);
      } catch (CertificateExpiredException e) {
        throw new OpenSslCertificateException(
            e.getMessage(), e, CertificateVerifier.X509_V_ERR_CERT_HAS_EXPIRED);
      } catch (CertificateException e) {
        throw new OpenSslCertificateException(
            e.getMessage(), e, CertificateVerifier.X509_V_ERR_CERT_UNTRUSTED);
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      check(chain, ChainVerifier.Purpose.CLIENT);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      check(chain, ChainVerifier.Purpose.CLIENT);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      check(chain, ChainVerifier.Purpose.CLIENT);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      check(chain, ChainVerifier.Purpose.SERVER);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      check(chain, ChainVerifier.Purpose.SERVER);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      check(chain, ChainVerifier.Purpose.SERVER);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return trust.getAcceptedIssuers();
    }
  }
}
