package io.inmesh.conformance;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.inmesh.identity.TestPki;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Calls a gRPC server as a sidecar would: one connection, Istio's ALPN, a workload's certificate.
 * grpc-java's own client, which knows nothing of the mesh. Which server it meets it does not check.
 */
public final class GrpcPeer implements AutoCloseable {
  private final ManagedChannel channel;

  private GrpcPeer(NettyChannelBuilder builder) {
    channel =
        builder
            .overrideAuthority("reviews.shop.svc.cluster.local:8080")
            .disableRetry()
            .maxInboundMessageSize(64 << 20)
            .build();
  }

  /** Under mutual TLS. */
  public static GrpcPeer mutual(int port, TestPki.Leaf leaf) {
    try {
      SslContext tls =
          SslContextBuilder.forClient()
              .sslProvider(SslProvider.OPENSSL)
              .keyManager(leaf.key(), leaf.chain().toArray(new X509Certificate[0]))
              .trustManager(new Anybody())
              .applicationProtocolConfig(
                  new ApplicationProtocolConfig(
                      ApplicationProtocolConfig.Protocol.ALPN,
                      ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                      ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                      "istio-h2",
                      "istio",
                      "h2"))
              .build();
      return new GrpcPeer(NettyChannelBuilder.forAddress("127.0.0.1", port).sslContext(tls));
    } catch (SSLException e) {
      throw new AssertionError(e);
    }
  }

  public static GrpcPeer plaintext(int port) {
    return new GrpcPeer(NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext());
  }

  public Channel channel() {
    return channel;
  }

  /**
   * What came of a unary RPC.
   *
   * @param headers of the response; with the trailers, if they came alone
   */
  public record Reply(String message, Metadata headers, Metadata trailers) {}

  /** Waits for the answer, for at most 20 s. Names and values of metadata in turn. */
  public Reply unary(MethodDescriptor<String, String> method, String message, String... metadata) {
    AtomicReference<Metadata> headers = new AtomicReference<>();
    AtomicReference<Metadata> trailers = new AtomicReference<>();
    String answer =
        ClientCalls.blockingUnaryCall(
            ClientInterceptors.intercept(
                channel,
                MetadataUtils.newAttachHeadersInterceptor(metadata(metadata)),
                MetadataUtils.newCaptureMetadataInterceptor(headers, trailers)),
            method,
            CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
            message);
    return new Reply(answer, headers.get(), trailers.get());
  }

  /** An RPC whose events a test handles itself. */
  public <Q, P> ClientCall<Q, P> call(MethodDescriptor<Q, P> method, CallOptions options) {
    return channel.newCall(method, options);
  }

  public static Metadata metadata(String... namesAndValues) {
    Metadata metadata = new Metadata();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      metadata.put(key(namesAndValues[i]), namesAndValues[i + 1]);
    }
    return metadata;
  }

  public static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    try {
      channel.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class Anybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
