package io.inmesh.xds;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.inmesh.proto.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.inmesh.recordings.Recordings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Plays a recorded control plane over real gRPC on loopback, for one recorded node. What was
 * recorded for the first step goes out as it is asked for, what belongs to a later step when {@link
 * #advanceTo} says so; nonces are the recorded ones. A client that asks for fewer names than the
 * recorded sidecar gets the same responses without the rest, one that asks for more gets what
 * istiod answers (empty assignments and route configurations). A stream that is opened at a later
 * step gets the state of that step in full, with nonces that begin with {@code replay-}, as istiod
 * does it. Thread-safe.
 */
public final class ReplayServer implements AutoCloseable {
  private final String scenario;
  private final String node;
  private final List<Recordings.Entry> index;
  private final List<DeltaDiscoveryResponse> responses;
  private final Map<Integer, Recordings.State> states = new HashMap<>();
  private final Server server;
  private final List<ReplayStream> streams = new ArrayList<>();
  private final List<DeltaDiscoveryRequest> requests = new ArrayList<>();
  private final List<DeltaDiscoveryResponse> sent = new ArrayList<>();
  private final Map<String, DeltaDiscoveryRequest> answers = new LinkedHashMap<>();
  private int step = 1;
  private int goodbyes;

  private ReplayServer(String scenario, String node, int port) throws IOException {
    this.scenario = scenario;
    this.node = node;
    this.index = Recordings.index(scenario, node);
    this.responses = Recordings.responses(scenario, node);
    this.server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .addService(new Service())
            .build()
            .start();
  }

  /**
   * A server on a free port, at step 1; for example {@code "istio/02-weighted-steps",
   * "storefront-a"}.
   */
  public static ReplayServer start(String scenario, String node) {
    return start(scenario, node, 0);
  }

  /** As {@link #start(String, String)} on a given port, for a control plane that comes back. */
  public static ReplayServer start(String scenario, String node, int port) {
    try {
      return new ReplayServer(scenario, node, port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return server.getPort();
  }

  /** A plaintext connection to this server. */
  public ControlPlaneConnection connection() {
    return ControlPlaneConnection.plaintext("127.0.0.1", port()).build();
  }

  /** Sends what was recorded up to this step, on every open stream. Steps do not go back. */
  public synchronized void advanceTo(int next) {
    if (next < step) {
      throw new IllegalArgumentException("at step " + step + " already: " + next);
    }
    step = next;
    streams.forEach(ReplayStream::play);
  }

  public synchronized int step() {
    return step;
  }

  /** Every request of every stream. */
  public synchronized List<DeltaDiscoveryRequest> requests() {
    return List.copyOf(requests);
  }

  /** Every response of every stream. */
  public synchronized List<DeltaDiscoveryResponse> sent() {
    return List.copyOf(sent);
  }

  /** The answers by nonce; one with {@code error_detail} is a NACK. */
  public synchronized Map<String, DeltaDiscoveryRequest> answers() {
    return new LinkedHashMap<>(answers);
  }

  /**
   * Recorded responses up to this step that the last stream has not carried yet, as "step type
   * nonce"; name tables left out.
   */
  public synchronized List<String> outstanding() {
    return streams.isEmpty()
        ? List.of("no stream yet")
        : streams.get(streams.size() - 1).outstanding();
  }

  /** Nothing is outstanding and every response of the last stream has its answer. */
  public synchronized boolean settled() {
    return outstanding().isEmpty() && streams.get(streams.size() - 1).allAnswered();
  }

  /** How many clients have ended their half of a stream in good order. */
  public synchronized int goodbyes() {
    return goodbyes;
  }

  /** How many streams were opened so far. */
  public synchronized int streamsOpened() {
    return streams.size();
  }

  /** Ends all streams, as a control plane does that restarts or sheds load. */
  public synchronized void endStreams(Status status) {
    streams.forEach(stream -> stream.end(status));
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

  synchronized void sending(DeltaDiscoveryResponse response) {
    sent.add(response);
  }

  List<Recordings.Entry> index() {
    return index;
  }

  List<DeltaDiscoveryResponse> responses() {
    return responses;
  }

  Recordings.State state() {
    return states.computeIfAbsent(step, n -> Recordings.state(scenario, node, n));
  }

  private final class Service
      extends AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase {
    @Override
    public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
        StreamObserver<DeltaDiscoveryResponse> out) {
      synchronized (ReplayServer.this) {
        ReplayStream stream = new ReplayStream(ReplayServer.this, streams.size() + 1, out);
        streams.add(stream);
        return new StreamObserver<>() {
          @Override
          public void onNext(DeltaDiscoveryRequest request) {
            synchronized (ReplayServer.this) {
              requests.add(request);
              if (!request.getResponseNonce().isEmpty()) {
                answers.put(request.getResponseNonce(), request);
              }
              stream.take(request);
            }
          }

          @Override
          public void onError(Throwable gone) {
            synchronized (ReplayServer.this) {
              stream.gone();
            }
          }

          @Override
          public void onCompleted() {
            synchronized (ReplayServer.this) {
              goodbyes++;
              stream.end(Status.OK);
            }
          }
        };
      }
    }
  }
}
