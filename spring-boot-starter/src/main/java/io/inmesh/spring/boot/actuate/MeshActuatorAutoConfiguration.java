package io.inmesh.spring.boot.actuate;

import io.inmesh.Mesh;
import io.inmesh.Setting;
import io.inmesh.spring.boot.ConditionalOnMesh;
import io.inmesh.spring.boot.InmeshProperties;
import io.inmesh.spring.boot.MeshAutoConfiguration;
import io.inmesh.spring.boot.MeshConfigCustomizer;
import io.inmesh.spring.boot.client.MeshClientAutoConfiguration;
import io.inmesh.spring.boot.client.MeshClients;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.info.ConditionalOnEnabledInfoContributor;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** The mesh in Actuator. */
@AutoConfiguration(after = {MeshAutoConfiguration.class, MeshClientAutoConfiguration.class})
@ConditionalOnMesh
public final class MeshActuatorAutoConfiguration {
  /** Health {@code inmesh}. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
  static class OfHealth {
    @Bean
    @ConditionalOnEnabledHealthIndicator("inmesh")
    @ConditionalOnMissingBean(name = "inmeshHealthIndicator")
    HealthIndicator inmeshHealthIndicator(Mesh mesh) {
      return new MeshHealthIndicator(mesh);
    }
  }

  /** Info and the endpoint. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
  static class OfEndpoints {
    @Bean
    @ConditionalOnEnabledInfoContributor("inmesh")
    InfoContributor inmeshInfoContributor(Mesh mesh) {
      return new MeshInfoContributor(mesh);
    }

    @Bean
    @ConditionalOnAvailableEndpoint(MeshEndpoint.class)
    @ConditionalOnMissingBean
    MeshEndpoint inmeshEndpoint(Mesh mesh, MeshClients clients) {
      return new MeshEndpoint(mesh, clients);
    }
  }

  /** Probes of the application's own port. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnWebApplication
  @ConditionalOnClass({ManagementPortType.class, HealthIndicator.class})
  static class OfProbes {
    @Bean
    MeshConfigCustomizer inmeshProbePaths(InmeshProperties properties, Environment environment) {
      return config -> {
        List<String> probes =
            properties.plaintext().probes() ? ProbePaths.of(environment) : List.of();
        List<String> own = properties.plaintext().paths();
        if (probes.isEmpty()) {
          return;
        }
        List<String> all = new ArrayList<>(own);
        probes.stream().filter(path -> !own.contains(path)).forEach(all::add);
        String paths = String.join(",", all);
        if (own.isEmpty()) {
          config.setDefault(Setting.PLAINTEXT_PATHS, paths);
        } else {
          config.set(Setting.PLAINTEXT_PATHS, paths);
        }
      };
    }
  }
}
