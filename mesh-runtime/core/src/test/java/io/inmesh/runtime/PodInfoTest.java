package io.inmesh.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Value;
import io.inmesh.MeshConfig;
import io.inmesh.MeshException;
import io.inmesh.Setting;
import io.inmesh.proto.envoy.config.core.v3.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a pod gives without a single setting of ours: downward API and mounted files. */
class PodInfoTest {
  @TempDir Path root;

  private final Map<String, String> environment =
      new HashMap<>(
          Map.of(
              "POD_NAME", "reviews-7d4f-x2x",
              "POD_NAMESPACE", "shop",
              "SERVICE_ACCOUNT", "reviews",
              "INSTANCE_IP", "10.1.2.3",
              "ISTIO_META_CLUSTER_ID", "west",
              "ISTIO_META_NETWORK", "net1",
              "ISTIO_META_WORKLOAD_NAME", "reviews-v1",
              "ISTIO_META_POD_PORTS", "[{\"name\":\"http\",\"containerPort\":8080}]",
              "ISTIO_META_ENABLE_HBONE", "true"));

  private Settings resolve(MeshConfig.Builder config) {
    return Settings.resolve(
        config.build(), key -> null, environment::get, new PodInfo(environment::get, root));
  }

  private void file(String name, String text) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  @Test
  void theNodeIsThatOfTheInjectedSidecar() throws IOException {
    file("etc/istio/pod/labels", "app=\"reviews\"\nversion=\"v1\"\n");
    Node node = Nodes.of(resolve(MeshConfig.builder()));
    assertThat(node.getId())
        .isEqualTo("sidecar~10.1.2.3~reviews-7d4f-x2x.shop~shop.svc.cluster.local");
    Map<String, Value> metadata = node.getMetadata().getFieldsMap();
    assertThat(text(metadata, "SERVICE_ACCOUNT")).isEqualTo("reviews");
    assertThat(text(metadata, "CLUSTER_ID")).isEqualTo("west");
    assertThat(text(metadata, "NETWORK")).isEqualTo("net1");
    assertThat(text(metadata, "WORKLOAD_NAME")).isEqualTo("reviews-v1");
    assertThat(text(metadata, "POD_PORTS")).contains("8080");
    assertThat(metadata).as("what is not true of us").doesNotContainKey("ENABLE_HBONE");
    assertThat(text(metadata.get("LABELS").getStructValue().getFieldsMap(), "version"))
        .isEqualTo("v1");
  }

  private static String text(Map<String, Value> fields, String name) {
    return fields.get(name).getStringValue();
  }

  @Test
  void settingsWinAndEveryOriginIsSaid() {
    Settings settings = resolve(MeshConfig.builder().set(Setting.WORKLOAD, "mine"));
    assertThat(settings.describe())
        .contains("inmesh.workload = mine   # MeshConfig builder")
        .contains("inmesh.namespace = shop   # environment variable POD_NAMESPACE")
        .contains("inmesh.ip = 10.1.2.3   # environment variable INSTANCE_IP");
  }

  @Test
  void theNamespaceOfTheServiceAccountIsTheLastThatIsAsked() throws IOException {
    file("var/run/secrets/kubernetes.io/serviceaccount/namespace", "mounted\n");
    assertThat(resolve(MeshConfig.builder()).text(Setting.NAMESPACE)).isEqualTo("shop");
    environment.remove("POD_NAMESPACE");
    assertThat(resolve(MeshConfig.builder()).text(Setting.NAMESPACE)).isEqualTo("mounted");
    Files.delete(root.resolve("var/run/secrets/kubernetes.io/serviceaccount/namespace"));
    assertThat(resolve(MeshConfig.builder()).text(Setting.NAMESPACE)).isEqualTo("default");
  }

  @Test
  void aPodWithoutTheTlsModeLabelIsWarnedOf() throws IOException {
    file("etc/istio/pod/labels", "app=\"reviews\"\n");
    PodLabels silent = PodLabels.of(resolve(MeshConfig.builder()));
    assertThat(silent.warning())
        .contains("security.istio.io/tlsMode: istio")
        .contains("/etc/istio/pod/labels");
    assertThat(silent.reported()).containsEntry("security.istio.io/tlsMode", "istio");
    file("etc/istio/pod/labels", "app=\"reviews\"\nsecurity.istio.io/tlsMode=\"istio\"\n");
    assertThat(PodLabels.of(resolve(MeshConfig.builder())).warning()).isNull();
  }

  @Test
  void outsideAPodNothingIsWarnedOfAndWithoutIdentityNothingPromised() {
    PodLabels outside = PodLabels.of(resolve(MeshConfig.builder().set(Setting.LABELS, "app=x")));
    assertThat(outside.warning()).isNull();
    assertThat(outside.reported())
        .containsEntry("app", "x")
        .containsEntry("security.istio.io/tlsMode", "istio");
    PodLabels plaintext = PodLabels.of(resolve(MeshConfig.builder().set(Setting.IDENTITY, "none")));
    assertThat(plaintext.reported()).doesNotContainKey("security.istio.io/tlsMode");
  }

  @Test
  void aFileThatHoldsNoLabelsIsRefused() throws IOException {
    file("podinfo", "not labels");
    assertThatThrownBy(
            () -> PodLabels.of(resolve(MeshConfig.builder().set(Setting.LABELS_FILE, "/podinfo"))))
        .isInstanceOf(MeshException.class)
        .hasMessageContaining("podinfo is no file of labels")
        .hasMessageContaining("not labels");
  }

  @Test
  void exemptionsThatCannotBeMeantAreRefused() {
    for (String path : new String[] {"healthz", "//x", "/a b"}) {
      assertThatThrownBy(
              () ->
                  ConfiguredExemptions.of(
                      resolve(MeshConfig.builder().set(Setting.PLAINTEXT_PATHS, path))))
          .isInstanceOf(MeshException.class)
          .hasMessageContaining("inmesh.plaintext.paths")
          .hasMessageContaining(path);
    }
    assertThatThrownBy(
            () ->
                ConfiguredExemptions.of(
                    resolve(MeshConfig.builder().set(Setting.PLAINTEXT_PORTS, "http"))))
        .isInstanceOf(MeshException.class)
        .hasMessageContaining("inmesh.plaintext.ports");
    assertThat(ConfiguredExemptions.of(resolve(MeshConfig.builder())).none()).isTrue();
  }
}
