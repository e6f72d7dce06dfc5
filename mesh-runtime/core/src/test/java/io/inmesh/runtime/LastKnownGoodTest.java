package io.inmesh.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.inmesh.identity.ManualScheduler;
import io.inmesh.proto.envoy.config.cluster.v3.Cluster;
import io.inmesh.proto.envoy.config.core.v3.DataSource;
import io.inmesh.proto.envoy.config.core.v3.TransportSocket;
import io.inmesh.proto.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.inmesh.proto.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.inmesh.proto.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.inmesh.proto.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.inmesh.xds.ResourceFile;
import io.inmesh.xds.TypeUrl;
import io.inmesh.xds.Update;
import io.inmesh.xds.XdsResource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept on disk, and how often it is written. */
class LastKnownGoodTest {
  private static final String KEY = "-----BEGIN PRIVATE KEY----- very secret";

  @TempDir Path directory;
  private final ManualScheduler timer = new ManualScheduler();
  private boolean inForce = true;

  @AfterEach
  void stop() {
    timer.shutdownNow();
  }

  private LastKnownGood keeper() {
    return new LastKnownGood(
        directory.resolve("kept"),
        () -> Map.of("node", "n"),
        () -> inForce,
        timer,
        Runnable::run,
        Clock.systemUTC(),
        new LastKnownGood.Pace(Duration.ofSeconds(1), Duration.ofSeconds(10)));
  }

  private static XdsResource cluster(String name) {
    return resource(
        TypeUrl.CLUSTER, name, Cluster.newBuilder().setName(name).build().toByteString());
  }

  private static XdsResource resource(TypeUrl type, String name, ByteString body) {
    return new XdsResource(name, "", type, body);
  }

  private static Update update(TypeUrl type, Set<String> removed, XdsResource... resources) {
    return new Update(type, List.of(resources), Set.of(), removed, Map.of(), "", false);
  }

  private List<String> kept() {
    List<String> names = new ArrayList<>();
    ResourceFile file = keeper().read();
    if (file != null) {
      file.resources().forEach(resource -> names.add(resource.name()));
    }
    return names;
  }

  @Test
  void acceptedResourcesAreKeptAndRemovedOnesForgotten() throws Exception {
    LastKnownGood keeper = keeper();
    keeper.accepted(
        update(TypeUrl.CLUSTER, Set.of(), cluster("a"), cluster("b"), cluster("bad")),
        Set.of("bad"));
    timer.next().task().run();
    assertThat(kept()).containsExactly("a", "b");
    keeper.accepted(update(TypeUrl.CLUSTER, Set.of("a")), Set.of());
    timer.next().task().run();
    assertThat(kept()).containsExactly("b");
  }

  @Test
  void manyChangesAreOneWriteAndWritesAreApart() throws Exception {
    LastKnownGood keeper = keeper();
    for (int i = 0; i < 100; i++) {
      keeper.accepted(update(TypeUrl.CLUSTER, Set.of(), cluster("c" + i)), Set.of());
    }
    ManualScheduler.Later first = timer.next();
    assertThat(first.delay()).isEqualTo(Duration.ofSeconds(1));
    assertThat(timer.idle()).as("one write for all of them").isTrue();
    first.task().run();
    assertThat(kept()).hasSize(100);
    keeper.accepted(update(TypeUrl.CLUSTER, Set.of(), cluster("later")), Set.of());
    assertThat(timer.next().delay()).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(10));
    assertThat(timer.idle()).isTrue();
  }

  @Test
  void halfAConfigurationIsNotWritten() throws Exception {
    inForce = false;
    LastKnownGood keeper = keeper();
    keeper.accepted(update(TypeUrl.CLUSTER, Set.of(), cluster("a")), Set.of());
    timer.next().task().run();
    assertThat(kept()).isEmpty();
    inForce = true;
    timer.next().task().run();
    assertThat(kept()).containsExactly("a");
  }

  @Test
  void closingWritesWhatIsNotWrittenYet() {
    LastKnownGood keeper = keeper();
    keeper.accepted(update(TypeUrl.CLUSTER, Set.of(), cluster("a")), Set.of());
    keeper.close();
    assertThat(kept()).containsExactly("a");
  }

  @Test
  void whatComesFromTheFileIsNoReasonToWriteIt() {
    LastKnownGood keeper = keeper();
    keeper.restoring(true);
    keeper.accepted(update(TypeUrl.CLUSTER, Set.of(), cluster("a")), Set.of());
    keeper.restoring(false);
    assertThat(timer.idle()).isTrue();
  }

  @Test
  void secretsNeverReachTheDisk() throws Exception {
    DataSource key = DataSource.newBuilder().setInlineString(KEY).build();
    TlsCertificate certificate = TlsCertificate.newBuilder().setPrivateKey(key).build();
    UpstreamTlsContext tls =
        UpstreamTlsContext.newBuilder()
            .setCommonTlsContext(CommonTlsContext.newBuilder().addTlsCertificates(certificate))
            .build();
    Cluster withKey =
        Cluster.newBuilder()
            .setName("with-key")
            .setTransportSocket(
                TransportSocket.newBuilder().setName("tls").setTypedConfig(Any.pack(tls)))
            .build();
    Secret secret = Secret.newBuilder().setName("s").setTlsCertificate(certificate).build();
    try (LastKnownGood keeper = keeper()) {
      keeper.accepted(
          update(
              TypeUrl.CLUSTER,
              Set.of(),
              cluster("a"),
              resource(TypeUrl.CLUSTER, "with-key", withKey.toByteString())),
          Set.of());
      keeper.accepted(
          update(TypeUrl.SECRET, Set.of(), resource(TypeUrl.SECRET, "s", secret.toByteString())),
          Set.of());
    }
    assertThat(kept()).containsExactly("a");
    assertThat(Files.readString(directory.resolve("kept"), StandardCharsets.ISO_8859_1))
        .doesNotContain("secret");
  }
}
