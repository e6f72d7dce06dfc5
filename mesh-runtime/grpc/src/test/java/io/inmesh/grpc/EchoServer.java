package io.inmesh.grpc;

import io.grpc.Grpc;
import io.grpc.HandlerRegistry;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.inmesh.identity.TestPki;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** A gRPC server on a real socket whose one method does what a test says. */
final class EchoServer implements AutoCloseable {
  static final MethodDescriptor<String, String> TALK =
      method(MethodDescriptor.MethodType.BIDI_STREAMING, "Talk");
  static final MethodDescriptor<String, String> ONCE =
      method(MethodDescriptor.MethodType.UNARY, "Once");
  static final MethodDescriptor<String, String> COLLECT =
      method(MethodDescriptor.MethodType.CLIENT_STREAMING, "Collect");
  static final MethodDescriptor<String, String> SPREAD =
      method(MethodDescriptor.MethodType.SERVER_STREAMING, "Spread");

  final AtomicInteger calls = new AtomicInteger();
  final AtomicInteger cancelled = new AtomicInteger();
  final List<String> received = new CopyOnWriteArrayList<>();
  final List<Metadata> headers = new CopyOnWriteArrayList<>();

  /** SPIFFE names of callers, or {@code plaintext}. */
  final List<String> peers = new CopyOnWriteArrayList<>();

  final List<String> authorities = new CopyOnWriteArrayList<>();
  private final Server server;

  EchoServer(Script script) throws IOException {
    this(script, Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create()));
  }

  /** Takes mTLS alone, from whoever has a certificate of the same roots. */
  static EchoServer mutual(TestPki.Leaf leaf, Script script) throws IOException {
    SslContext ssl =
        GrpcSslContexts.configure(
                SslContextBuilder.forServer(
                    leaf.key(), leaf.chain().toArray(X509Certificate[]::new)))
            .trustManager(leaf.roots().toArray(X509Certificate[]::new))
            .clientAuth(ClientAuth.REQUIRE)
            .build();
    return new EchoServer(script, NettyServerBuilder.forPort(0).sslContext(ssl));
  }

  private EchoServer(Script script, ServerBuilder<?> builder) throws IOException {
    ServerCallHandler<String, String> handler =
        (call, head) -> {
          calls.incrementAndGet();
          headers.add(head);
          SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
          peers.add(session == null ? "plaintext" : peer(session));
          authorities.add(String.valueOf(call.getAuthority()));
          ServerCall.Listener<String> listener = script.begin(call, head);
          return new io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener<>(
              listener) {
            @Override
            public void onMessage(String message) {
              received.add(message);
              super.onMessage(message);
            }

            @Override
            public void onCancel() {
              cancelled.incrementAndGet();
              super.onCancel();
            }
          };
        };
    server =
        builder
            .addService(
                ServerServiceDefinition.builder("test.Echo")
                    .addMethod(TALK, handler)
                    .addMethod(ONCE, handler)
                    .addMethod(COLLECT, handler)
                    .addMethod(SPREAD, handler)
                    .build())
            .fallbackHandlerRegistry(
                new HandlerRegistry() {
                  @Override
                  public ServerMethodDefinition<?, ?> lookupMethod(String name, String authority) {
                    return ServerMethodDefinition.create(
                        ONCE.toBuilder().setFullMethodName(name).build(), handler);
                  }
                })
            .build()
            .start();
  }

  private static MethodDescriptor<String, String> method(
      MethodDescriptor.MethodType type, String name) {
    return MethodDescriptor.<String, String>newBuilder()
        .setType(type)
        .setFullMethodName("test.Echo/" + name)
        .setRequestMarshaller(Text.INSTANCE)
        .setResponseMarshaller(Text.INSTANCE)
        .build();
  }

  private static String peer(SSLSession session) {
    try {
      X509Certificate leaf = (X509Certificate) session.getPeerCertificates()[0];
      return leaf.getSubjectAlternativeNames().iterator().next().get(1).toString();
    } catch (SSLPeerUnverifiedException | CertificateParsingException e) {
      return e.toString();
    }
  }

  /** What the server does with one stream. */
  interface Script {
    ServerCall.Listener<String> begin(ServerCall<String, String> call, Metadata head);
  }

  /**
   * Answers each message at once (where one answer is all there may be: the last, in the end), and
   * ends when the caller does.
   */
  static Script echo(String prefix) {
    return (call, head) -> {
      boolean one = call.getMethodDescriptor().getType().serverSendsOneMessage();
      call.sendHeaders(new Metadata());
      call.request(1);
      return new ServerCall.Listener<>() {
        private String last = "";

        @Override
        public void onMessage(String message) {
          last = message;
          if (!one) {
            call.sendMessage(prefix + message);
          }
          call.request(1);
        }

        @Override
        public void onHalfClose() {
          if (one) {
            call.sendMessage(prefix + last);
          }
          Metadata trailers = new Metadata();
          trailers.put(key("x-count"), "done");
          call.close(io.grpc.Status.OK, trailers);
        }
      };
    };
  }

  /** Reads that many messages and ends the stream with a status and nothing else. */
  static Script refuse(int after, io.grpc.Status status) {
    return (call, head) -> {
      AtomicInteger left = new AtomicInteger(after);
      call.request(after);
      return new ServerCall.Listener<>() {
        @Override
        public void onMessage(String message) {
          if (left.decrementAndGet() == 0) {
            call.close(status, new Metadata());
          }
        }
      };
    };
  }

  static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  int port() {
    return server.getPort();
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  enum Text implements MethodDescriptor.Marshaller<String> {
    INSTANCE;

    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String parse(InputStream stream) {
      try {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
