package io.inmesh.controlplane.identity;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out who calls, from the client certificate or else from the bearer token, and lets nobody
 * in who has proven nothing. With a certificate the token does not matter, as at istiod.
 */
public final class CallerIdentity implements ServerInterceptor {
  private static final Logger log = LoggerFactory.getLogger("io.inmesh.controlplane.identity");
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Context.Key<SpiffeId> CALLER = Context.key("inmesh-caller");
  private static final Context.Key<Boolean> LOOPBACK = Context.key("inmesh-loopback");

  private final TokenIssuer tokens;
  private final String trustDomain;

  public CallerIdentity(TokenIssuer tokens, String trustDomain) {
    this.tokens = tokens;
    this.trustDomain = trustDomain;
  }

  /** Who made the current call; only inside a call that came through this interceptor. */
  public static SpiffeId current() {
    SpiffeId caller = CALLER.get();
    if (caller == null) {
      throw new IllegalStateException("not inside an authenticated call");
    }
    return caller;
  }

  /** Whether the caller is on this machine; only inside a call, as {@link #current}. */
  public static boolean onThisMachine() {
    return Boolean.TRUE.equals(LOOPBACK.get());
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    SpiffeId caller;
    try {
      caller = fromCertificate(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
      if (caller == null) {
        caller = fromToken(headers.get(AUTHORIZATION));
      }
    } catch (TokenIssuer.BadToken e) {
      log.atWarn()
          .addKeyValue("method", call.getMethodDescriptor().getFullMethodName())
          .addKeyValue("peer", call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR))
          .log("call refused, the caller has proven no identity: {}", e.getMessage());
      call.close(
          Status.UNAUTHENTICATED.withDescription("request authenticate failure: " + e.getMessage()),
          new Metadata());
      return new ServerCall.Listener<>() {};
    }
    boolean loopback =
        call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress peer
            && peer.getAddress() != null
            && peer.getAddress().isLoopbackAddress();
    return Contexts.interceptCall(
        Context.current().withValues(CALLER, caller, LOOPBACK, loopback), call, headers, next);
  }

  /** The TLS layer has checked the chain; here only the name is read. */
  private @Nullable SpiffeId fromCertificate(@Nullable SSLSession session)
      throws TokenIssuer.BadToken {
    if (session == null) {
      return null;
    }
    Certificate[] chain;
    try {
      chain = session.getPeerCertificates();
    } catch (SSLPeerUnverifiedException e) {
      return null; // no client certificate: the token decides
    }
    if (!(chain[0] instanceof X509Certificate leaf)) {
      return null;
    }
    SpiffeId id = uriName(leaf);
    if (id == null || !id.trustDomain().equals(trustDomain)) {
      throw new TokenIssuer.BadToken(
          "the client certificate names no workload of trust domain " + trustDomain);
    }
    return id;
  }

  private static @Nullable SpiffeId uriName(X509Certificate leaf) {
    try {
      if (leaf.getSubjectAlternativeNames() != null) {
        for (List<?> name : leaf.getSubjectAlternativeNames()) {
          if (name.get(0).equals(6)) {
            return SpiffeId.parse(String.valueOf(name.get(1)));
          }
        }
      }
    } catch (CertificateParsingException e) {
      return null;
    }
    return null;
  }

  private SpiffeId fromToken(@Nullable String authorization) throws TokenIssuer.BadToken {
    if (authorization == null || !authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
      throw new TokenIssuer.BadToken(
          "no client certificate and no bearer token; use a file from <state>/tokens/<namespace>/<service account>");
    }
    return tokens.verify(authorization.substring(7).strip());
  }
}
