package io.inmesh.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import io.inmesh.config.ClusterConfig;
import io.inmesh.config.ClusterEndpoints;
import io.inmesh.config.ConfigResource;
import io.inmesh.config.ConfigStore;
import io.inmesh.config.MeshTables;
import io.inmesh.config.SecretRef;
import io.inmesh.config.TablesListener;
import io.inmesh.identity.IdentityStore;
import io.inmesh.identity.IdentityUnavailableException;
import io.inmesh.proto.envoy.config.cluster.v3.Cluster;
import io.inmesh.proto.envoy.config.core.v3.Node;
import io.inmesh.proto.envoy.config.core.v3.TransportSocket;
import io.inmesh.proto.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.inmesh.upstream.ClusterEnvironment;
import io.inmesh.upstream.Clusters;
import io.inmesh.upstream.UpstreamListener;
import io.inmesh.xds.AdsClient;
import io.inmesh.xds.ControlPlaneConnection;
import io.inmesh.xds.ResourceHandler;
import io.inmesh.xds.TypeUrl;
import io.inmesh.xds.Update;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.Test;

/** A secret that nobody brings: what needs it warms for a while, then refuses, never plaintext. */
class MissingSecretTest implements TablesListener, ResourceHandler {
  private final ConfigStore store = new ConfigStore(this, "");
  private final List<String> clusters = new CopyOnWriteArrayList<>();
  private SecretSources sources;

  @Test
  void itsClusterWarmsForALimitedTimeAndThenRefusesConnections() throws Exception {
    assertWarms("kubernetes://client", Duration.ofMillis(300));
  }

  @Test
  void filesThatAreNotThereHoldNothingUp() throws Exception {
    assertWarms("file-cert:/no/such~/key", Duration.ofHours(1));
  }

  @Test
  void untilThenItIsNotInForce() throws Exception {
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    try (TestDiscoveryServer server = new TestDiscoveryServer();
        AdsClient ads = ads(server)) {
      sources(ads, timer, Duration.ofHours(1));
      apply(ads, "kubernetes://client");
      await().until(() -> server.streams.contains("DeltaAggregatedResources"));
      ads.configurationThread().submit(() -> {}).get();
      assertThat(clusters).isEmpty();
    } finally {
      timer.shutdownNow();
    }
  }

  private void assertWarms(String name, Duration limit) throws Exception {
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    try (TestDiscoveryServer server = new TestDiscoveryServer();
        AdsClient ads = ads(server)) {
      Secrets secrets = sources(ads, timer, limit);
      apply(ads, name);
      await().atMost(Duration.ofSeconds(20)).until(() -> clusters.contains("reviews"));
      SecretRef wanted = store.secrets().iterator().next();
      assertThatThrownBy(() -> secrets.certificate(wanted))
          .isInstanceOf(IdentityUnavailableException.class)
          .hasMessageContaining(name)
          .hasMessageContaining("refused");
      sources.close();
    } finally {
      timer.shutdownNow();
    }
  }

  private AdsClient ads(TestDiscoveryServer server) {
    AdsClient client =
        AdsClient.builder(
                ControlPlaneConnection.plaintext("127.0.0.1", server.port()).build(), this)
            .build();
    client.start();
    return client;
  }

  private Secrets sources(AdsClient ads, ScheduledExecutorService timer, Duration limit) {
    Secrets secrets = new Secrets(new IdentityStore(), Clock.systemUTC());
    Clusters none =
        new Clusters(
            new ClusterEnvironment(
                () -> 0,
                System::nanoTime,
                UpstreamListener.NONE,
                host -> new CompletableFuture<>(),
                timer));
    SecretFiles files =
        new SecretFiles(
            secrets, timer, Runnable::run, Duration.ofHours(1), secret -> sources.looked(secret));
    sources = new SecretSources(secrets, files, store, ads, none, Node.getDefaultInstance(), limit);
    return secrets;
  }

  private void apply(AdsClient ads, String name) throws Exception {
    UpstreamTlsContext.Builder tls = UpstreamTlsContext.newBuilder();
    var secret =
        tls.getCommonTlsContextBuilder().addTlsCertificateSdsSecretConfigsBuilder().setName(name);
    if (name.startsWith("file-")) {
      secret
          .getSdsConfigBuilder()
          .getApiConfigSourceBuilder()
          .setApiTypeValue(2)
          .addGrpcServicesBuilder()
          .getEnvoyGrpcBuilder()
          .setClusterName("sds-grpc");
    } else {
      secret.getSdsConfigBuilder().getAdsBuilder();
    }
    Cluster cluster =
        Cluster.newBuilder()
            .setName("reviews")
            .setType(Cluster.DiscoveryType.STATIC)
            .setTransportSocket(
                TransportSocket.newBuilder()
                    .setName("tls")
                    .setTypedConfig(
                        Any.newBuilder()
                            .setTypeUrl(
                                "type.googleapis.com/"
                                    + UpstreamTlsContext.getDescriptor().getFullName())
                            .setValue(tls.build().toByteString())))
            .build();
    Map<String, String> refused =
        ads.configurationThread()
            .submit(
                () ->
                    store.apply(
                        ConfigStore.CLUSTER,
                        List.of(new ConfigResource("reviews", cluster.toByteString())),
                        List.of(),
                        false))
            .get();
    assertThat(refused).isEmpty();
  }

  @Override
  public void onCluster(ClusterConfig cluster) {
    clusters.add(cluster.name());
  }

  @Override
  public void onEndpoints(ClusterEndpoints endpoints) {}

  @Override
  public void onClusterRemoved(String name) {}

  @Override
  public void onTables(MeshTables tables) {}

  @Override
  public void onSubscriptions() {
    sources.follow(store.secrets());
  }

  @Override
  public Map<String, String> onUpdate(Update update) {
    return sources.onUpdate(update);
  }

  @Override
  public void onInitialFetchTimeout(TypeUrl type, String name) {}
}
