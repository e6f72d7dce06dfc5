package io.inmesh.spring.boot.client;

import io.inmesh.Mesh;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.http.client.reactive.ClientHttpConnector;

/** What Boot's {@code WebClient.Builder} and reactive HTTP service clients connect with. */
final class ConnectorCapture implements BeanPostProcessor {
  private final ObjectProvider<Mesh> mesh;
  private final ObjectProvider<MeshClients> clients;

  ConnectorCapture(ObjectProvider<Mesh> mesh, ObjectProvider<MeshClients> clients) {
    this.mesh = mesh;
    this.clients = clients;
  }

  @Override
  public Object postProcessAfterInitialization(Object bean, String name) {
    boolean builder = bean instanceof ClientHttpConnectorBuilder<?> && !(bean instanceof Builder);
    boolean connector = bean instanceof ClientHttpConnector && !(bean instanceof MeshedConnector);
    if (!builder && !connector) {
      return bean;
    }
    Class<?> type = builder ? ClientHttpConnectorBuilder.class : ClientHttpConnector.class;
    Mesh running = mesh.getObject();
    if (!running.status().enabled()) {
      clients.getObject().bypassing(name, type, MeshClients.OFF);
      return bean;
    }
    clients.getObject().captured(name, type);
    return builder
        ? new Builder(running, (ClientHttpConnectorBuilder<?>) bean, new ConcurrentHashMap<>())
        : MeshedConnector.of(running, (ClientHttpConnector) bean, null);
  }

  /** One connector, with its connections, for each settings. */
  private record Builder(
      Mesh mesh,
      ClientHttpConnectorBuilder<?> applications,
      Map<HttpClientSettings, ClientHttpConnector> made)
      implements ClientHttpConnectorBuilder<ClientHttpConnector> {
    @Override
    public ClientHttpConnector build(
        @org.jspecify.annotations.Nullable HttpClientSettings settings) {
      HttpClientSettings wanted = settings == null ? HttpClientSettings.defaults() : settings;
      if (wanted.inetAddressFilter() != null) {
        LoggerFactory.getLogger("io.inmesh.spring").warn(MeshClients.FILTERED);
        return applications.build(wanted);
      }
      return made.computeIfAbsent(
          wanted, each -> MeshedConnector.of(mesh, applications.build(each), each));
    }
  }
}
