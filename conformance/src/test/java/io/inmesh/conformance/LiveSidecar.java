package io.inmesh.conformance;

import io.grpc.ChannelCredentials;
import io.inmesh.config.ClusterConfig;
import io.inmesh.config.ClusterEndpoints;
import io.inmesh.config.ConfigResource;
import io.inmesh.config.ConfigStore;
import io.inmesh.config.MeshTables;
import io.inmesh.config.TablesListener;
import io.inmesh.controlplane.ControlPlane;
import io.inmesh.proto.envoy.config.core.v3.Node;
import io.inmesh.xds.AdsClient;
import io.inmesh.xds.ControlPlaneConnection;
import io.inmesh.xds.ResourceHandler;
import io.inmesh.xds.TypeUrl;
import io.inmesh.xds.Update;
import io.inmesh.xds.XdsResource;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * A recorded node that asks the embedded control plane, over gRPC and TLS with its own token, for
 * what a store wants; it stays connected and keeps what it holds.
 */
final class LiveSidecar implements ResourceHandler, TablesListener, AutoCloseable {
  private static final String CONTROL_PLANE_NAME = "istiod.istio-system.svc";

  /** What our own store refused, and would have NACKed. */
  final Map<String, String> refused = new ConcurrentSkipListMap<>();

  private final ConfigStore store;
  private final AdsClient client;
  private final Snapshot held = new Snapshot();
  private final Map<TypeUrl, Set<String>> subscribed = new HashMap<>();
  private boolean tables;
  private boolean complete;

  LiveSidecar(ControlPlane plane, Node node) throws IOException {
    String id = node.getId();
    store = new ConfigStore(this, id.substring(id.lastIndexOf('~') + 1));
    ChannelCredentials credentials =
        ControlPlaneConnection.trusting(Files.readAllBytes(plane.rootCertificate()));
    client =
        AdsClient.builder(
                ControlPlaneConnection.tls("127.0.0.1", plane.port(), () -> credentials)
                    .serverName(CONTROL_PLANE_NAME)
                    .clusterId("Kubernetes")
                    .bearerTokenFile(
                        plane.tokenFile(
                            metadata(node, "NAMESPACE"), metadata(node, "SERVICE_ACCOUNT")))
                    .build(),
                this)
            .node(node)
            .build();
    client.watchAll(TypeUrl.CLUSTER, Duration.ZERO);
    client.watchAll(TypeUrl.LISTENER, Duration.ZERO);
    client.start();
  }

  private static String metadata(Node node, String name) {
    return node.getMetadata().getFieldsOrThrow(name).getStringValue();
  }

  /** A copy of what it holds, once everything that its listeners and clusters name is there. */
  synchronized Snapshot snapshot() {
    if (!complete) {
      throw new AssertionError("not everything that was asked for has arrived yet");
    }
    return held.copy();
  }

  @Override
  public synchronized Map<String, String> onUpdate(Update update) {
    String type = update.type().url();
    List<ConfigResource> resources = new ArrayList<>();
    for (XdsResource resource : update.resources()) {
      resources.add(new ConfigResource(resource.name(), resource.body()));
      held.put(type, resource.name(), resource.body());
    }
    update.removed().forEach(name -> held.remove(type, name));
    Map<String, String> bad = store.apply(type, resources, update.removed(), false);
    refused.putAll(bad);
    complete =
        tables
            && store.edsNames().stream().allMatch(name -> held.holds(ConfigStore.ENDPOINTS, name))
            && store.routeNames().stream().allMatch(name -> held.holds(ConfigStore.ROUTES, name));
    return bad;
  }

  @Override
  public void onSubscriptions() {
    follow(TypeUrl.ROUTE_CONFIGURATION, store.routeNames());
    follow(TypeUrl.CLUSTER_LOAD_ASSIGNMENT, store.edsNames());
    Set.copyOf(store.secrets()).forEach(store::secretSettled);
  }

  private void follow(TypeUrl type, Set<String> wanted) {
    Set<String> before = subscribed.getOrDefault(type, Set.of());
    Set<String> more = new HashSet<>(wanted);
    more.removeAll(before);
    Set<String> fewer = new HashSet<>(before);
    fewer.removeAll(wanted);
    fewer.forEach(name -> held.remove(type.url(), name));
    if (!more.isEmpty()) {
      client.subscribe(type, more, Duration.ZERO);
    }
    if (!fewer.isEmpty()) {
      client.unsubscribe(type, fewer);
    }
    subscribed.put(type, Set.copyOf(wanted));
  }

  @Override
  public void onTables(MeshTables now) {
    tables = true;
  }

  @Override
  public void onInitialFetchTimeout(TypeUrl type, String name) {
    refused.put(name, type + " has never come");
  }

  @Override
  public void onCluster(ClusterConfig cluster) {}

  @Override
  public void onEndpoints(ClusterEndpoints endpoints) {}

  @Override
  public void onClusterRemoved(String name) {}

  @Override
  public void close() {
    client.close();
  }
}
