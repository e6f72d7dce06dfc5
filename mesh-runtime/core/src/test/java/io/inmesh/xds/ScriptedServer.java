package io.inmesh.xds;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.inmesh.proto.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A control plane that does nothing by itself: the test reads each request and sends what it likes, right or wrong. */
final class ScriptedServer implements AutoCloseable {
  private final BlockingQueue<Stream> streams = new LinkedBlockingQueue<>();
  private final Server server;

  ScriptedServer() throws IOException {
    this(0);
  }

  ScriptedServer(int port) throws IOException {
    server =
        NettyServerBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .addService(
                ServerServiceDefinition.builder(AggregatedDiscoveryServiceGrpc.SERVICE_NAME)
                    .addMethod(
                        AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod(),
                        (ServerCallHandler<DeltaDiscoveryRequest, DeltaDiscoveryResponse>)
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
    Stream stream = streams.poll(10, TimeUnit.SECONDS);
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
    private final ServerCall<DeltaDiscoveryRequest, DeltaDiscoveryResponse> call;
    private final BlockingQueue<DeltaDiscoveryRequest> requests = new LinkedBlockingQueue<>();
    private boolean headersSent;

    Stream(
        ServerCall<DeltaDiscoveryRequest, DeltaDiscoveryResponse> call, Metadata headers) {
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
    }

    @Override
    public void onCancel() {
      requests.add(CANCELLED);
    }

    DeltaDiscoveryRequest request() throws InterruptedException {
      DeltaDiscoveryRequest request = requests.poll(10, TimeUnit.SECONDS);
      assertThat(request).as("a request arrives").isNotNull();
      return request;
    }

    boolean isSilent() {
      return requests.isEmpty();
    }

    void expectGoodbye() throws InterruptedException {
      assertThat(request()).isSameAs(GOODBYE);
    }

    Stream send(DeltaDiscoveryResponse response) {
      if (!headersSent) {
        headersSent = true;
        call.sendHeaders(new Metadata());
      }
      call.sendMessage(response);
      return this;
    }

    Stream send(DeltaDiscoveryResponse.Builder response) {
      return send(response.build());
    }

    void end(Status status) {
      call.close(status, new Metadata());
    }
  }
}
