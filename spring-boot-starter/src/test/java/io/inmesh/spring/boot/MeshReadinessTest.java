package io.inmesh.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.Mesh;
import io.inmesh.MeshStatus;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Readiness follows the mesh. The mesh is a fake: it is ready when the test says so. */
class MeshReadinessTest {
  private static final AtomicBoolean READY = new AtomicBoolean();

  @Configuration(proxyBeanMethods = false)
  @org.springframework.boot.autoconfigure.ImportAutoConfiguration({
    MeshAutoConfiguration.class,
    org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration
        .class
  })
  static class App {
    @Bean
    Mesh mesh() {
      Mesh mesh = Mockito.mock(Mesh.class);
      Mockito.when(mesh.status())
          .thenAnswer(
              call -> new MeshStatus(true, READY.get(), true, null, null, null, 1, null, null));
      return mesh;
    }
  }

  @Test
  void trafficIsRefusedWhileTheMeshIsNotReady() {
    READY.set(false);
    try (ConfigurableApplicationContext context =
        new SpringApplicationBuilder(App.class)
            .web(WebApplicationType.NONE)
            .properties("spring.main.banner-mode=off")
            .run()) {
      ApplicationAvailability availability = context.getBean(ApplicationAvailability.class);
      assertThat(availability.getReadinessState()).isEqualTo(ReadinessState.REFUSING_TRAFFIC);
      READY.set(true);
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> availability.getReadinessState() == ReadinessState.ACCEPTING_TRAFFIC);
      READY.set(false);
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> availability.getReadinessState() == ReadinessState.REFUSING_TRAFFIC);
    }
  }
}
