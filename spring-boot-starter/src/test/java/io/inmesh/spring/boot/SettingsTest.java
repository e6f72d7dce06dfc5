package io.inmesh.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.MeshConfig;
import io.inmesh.Setting;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.mock.env.MockEnvironment;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every setting of Inmesh is a property of Spring Boot, with the same name and meaning. */
class SettingsTest {
  private static final Map<Setting, String> SOME =
      Map.ofEntries(
          Map.entry(Setting.ENABLED, "false"),
          Map.entry(Setting.CONTROL_PLANE_PLAINTEXT, "true"),
          Map.entry(Setting.LABELS, "app=reviews,version=v1"),
          Map.entry(Setting.PORTS, "http:8080,grpc:9090"),
          Map.entry(Setting.PLAINTEXT_PORTS, "8081,8082"),
          Map.entry(Setting.PLAINTEXT_PATHS, "/healthz,/ready?full"),
          Map.entry(Setting.IDENTITY_LIFETIME, "90000ms"),
          Map.entry(Setting.START_LIMIT, "5000ms"),
          Map.entry(Setting.DRAIN_LIMIT, "700ms"),
          Map.entry(Setting.ON_START_LIMIT, "last-known-good"),
          Map.entry(Setting.CONTROL_PLANE_FALLBACKS, "a:1,b:2"),
          Map.entry(Setting.EXCLUDE, "10.0.0.0/8,legacy:80"));

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner().withUserConfiguration(OnlyProperties.class);

  @Configuration
  @EnableConfigurationProperties(InmeshProperties.class)
  static class OnlyProperties {
    @Bean
    @org.springframework.boot.context.properties.ConfigurationPropertiesBinding
    static PairsConverter pairs() {
      return new PairsConverter();
    }
  }

  private static MeshConfig config(ApplicationContext context) {
    return MeshConfigs.of(context.getBean(InmeshProperties.class), context.getEnvironment())
        .build();
  }

  @Test
  void eachIsTakenFromTheEnvironment() {
    Map<Setting, String> given = new HashMap<>();
    for (Setting setting : Setting.values()) {
      given.put(setting, SOME.getOrDefault(setting, "value-of-" + setting.name()));
    }
    runner
        .withPropertyValues(
            given.entrySet().stream()
                .map(e -> e.getKey().key() + "=" + e.getValue())
                .toArray(String[]::new))
        .run(
            context ->
                assertThat(config(context).values()).containsExactlyInAnyOrderEntriesOf(given));
  }

  @Test
  void eachIsInTheMetadataWithAnExplanation() throws IOException {
    try (InputStream in =
        getClass().getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
      JsonNode properties = JsonMapper.shared().readTree(in).get("properties");
      Set<String> explained =
          properties
              .valueStream()
              .filter(p -> p.has("description"))
              .map(p -> p.get("name").asString())
              .collect(Collectors.toSet());
      assertThat(explained).containsAll(Arrays.stream(Setting.values()).map(Setting::key).toList());
    }
  }

  @Test
  void labelsMayBeNested() {
    runner
        .withPropertyValues("inmesh.labels.app=reviews", "inmesh.ports.http=8080")
        .run(
            context ->
                assertThat(config(context).values())
                    .containsEntry(Setting.LABELS, "app=reviews")
                    .containsEntry(Setting.PORTS, "http:8080"));
  }

  @Test
  void labelsThatAreNoneAreRefused() {
    runner
        .withPropertyValues("inmesh.labels=reviews")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .hasMessageContaining("expected name=value"));
  }

  @Test
  void theApplicationsNameAndPortAreDefaults() {
    MeshConfig.Builder config = MeshConfig.builder();
    runner.run(
        context ->
            WorkloadDefaults.add(
                config,
                context.getBean(InmeshProperties.class),
                new MockEnvironment().withProperty("spring.application.name", "reviews"),
                8081));
    assertThat(config.build().values()).isEmpty();
    assertThat(config.build().defaults())
        .containsEntry(Setting.SERVICE_ACCOUNT, "reviews")
        .containsEntry(Setting.LABELS, "app=reviews")
        .containsEntry(Setting.WORKLOAD, "reviews-8081")
        .containsEntry(Setting.PORTS, "http:8081");
  }

  @Test
  void aNameWithSpacesIsMadeOneOfKubernetes() {
    MeshConfig.Builder config = MeshConfig.builder();
    runner.run(
        context ->
            WorkloadDefaults.add(
                config,
                context.getBean(InmeshProperties.class),
                new MockEnvironment().withProperty("spring.application.name", "My Shop!"),
                null));
    assertThat(config.build().defaults()).containsEntry(Setting.SERVICE_ACCOUNT, "my-shop");
  }

  @Test
  void aPortOfZeroIsChosenBeforehand() {
    MockEnvironment environment = new MockEnvironment();
    assertThat(ServerPort.of(environment)).isEqualTo(new ServerPort(8080, false));
    environment.setProperty("server.port", "-1");
    assertThat(ServerPort.of(environment)).isEqualTo(new ServerPort(null, false));
    environment.setProperty("server.port", "0");
    assertThat(ServerPort.of(environment).chosen()).isTrue();
    assertThat(ServerPort.of(environment).number()).isPositive();
    environment.setProperty("server.port", "eighty");
    assertThatThrownBy(() -> ServerPort.of(environment)).hasMessageContaining("eighty");
  }
}
