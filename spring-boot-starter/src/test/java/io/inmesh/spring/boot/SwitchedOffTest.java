package io.inmesh.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.Mesh;
import io.inmesh.spring.boot.apps.Reviews;
import io.inmesh.spring.boot.apps.Storefront;
import io.inmesh.spring.boot.client.MeshClients;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.web.client.RestClient;

/** {@code inmesh.enabled=false}: the application is as if the dependency were not there. */
class SwitchedOffTest {
  @Test
  void nothingIsTouched() {
    String[] off = {
      "inmesh.enabled=false",
      "server.port=0",
      "spring.main.banner-mode=off",
      "logging.level.root=warn",
      "spring.http.serviceclient.reviews.base-url=http://localhost"
    };
    try (ConfigurableApplicationContext server =
            new SpringApplicationBuilder(Reviews.class).properties(off).run();
        ConfigurableApplicationContext client =
            new SpringApplicationBuilder(Storefront.class).properties(off).run()) {
      assertThat(client.getBean(Mesh.class).status().enabled()).isFalse();
      assertThat(client.getBeansOfType(MeshClients.class)).isEmpty();
      assertThat(client.getBean(OkHttpClient.class).interceptors()).isEmpty();
      assertThat(client.getBean(ClientHttpRequestFactoryBuilder.class).getClass().getName())
          .startsWith("org.springframework");
      String plain =
          RestClient.create()
              .get()
              .uri("http://127.0.0.1:" + LiveMesh.port(server) + "/admin")
              .retrieve()
              .body(String.class);
      assertThat(plain).isEqualTo("secret");
    }
  }
}
