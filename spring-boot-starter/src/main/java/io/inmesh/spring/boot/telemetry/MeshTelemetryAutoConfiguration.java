package io.inmesh.spring.boot.telemetry;

import io.inmesh.spring.boot.ConditionalOnMesh;
import io.inmesh.spring.boot.MeshAutoConfiguration;
import io.inmesh.spring.boot.MeshConfigCustomizer;
import io.opentelemetry.api.OpenTelemetry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/** Gives the mesh the application's {@link OpenTelemetry}, never the global one. */
@AutoConfiguration(before = MeshAutoConfiguration.class)
@ConditionalOnMesh
@ConditionalOnClass(OpenTelemetry.class)
public final class MeshTelemetryAutoConfiguration {
  @Bean
  MeshConfigCustomizer meshOpenTelemetry(ObjectProvider<OpenTelemetry> telemetry) {
    return config -> telemetry.ifUnique(given -> config.with(OpenTelemetry.class, given));
  }
}
