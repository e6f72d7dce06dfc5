package io.inmesh.spring.boot.client;

import io.inmesh.Mesh;
import okhttp3.OkHttpClient;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;

/** Meshes beans of type {@link OkHttpClient}. */
final class OkHttpClientCapture implements BeanPostProcessor {
  private final ObjectProvider<Mesh> mesh;
  private final ObjectProvider<MeshClients> clients;

  OkHttpClientCapture(ObjectProvider<Mesh> mesh, ObjectProvider<MeshClients> clients) {
    this.mesh = mesh;
    this.clients = clients;
  }

  @Override
  public Object postProcessAfterInitialization(Object bean, String name) {
    if (!(bean instanceof OkHttpClient client)) {
      return bean;
    }
    if (client.getClass() != OkHttpClient.class) {
      clients.getObject().bypassing(name, OkHttpClient.class, "a subclass: " + client.getClass());
      return bean;
    }
    Mesh running = mesh.getObject();
    if (!running.status().enabled()) {
      clients.getObject().bypassing(name, OkHttpClient.class, "the mesh is off");
      return bean;
    }
    clients.getObject().captured(name, OkHttpClient.class);
    return running.wrap(OkHttpClient.class, client);
  }
}
