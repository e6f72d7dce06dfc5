package io.inmesh.spring.boot.server;

import io.inmesh.Mesh;
import io.inmesh.reactor.HttpServerAdapter;
import io.inmesh.spring.boot.ConditionalOnMesh;
import io.inmesh.spring.boot.MeshAutoConfiguration;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import reactor.netty.http.server.HttpServer;

/** The application's Reactor Netty is in the mesh; one on a management port of its own is not. */
@AutoConfiguration(after = MeshAutoConfiguration.class)
@ConditionalOnMesh
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
@ConditionalOnClass({
  HttpServer.class,
  NettyReactiveWebServerFactory.class,
  HttpServerAdapter.class
})
public final class MeshNettyAutoConfiguration {
  @Bean
  @Order(Ordered.LOWEST_PRECEDENCE)
  WebServerFactoryCustomizer<NettyReactiveWebServerFactory> meshNetty(Mesh mesh) {
    return factory -> {
      if (mesh.status().enabled()) {
        factory.addServerCustomizers(server -> meshed(server, mesh));
      }
    };
  }

  private static HttpServer meshed(HttpServer server, Mesh mesh) {
    if (server.configuration().sslProvider() != null) {
      LoggerFactory.getLogger("io.inmesh.spring").warn(OwnTls.MESSAGE);
      return server;
    }
    return mesh.wrap(HttpServer.class, server);
  }
}
