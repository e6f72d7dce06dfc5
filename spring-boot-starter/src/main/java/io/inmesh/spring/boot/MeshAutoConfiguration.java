package io.inmesh.spring.boot;

import io.inmesh.Mesh;
import io.inmesh.MeshConfig;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesBinding;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.server.ConfigurableWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/** The application's {@link Mesh}, started with the application and ended with it. */
@AutoConfiguration
@EnableConfigurationProperties(InmeshProperties.class)
public final class MeshAutoConfiguration {
  @Bean
  @ConfigurationPropertiesBinding
  static PairsConverter inmeshPairsConverter() {
    return new PairsConverter();
  }

  /** With {@code inmesh.enabled=false} it is one that wraps nothing. */
  @Bean(destroyMethod = "close")
  @ConditionalOnMissingBean
  Mesh mesh(
      InmeshProperties properties,
      Environment environment,
      ObjectProvider<ServerPort> port,
      ObjectProvider<MeshConfigCustomizer> customizers) {
    MeshConfig.Builder config = MeshConfigs.of(properties, environment);
    if (properties.enabled()) {
      ServerPort served = port.getIfAvailable();
      WorkloadDefaults.add(
          config, properties, environment, served == null ? null : served.number());
      customizers.orderedStream().forEach(customizer -> customizer.customize(config));
    }
    return Mesh.start(config.build());
  }

  @Bean
  @ConditionalOnMesh
  @ConditionalOnMissingBean
  MeshLifecycle meshLifecycle(Mesh mesh) {
    return new MeshLifecycle(mesh);
  }

  @Bean
  @ConditionalOnMesh
  @ConditionalOnMissingBean
  MeshReadiness meshReadiness(Mesh mesh, ApplicationContext context) {
    return new MeshReadiness(mesh, context);
  }

  /** An application that serves. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnMesh
  @ConditionalOnWebApplication
  @ConditionalOnClass(ConfigurableWebServerFactory.class)
  static class Served {
    @Bean
    ServerPort inmeshServerPort(Environment environment) {
      return ServerPort.of(environment);
    }

    @Bean
    @Order(Ordered.LOWEST_PRECEDENCE)
    WebServerFactoryCustomizer<ConfigurableWebServerFactory> inmeshPort(ServerPort port) {
      return factory -> {
        Integer number = port.number();
        if (port.chosen() && number != null) {
          factory.setPort(number);
        }
      };
    }
  }
}
