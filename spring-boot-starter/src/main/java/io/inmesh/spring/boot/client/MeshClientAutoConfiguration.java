package io.inmesh.spring.boot.client;

import io.inmesh.Mesh;
import io.inmesh.javahttp.JavaHttpAdapter;
import io.inmesh.reactor.ClientHttpConnectorAdapter;
import io.inmesh.spring.boot.ConditionalOnMesh;
import io.inmesh.spring.boot.MeshAutoConfiguration;
import java.net.http.HttpClient;
import okhttp3.OkHttpClient;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.reactive.ClientHttpConnector;

/** Captures the application's HTTP clients. */
@AutoConfiguration(after = MeshAutoConfiguration.class)
@ConditionalOnMesh
public final class MeshClientAutoConfiguration {
  @Bean
  MeshClients meshClients() {
    return new MeshClients();
  }

  /** Beans of type OkHttpClient. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(OkHttpClient.class)
  static class OkHttp {
    @Bean
    static ClientCapture<OkHttpClient> meshOkHttpClients(
        ObjectProvider<Mesh> mesh, ObjectProvider<MeshClients> clients) {
      return new ClientCapture<>(
          OkHttpClient.class, bean -> bean.getClass() == OkHttpClient.class, mesh, clients);
    }
  }

  /** WebClient and reactive HTTP service interfaces. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({
    reactor.netty.http.client.HttpClient.class,
    ClientHttpConnector.class,
    ClientHttpConnectorBuilder.class,
    ClientHttpConnectorAdapter.class
  })
  static class Reactive {
    @Bean
    static ConnectorCapture meshConnectors(
        ObjectProvider<Mesh> mesh, ObjectProvider<MeshClients> clients) {
      return new ConnectorCapture(mesh, clients);
    }
  }

  /** Beans of type HttpClient, of the JDK. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({OkHttpClient.class, JavaHttpAdapter.class})
  static class JavaHttp {
    @Bean
    static ClientCapture<HttpClient> meshJavaHttpClients(
        ObjectProvider<Mesh> mesh, ObjectProvider<MeshClients> clients) {
      return new ClientCapture<>(
          HttpClient.class,
          bean -> bean.getClass().getName().startsWith("jdk.internal."),
          mesh,
          clients);
    }
  }

  /** RestClient, RestTemplate, HTTP service interfaces. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({
    OkHttpClient.class,
    ClientHttpRequestFactory.class,
    ClientHttpRequestFactoryBuilder.class
  })
  static class Rest {
    @Bean
    static RequestFactoryCapture meshRequestFactories(
        ObjectProvider<Mesh> mesh, ObjectProvider<MeshClients> clients) {
      return new RequestFactoryCapture(mesh, clients);
    }
  }
}
