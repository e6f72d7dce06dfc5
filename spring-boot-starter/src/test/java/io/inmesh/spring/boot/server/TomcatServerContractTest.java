package io.inmesh.spring.boot.server;

import io.inmesh.Mesh;
import io.inmesh.conformance.ServerContract;
import io.inmesh.conformance.ServerUnderTest;
import io.inmesh.conformance.ServerUnderTest.Application;
import io.inmesh.runtime.MeshServices;
import io.inmesh.spring.boot.MeshAutoConfiguration;
import io.inmesh.spring.boot.ServicesMesh;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;

/** Boot's Tomcat with Spring MVC passes the contract of all servers. */
class TomcatServerContractTest {
  @Nested
  class OverHttp1 extends Contract {
    OverHttp1() {
      super(false, Map.of());
    }
  }

  @Nested
  class OverHttp2OnVirtualThreads extends Contract {
    OverHttp2OnVirtualThreads() {
      super(true, Map.of("spring.threads.virtual.enabled", "true"));
    }
  }

  abstract static class Contract extends ServerContract {
    private final boolean http2;
    private final Map<String, String> properties;

    Contract(boolean http2, Map<String, String> properties) {
      this.http2 = http2;
      this.properties = properties;
    }

    @Override
    protected ServerUnderTest server(MeshServices services, Application application) {
      AnnotationConfigServletWebServerApplicationContext context =
          new AnnotationConfigServletWebServerApplicationContext();
      TestPropertyValues.of("server.port=0", "server.address=127.0.0.1")
          .and(properties)
          .applyTo(context);
      context.registerBean(Mesh.class, () -> new ServicesMesh(services));
      context.registerBean(ContractController.class, () -> new ContractController(application));
      context.register(
          MeshAutoConfiguration.class,
          MeshTomcatAutoConfiguration.class,
          TomcatServletWebServerAutoConfiguration.class,
          DispatcherServletAutoConfiguration.class,
          WebMvcAutoConfiguration.class);
      context.refresh();
      return new ServerUnderTest() {
        @Override
        public int port() {
          return context.getWebServer().getPort();
        }

        @Override
        public void close() {
          context.close();
        }
      };
    }

    @Override
    protected boolean http2() {
      return http2;
    }
  }
}
