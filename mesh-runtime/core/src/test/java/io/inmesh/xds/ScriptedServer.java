package io.inmesh.xds;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerCredentials;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.inmesh.proto.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * A control plane that does nothing by itself: the test reads each request and sends what it likes,
 * right or wrong.
 */
final class ScriptedServer implements AutoCloseable {
  /** Sends bytes, so that a test can send what is no message at all. */
  private static final MethodDescriptor<DeltaDiscoveryRequest, byte[]> METHOD =
      AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod().toBuilder(
              AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod()
                  .getRequestMarshaller(),
              new MethodDescriptor.Marshaller<byte[]>() {
                @Override
                public InputStream stream(byte[] value) {
                  return new ByteArrayInputStream(value);
                }

                @Override
                public byte[] parse(InputStream stream) {
                  throw new UnsupportedOperationException();
                }
              })
          .build();

  private final BlockingQueue<Stream> streams = new LinkedBlockingQueue<>();
  private final Server server;

  ScriptedServer() throws IOException {
    this(0, InsecureServerCredentials.create());
  }

  ScriptedServer(int port, ServerCredentials credentials) throws IOException {
    server =
        NettyServerBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port), credentials)
            .addService(
                ServerServiceDefinition.builder(AggregatedDiscoveryServiceGrpc.SERVICE_NAME)
                    .addMethod(
                        METHOD,
                        (ServerCallHandler<DeltaDiscoveryRequest, byte[]>)
                            (call, headers) -> {
                              Stream stream = new Stream(call, headers);
                              streams.add(stream);
                              call.request(Integer.MAX_VALUE);
                              return stream;
                            })
                    .build())
            .build()
            .start();
  }

  int port() {
    return server.getPort();
  }

  /** The next stream that a client opens. */
  Stream stream() throws InterruptedException {
    Stream stream = streams.poll(30, TimeUnit.SECONDS);
    assertThat(stream).as("a stream is opened").isNotNull();
    return stream;
  }

  boolean hasNoMoreStreams() {
    return streams.isEmpty();
  }

  @Override
  public void close() throws InterruptedException {
    server.shutdownNow();
    server.awaitTermination(5, TimeUnit.SECONDS);
  }

  /** One stream; sends from the test's thread. */
  static final class Stream extends ServerCall.Listener<DeltaDiscoveryRequest> {
    private static final DeltaDiscoveryRequest GOODBYE =
        DeltaDiscoveryRequest.newBuilder().setTypeUrl("(half-closed)").build();
    private static final DeltaDiscoveryRequest CANCELLED =
        DeltaDiscoveryRequest.newBuilder().setTypeUrl("(cancelled)").build();

    final Metadata headers;
    private final ServerCall<DeltaDiscoveryRequest, byte[]> call;
    private final BlockingQueue<DeltaDiscoveryRequest> requests = new LinkedBlockingQueue<>();
    private boolean headersSent;

    /** Whether a client's half-close is answered at once, as servers do. */
    volatile boolean answersGoodbyes = true;

    Stream(ServerCall<DeltaDiscoveryRequest, byte[]> call, Metadata headers) {
      this.call = call;
      this.headers = headers;
    }

    @Override
    public void onMessage(DeltaDiscoveryRequest request) {
      requests.add(request);
    }

    @Override
    public void onHalfClose() {
      requests.add(GOODBYE);
      if (answersGoodbyes) {
        end(Status.OK);
      }
    }

    @Override
    public void onCancel() {
      requests.add(CANCELLED);
    }

    /** The certificate that the client has shown. */
    X509Certificate peer() throws SSLPeerUnverifiedException {
      SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
      return (X509Certificate) session.getPeerCertificates()[0];
    }

    DeltaDiscoveryRequest request() throws InterruptedException {
      DeltaDiscoveryRequest request = requests.poll(30, TimeUnit.SECONDS);
      assertThat(request).as("a request arrives").isNotNull();
      return request;
    }

    boolean isSilent() {
      return requests.isEmpty();
    }

    void expectGoodbye() throws InterruptedException {
      assertThat(request()).isSameAs(GOODBYE);
    }

    void expectCancellation() throws InterruptedException {
      assertThat(request()).isSameAs(CANCELLED);
    }

    Stream send(byte[] message) {
      if (!headersSent) {
        headersSent = true;
        call.sendHeaders(new Metadata());
      }
      call.sendMessage(message);
      return this;
    }

    Stream send(DeltaDiscoveryResponse.Builder response) {
      return send(response.build().toByteArray());
    }

    /** The client takes what is sent, or it piles up here. */
    boolean flows() {
      return call.isReady();
    }

    void end(Status status) {
      call.close(status, new Metadata());
    }
  }
}
