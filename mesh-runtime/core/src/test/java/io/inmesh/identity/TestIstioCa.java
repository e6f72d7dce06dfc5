package io.inmesh.identity;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.TlsServerCredentials;
import io.grpc.stub.StreamObserver;
import io.inmesh.proto.istio.v1.auth.IstioCertificateRequest;
import io.inmesh.proto.istio.v1.auth.IstioCertificateResponse;
import io.inmesh.proto.istio.v1.auth.IstioCertificateServiceGrpc;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.jspecify.annotations.Nullable;

/** Istio's certificate service over real TLS, for one name, with answers that a test can bend. */
final class TestIstioCa implements AutoCloseable {
  private static final Context.Key<Caller> CALLER = Context.key("caller");

  /** Who called: as seen on the wire. */
  record Caller(
      @Nullable String authorization, @Nullable String clusterId, @Nullable String certificate) {}

  /** Makes an answer for a checked request. */
  interface Answer {
    List<String> to(PublicKey key, Duration lifetime) throws Exception;
  }

  final List<Caller> callers = new CopyOnWriteArrayList<>();
  final List<PKCS10CertificationRequest> requests = new CopyOnWriteArrayList<>();
  volatile Answer answer;
  private final TestPki pki;
  private final Clock clock;
  private final Server server;

  TestIstioCa(TestPki pki, String spiffeId, Clock clock) throws IOException {
    this.pki = pki;
    this.clock = clock;
    this.answer = (key, lifetime) -> sign(key, spiffeId, lifetime);
    TestPki.Leaf own = pki.server("istiod.istio-system.svc", "127.0.0.1");
    this.server =
        Grpc.newServerBuilderForPort(
                0,
                TlsServerCredentials.newBuilder()
                    .keyManager(stream(own.chainPem()), stream(own.keyPem()))
                    .trustManager(stream(pki.rootPem()))
                    .clientAuth(TlsServerCredentials.ClientAuth.OPTIONAL)
                    .build())
            .intercept(new CallerReader())
            .addService(new Service())
            .build()
            .start();
  }

  /** As istiod answers: leaf, intermediate, root, and the root again. */
  List<String> sign(PublicKey key, String spiffeId, Duration lifetime) {
    Instant now = clock.instant();
    X509Certificate leaf =
        pki.sign(key, spiffeId, now.minus(Duration.ofMinutes(2)), now.plus(lifetime));
    return List.of(
        TestPki.pem(List.of(leaf)),
        TestPki.pem(List.of(pki.intermediate())),
        pki.rootPem(),
        pki.rootPem());
  }

  String address() {
    return "127.0.0.1:" + server.getPort();
  }

  private static ByteArrayInputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  private final class Service extends IstioCertificateServiceGrpc.IstioCertificateServiceImplBase {
    @Override
    public void createCertificate(
        IstioCertificateRequest request, StreamObserver<IstioCertificateResponse> observer) {
      Caller caller = CALLER.get();
      callers.add(caller);
      if (caller.authorization() == null && caller.certificate() == null) {
        observer.onError(
            Status.UNAUTHENTICATED
                .withDescription("request authenticate failure")
                .asRuntimeException());
        return;
      }
      try {
        JcaPKCS10CertificationRequest csr;
        try (PEMParser parser = new PEMParser(new StringReader(request.getCsr()))) {
          csr = new JcaPKCS10CertificationRequest((PKCS10CertificationRequest) parser.readObject());
        }
        if (!csr.isSignatureValid(
            new JcaContentVerifierProviderBuilder().build(csr.getPublicKey()))) {
          throw Status.INVALID_ARGUMENT.withDescription("CSR signing error").asException();
        }
        requests.add(csr);
        observer.onNext(
            IstioCertificateResponse.newBuilder()
                .addAllCertChain(
                    answer.to(
                        csr.getPublicKey(), Duration.ofSeconds(request.getValidityDuration())))
                .build());
        observer.onCompleted();
      } catch (StatusException e) {
        observer.onError(e);
      } catch (Exception e) {
        observer.onError(Status.INTERNAL.withDescription(e.toString()).asRuntimeException());
      }
    }
  }

  private static final class CallerReader implements ServerInterceptor {
    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
        ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
      SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
      String certificate;
      try {
        certificate = SpiffeId.of((X509Certificate) session.getPeerCertificates()[0]).uri();
      } catch (SSLPeerUnverifiedException e) {
        certificate = null;
      }
      Caller caller =
          new Caller(
              headers.get(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER)),
              headers.get(Metadata.Key.of("clusterid", Metadata.ASCII_STRING_MARSHALLER)),
              certificate);
      return Contexts.interceptCall(
          Context.current().withValue(CALLER, caller), call, headers, next);
    }
  }
}
