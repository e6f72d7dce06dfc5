package io.inmesh.benchmarks.performance;

import com.google.protobuf.Message;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.inmesh.benchmarks.Protos;
import io.inmesh.proto.envoy.config.route.v3.RouteConfiguration;
import io.inmesh.proto.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.inmesh.proto.envoy.service.discovery.v3.Resource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A control plane of very many services: a fake, since the embedded one reads YAML and its cost is
 * not asked for here. Delta ADS over real gRPC, in plaintext; takes one client.
 */
final class ScaleServer extends AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase
    implements AutoCloseable {
  static final int PORT = 8080;
  private static final String TYPE = "type.googleapis.com/envoy.config.";
  private static final String LISTENERS = TYPE + "listener.v3.Listener";
  private static final String CLUSTERS = TYPE + "cluster.v3.Cluster";
  private static final String ROUTES = TYPE + "route.v3.RouteConfiguration";
  private static final String ENDPOINTS = TYPE + "endpoint.v3.ClusterLoadAssignment";

  /** Endpoint lists of one response, as a control plane would cut them. */
  private static final int CHUNK = 1_000;

  private final int services;
  private final int endpoints;
  private final Server server;
  private final Set<String> sent = new HashSet<>();
  private @Nullable StreamObserver<DeltaDiscoveryResponse> client;
  private long version;

  /**
   * @param endpoints of each service
   */
  ScaleServer(int services, int endpoints) throws IOException {
    this.services = services;
    this.endpoints = endpoints;
    this.server =
        NettyServerBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                InsecureServerCredentials.create())
            .addService(this)
            .build()
            .start();
  }

  int port() {
    return server.getPort();
  }

  static String host(int service) {
    return "service-" + service + ".bench.svc.cluster.local";
  }

  private static String cluster(int service) {
    return "outbound|" + PORT + "||" + host(service);
  }

  /** All endpoints of a service move to another port. */
  synchronized void move(int service, int port) {
    DeltaDiscoveryResponse.Builder response = response(ENDPOINTS);
    add(response, cluster(service), assignment(service, port));
    send(response);
  }

  private Message assignment(int service, int port) {
    return Protos.endpoints(cluster(service), service * endpoints, endpoints, port);
  }

  @Override
  public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
      StreamObserver<DeltaDiscoveryResponse> to) {
    synchronized (this) {
      client = to;
    }
    return new StreamObserver<>() {
      @Override
      public void onNext(DeltaDiscoveryRequest request) {
        asked(request);
      }

      @Override
      public void onError(Throwable t) {
        // the client is gone
      }

      @Override
      public void onCompleted() {
        to.onCompleted();
      }
    };
  }

  private synchronized void asked(DeltaDiscoveryRequest request) {
    if (request.hasErrorDetail()) {
      throw new IllegalStateException("refused: " + request.getErrorDetail().getMessage());
    }
    String type = request.getTypeUrl();
    if (type.equals(ENDPOINTS)) {
      endpoints(request);
    } else if (sent.add(type)) {
      DeltaDiscoveryResponse.Builder response = response(type);
      switch (type) {
        case LISTENERS ->
            add(response, "0.0.0.0_" + PORT, Protos.outbound(PORT, Integer.toString(PORT)));
        case ROUTES -> add(response, Integer.toString(PORT), routes());
        case CLUSTERS -> {
          for (int i = 0; i < services; i++) {
            add(response, cluster(i), Protos.cluster(cluster(i)));
          }
        }
        default -> {}
      }
      send(response);
    }
  }

  private void endpoints(DeltaDiscoveryRequest request) {
    DeltaDiscoveryResponse.Builder response = response(ENDPOINTS);
    for (String name : request.getResourceNamesSubscribeList()) {
      int service = Integer.parseInt(name.replaceAll(".*service-([0-9]+)\\..*", "$1"));
      add(response, name, assignment(service, PORT));
      if (response.getResourcesCount() == CHUNK) {
        send(response);
        response = response(ENDPOINTS);
      }
    }
    if (response.getResourcesCount() > 0) {
      send(response);
    }
  }

  private RouteConfiguration routes() {
    RouteConfiguration.Builder routes = RouteConfiguration.newBuilder().setName("" + PORT);
    for (int i = 0; i < services; i++) {
      routes.addVirtualHosts(
          Protos.virtualHost(host(i), PORT)
              .addRoutes(Protos.route("default", "/", cluster(i)))
              .build());
    }
    return routes.build();
  }

  private DeltaDiscoveryResponse.Builder response(String type) {
    return DeltaDiscoveryResponse.newBuilder().setTypeUrl(type).setNonce("n" + ++version);
  }

  private void add(DeltaDiscoveryResponse.Builder to, String name, Message resource) {
    to.addResources(
        Resource.newBuilder()
            .setName(name)
            .setVersion(Long.toString(version))
            .setResource(Protos.any(resource)));
  }

  private void send(DeltaDiscoveryResponse.Builder response) {
    StreamObserver<DeltaDiscoveryResponse> to = client;
    if (to != null) {
      to.onNext(response.build());
    }
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
