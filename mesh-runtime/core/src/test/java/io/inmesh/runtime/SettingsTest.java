package io.inmesh.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.MeshConfig;
import io.inmesh.MeshException;
import io.inmesh.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a value comes from, and what is said when it is wrong. */
class SettingsTest {
  @TempDir Path dir;

  @Test
  void theBuilderWinsOverPropertyEnvironmentFileAndDefault() throws IOException {
    Path file = dir.resolve("mesh.yaml");
    Files.writeString(
        file,
        """
        inmesh:
          namespace: from-file
          service-account: from-file
          workload: from-file
          locality: r/z
        """);
    Map<String, String> environment =
        Map.of(
            "INMESH_NAMESPACE", "env", "INMESH_SERVICE_ACCOUNT", "env", "INMESH_WORKLOAD", "env");
    Map<String, String> properties =
        Map.of("inmesh.namespace", "property", "inmesh.service-account", "property");
    MeshConfig config =
        MeshConfig.builder().configFile(file).set(Setting.NAMESPACE, "builder").build();

    Settings settings = Settings.resolve(config, properties::get, environment::get);

    assertThat(settings.text(Setting.NAMESPACE)).isEqualTo("builder");
    assertThat(settings.text(Setting.SERVICE_ACCOUNT)).isEqualTo("property");
    assertThat(settings.text(Setting.WORKLOAD)).isEqualTo("env");
    assertThat(settings.text(Setting.LOCALITY)).isEqualTo("r/z");
    assertThat(settings.text(Setting.CLUSTER_ID)).isEqualTo("Kubernetes");
    assertThat(settings.describe())
        .contains("inmesh.namespace = builder   # MeshConfig builder")
        .contains("inmesh.service-account = property   # system property inmesh.service-account")
        .contains("inmesh.workload = env   # environment variable INMESH_WORKLOAD")
        .contains("inmesh.locality = r/z   # " + file + ":5")
        .contains("inmesh.cluster-id = Kubernetes   # default");
  }

  @Test
  void whatAFrameworkKnowsIsBelowEverythingButTheDefault() {
    MeshConfig config =
        MeshConfig.builder()
            .setDefault(Setting.NAMESPACE, "framework")
            .setDefault(Setting.SERVICE_ACCOUNT, "framework")
            .build();
    Settings settings =
        Settings.resolve(config, key -> null, Map.of("INMESH_NAMESPACE", "env")::get);
    assertThat(settings.text(Setting.NAMESPACE)).isEqualTo("env");
    assertThat(settings.text(Setting.SERVICE_ACCOUNT)).isEqualTo("framework");
  }

  @Test
  void anUnknownKeyIsRefusedWithFileAndLine() throws IOException {
    Path file = dir.resolve("mesh.yaml");
    Files.writeString(file, "inmesh:\n  namespace: shop\n  namespcae: typo\n");
    assertThatThrownBy(() -> resolve(MeshConfig.builder().configFile(file).build()))
        .isInstanceOf(MeshException.class)
        .hasMessage(file + ":3: there is no setting inmesh.namespcae");
  }

  @Test
  void whatIsNotYamlIsRefused() throws IOException {
    Path file = dir.resolve("mesh.yaml");
    Files.writeString(file, "a: [b\nc: }");
    assertThatThrownBy(() -> resolve(MeshConfig.builder().configFile(file).build()))
        .isInstanceOf(MeshException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("not YAML");
  }

  @Test
  void wrongValuesNameTheSettingItsOriginAndWhatWasExpected() {
    Settings settings =
        resolve(
            MeshConfig.builder()
                .set(Setting.START_LIMIT, "soon")
                .set(Setting.ENABLED, "maybe")
                .set(Setting.CONTROL_PLANE, "nowhere")
                .set(Setting.LABELS, "app")
                .build());
    assertThatThrownBy(() -> settings.duration(Setting.START_LIMIT))
        .hasMessage(
            "setting inmesh.start-limit (MeshConfig builder) is \"soon\", expected a duration such"
                + " as 500ms, 30s, 5m or 24h");
    assertThatThrownBy(() -> settings.flag(Setting.ENABLED)).hasMessageContaining("true or false");
    assertThatThrownBy(() -> settings.hostPort(Setting.CONTROL_PLANE))
        .hasMessageContaining("\"nowhere\", expected host:port");
    assertThatThrownBy(() -> settings.pairs(Setting.LABELS, '='))
        .hasMessageContaining("name=value");
  }

  @Test
  void durationsAndPairsAreRead() {
    Settings settings =
        resolve(
            MeshConfig.builder()
                .set(Setting.START_LIMIT, "1500ms")
                .port("http", 8080)
                .port("grpc", 9090)
                .labels(Map.of("app", "reviews"))
                .build());
    assertThat(settings.duration(Setting.START_LIMIT)).isEqualTo(Duration.ofMillis(1500));
    assertThat(settings.pairs(Setting.PORTS, ':'))
        .containsExactly(Map.entry("http", "8080"), Map.entry("grpc", "9090"));
    assertThat(settings.pairs(Setting.LABELS, '=')).containsEntry("app", "reviews");
  }

  private static Settings resolve(MeshConfig config) {
    return Settings.resolve(config, key -> null, key -> null);
  }
}
