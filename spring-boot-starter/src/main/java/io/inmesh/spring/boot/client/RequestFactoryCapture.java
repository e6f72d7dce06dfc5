package io.inmesh.spring.boot.client;

import io.inmesh.Mesh;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;

/**
 * What Boot's {@code RestClient.Builder}, {@code RestTemplateBuilder} and HTTP service clients make
 * their requests with, whichever engine the application has chosen.
 */
final class RequestFactoryCapture implements BeanPostProcessor {
  private final ObjectProvider<Mesh> mesh;
  private final ObjectProvider<MeshClients> clients;

  RequestFactoryCapture(ObjectProvider<Mesh> mesh, ObjectProvider<MeshClients> clients) {
    this.mesh = mesh;
    this.clients = clients;
  }

  @Override
  public Object postProcessAfterInitialization(Object bean, String name) {
    if (!(bean instanceof ClientHttpRequestFactoryBuilder<?> applications)
        || bean instanceof MeshRequestFactoryBuilder) {
      return bean;
    }
    Mesh running = mesh.getObject();
    if (!running.status().enabled()) {
      clients.getObject().bypassing(name, ClientHttpRequestFactoryBuilder.class, MeshClients.OFF);
      return bean;
    }
    clients.getObject().captured(name, ClientHttpRequestFactoryBuilder.class);
    return new MeshRequestFactoryBuilder(running, applications);
  }
}
