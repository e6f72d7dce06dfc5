package io.inmesh.controlplane.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Applications that meet in a folder. Those of several processes: LocalModeTest of the starter. */
@Timeout(120)
class LocalMeshTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private final List<LocalMesh> members = new ArrayList<>();
  @TempDir Path folder;
  private Path mesh;

  @BeforeEach
  void name() {
    mesh = folder.resolve("local/mesh");
  }

  @AfterEach
  void leave() {
    members.forEach(LocalMesh::close);
  }

  private LocalMesh join(Path config) throws IOException {
    LocalMesh.Builder builder =
        LocalMesh.builder().directory(folder.resolve("local")).port(0).limit(LIMIT);
    if (config != null) {
      builder.config(config);
    }
    LocalMesh member = builder.join();
    members.add(member);
    return member;
  }

  private List<String> published() throws IOException {
    try (Stream<Path> files = Files.list(mesh)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".yaml"))
          .sorted()
          .toList();
    }
  }

  @Test
  void theFirstOwnsAndTheNextTakesOverOnTheSamePortWithTheSameCa() throws IOException {
    LocalMesh first = join(null);
    LocalMesh second = join(null);
    LocalMesh third = join(null);
    assertThat(first.owner()).isTrue();
    assertThat(second.owner()).isFalse();
    int port = first.port();
    byte[] root = Files.readAllBytes(first.rootCertificate());
    first.close();
    await().atMost(LIMIT).until(() -> second.owner() || third.owner());
    LocalMesh last = second.owner() ? third : second;
    (second.owner() ? second : third).close();
    await().atMost(LIMIT).until(last::owner);
    assertThat(last.port()).isEqualTo(port);
    assertThat(Files.readAllBytes(last.rootCertificate())).isEqualTo(root);
  }

  @Test
  void nobodyElseOfThisMachineCanLookIn() throws IOException {
    LocalMesh first = join(null);
    Path token = first.tokenFile("shop", "reviews");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(token)))
        .isEqualTo("rw-------");
    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("local"))))
        .isEqualTo("rwx------");
  }

  @Test
  void aPortThatSomethingElseHasIsNotUsed() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      LocalMesh member =
          LocalMesh.builder().directory(folder.resolve("local")).port(taken.getLocalPort()).join();
      members.add(member);
      assertThat(member.port()).isNotEqualTo(taken.getLocalPort());
    }
  }

  @Test
  void eachBringsItsYamlAlongAndChangesAreFollowed() throws IOException {
    Path config = Files.createDirectory(folder.resolve("mesh"));
    Files.writeString(config.resolve("a.yaml"), "# one\n");
    join(null);
    join(config);
    join(config);
    assertThat(published()).as("once, from two").hasSize(1);
    Path copy = mesh.resolve(published().get(0));
    assertThat(copy).content().contains("copy of " + config.resolve("a.yaml")).contains("# one");
    Files.writeString(config.resolve("a.yaml"), "# two\n");
    await().atMost(LIMIT).until(() -> Files.readString(copy).contains("# two"));
    Files.delete(config.resolve("a.yaml"));
    await().atMost(LIMIT).until(() -> published().isEmpty());
  }

  @Test
  void aServiceIsMadeOfAnApplicationUnlessItsYamlDescribesIt() throws IOException {
    Path config = Files.createDirectory(folder.resolve("mesh"));
    LocalMesh member = join(config);
    member.service("shop", "reviews");
    assertThat(published()).containsExactly("service-shop-reviews.yaml");
    Files.writeString(
        config.resolve("own.yaml"),
        """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: reviews, namespace: shop}
        spec:
          hosts: [reviews.shop.svc.cluster.local]
          resolution: STATIC
          ports: [{number: 8080, name: http, protocol: HTTP}]
          workloadSelector: {labels: {app: reviews}}
        """);
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () -> assertThat(published()).hasSize(1).allMatch(name -> name.startsWith("copy-")));
  }

  @Test
  void whatAnEarlierDayLeftIsSwept() throws IOException {
    LocalMesh yesterday = join(null);
    yesterday.service("shop", "reviews");
    yesterday.close();
    Files.writeString(mesh.resolve("mine.yaml"), "# put here by hand\n");
    join(null);
    assertThat(published()).containsExactly("mine.yaml");
  }

  @Test
  void theUsualFolderMayComeLater() throws IOException {
    Path usual = folder.resolve("mesh");
    members.add(
        LocalMesh.builder()
            .directory(folder.resolve("local"))
            .configIfPresent(usual)
            .port(0)
            .join());
    assertThat(published()).isEmpty();
    Files.createDirectory(usual);
    Files.writeString(usual.resolve("a.yaml"), "# one\n");
    await().atMost(LIMIT).until(() -> published().size() == 1);
  }

  @Test
  void aFolderThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> join(folder.resolve("nowhere")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("nowhere");
  }
}
