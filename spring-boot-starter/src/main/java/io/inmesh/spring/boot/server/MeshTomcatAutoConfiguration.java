package io.inmesh.spring.boot.server;

import io.inmesh.Mesh;
import io.inmesh.spring.boot.ConditionalOnMesh;
import io.inmesh.spring.boot.MeshAutoConfiguration;
import org.apache.catalina.startup.Tomcat;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * The application's Tomcat is in the mesh; one that serves Actuator alone, on a management port of
 * its own, is not: that port stays in plaintext.
 */
@AutoConfiguration(after = MeshAutoConfiguration.class)
@ConditionalOnMesh
@ConditionalOnWebApplication
@ConditionalOnClass({Tomcat.class, ConfigurableTomcatWebServerFactory.class})
public final class MeshTomcatAutoConfiguration {
  @Bean
  @Order(Ordered.LOWEST_PRECEDENCE)
  WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> meshTomcat(Mesh mesh) {
    return factory -> {
      if (mesh.status().enabled()) {
        factory.addContextCustomizers(context -> TomcatConnectors.mesh(context, mesh));
      }
    };
  }
}
