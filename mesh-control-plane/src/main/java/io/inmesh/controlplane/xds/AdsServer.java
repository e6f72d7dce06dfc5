package io.inmesh.controlplane.xds;

import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.inmesh.controlplane.config.MeshConfig;
import io.inmesh.controlplane.config.OutboundPolicy;
import io.inmesh.controlplane.identity.IssuedIdentities;
import io.inmesh.controlplane.identity.SpiffeId;
import io.inmesh.controlplane.registry.Registration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The aggregated discovery service: all streams, and what they are told. Apart from gRPC's entry
 * points everything runs on the executor given, one task at a time.
 */
public final class AdsServer
    extends AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase {
  private static final Logger log = LoggerFactory.getLogger("io.inmesh.controlplane.xds");

  private final String trustDomain;
  private final OutboundPolicy outboundPolicy;
  private final IssuedIdentities identities;
  private final Executor executor;
  private final Listener listener;
  private final String started = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
  private final Set<AdsStream<?, ?>> streams = new LinkedHashSet<>();
  private Mesh mesh;
  private long pushes;
  private boolean closing;

  /** Told on the executor. */
  public interface Listener {
    /** A workload has proven itself; publish what this changes before returning. */
    void connected(Registration registration);

    /**
     * @param clean the workload closed the stream itself
     */
    void ended(Registration registration, boolean clean);

    void refused(String nodeId, String typeUrl, String reason);
  }

  public AdsServer(
      String trustDomain,
      OutboundPolicy outboundPolicy,
      IssuedIdentities identities,
      Executor executor,
      Listener listener) {
    this.identities = identities;
    this.trustDomain = trustDomain;
    this.outboundPolicy = outboundPolicy;
    this.executor = executor;
    this.listener = listener;
    this.mesh = new Mesh(trustDomain, outboundPolicy, MeshConfig.EMPTY, List.of());
  }

  @Override
  public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
      StreamObserver<DeltaDiscoveryResponse> responses) {
    return new DeltaStream(this, responses).requests();
  }

  @Override
  public StreamObserver<DiscoveryRequest> streamAggregatedResources(
      StreamObserver<DiscoveryResponse> responses) {
    return new SotwStream(this, responses).requests();
  }

  /** Makes this the state of the mesh and sends every stream what it lacks. */
  public void publish(MeshConfig config, List<Registration> registrations) {
    mesh = new Mesh(trustDomain, outboundPolicy, config, registrations);
    pushes++;
    Set<SpiffeId> envoys = new HashSet<>();
    for (AdsStream<?, ?> stream : streams) {
      if (stream.proxy().plainEnvoy()) {
        envoys.add(stream.caller());
      }
    }
    identities.retain(envoys);
    for (AdsStream<?, ?> stream : new ArrayList<>(streams)) {
      Registration node = stream.registration();
      if (node != null) {
        stream.update(resources(stream, node));
      }
    }
  }

  private NodeResources resources(AdsStream<?, ?> stream, Registration node) {
    Proxy proxy = stream.proxy();
    return NodeResources.of(
        mesh, node, proxy, proxy.plainEnvoy() ? Secrets.of(identities, stream.caller()) : Map.of());
  }

  /** Ends all streams. The workloads stay registered: it is not they who leave. */
  public void close() {
    closing = true;
    for (AdsStream<?, ?> stream : new ArrayList<>(streams)) {
      stream.fail(Status.UNAVAILABLE.withDescription("the control plane is shutting down"));
    }
  }

  void execute(Runnable task) {
    try {
      executor.execute(task);
    } catch (RejectedExecutionException e) {
      // shut down: the transport ends the stream
    }
  }

  void connected(AdsStream<?, ?> stream, Registration registration) {
    streams.add(stream);
    if (stream.proxy().plainEnvoy()) {
      log.atInfo()
          .addKeyValue("node", registration.nodeId())
          .log("a plain Envoy: {}", PlainEnvoy.CHANGES);
    }
    listener.connected(registration);
    // A workload that was known already changes nothing, and so nothing was published for it.
    stream.update(resources(stream, registration));
  }

  void ended(AdsStream<?, ?> stream, @Nullable Registration registration, boolean clean) {
    if (streams.remove(stream) && registration != null && !closing) {
      listener.ended(registration, clean);
    }
  }

  void refused(String nodeId, String typeUrl, String reason) {
    listener.refused(nodeId, typeUrl, reason);
  }

  String version() {
    return started + "/" + pushes;
  }

  String nextNonce() {
    return version() + UUID.randomUUID();
  }
}
