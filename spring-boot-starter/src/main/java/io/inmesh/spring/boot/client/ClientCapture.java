package io.inmesh.spring.boot.client;

import io.inmesh.Mesh;
import java.util.function.Predicate;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;

/** Meshes beans of one type of client, which an adapter wraps. */
final class ClientCapture<T> implements BeanPostProcessor {
  private final Class<T> type;
  private final Predicate<T> wrappable;
  private final ObjectProvider<Mesh> mesh;
  private final ObjectProvider<MeshClients> clients;

  /**
   * @param wrappable false: a subclass that something else than the library has made
   */
  ClientCapture(
      Class<T> type,
      Predicate<T> wrappable,
      ObjectProvider<Mesh> mesh,
      ObjectProvider<MeshClients> clients) {
    this.type = type;
    this.wrappable = wrappable;
    this.mesh = mesh;
    this.clients = clients;
  }

  @Override
  public Object postProcessAfterInitialization(Object bean, String name) {
    if (!type.isInstance(bean)) {
      return bean;
    }
    T client = type.cast(bean);
    if (!wrappable.test(client)) {
      clients.getObject().bypassing(name, type, "it is a " + client.getClass().getName());
      return bean;
    }
    Mesh running = mesh.getObject();
    if (!running.status().enabled()) {
      clients.getObject().bypassing(name, type, MeshClients.OFF);
      return bean;
    }
    clients.getObject().captured(name, type);
    return running.wrap(type, client);
  }
}
