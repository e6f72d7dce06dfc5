package io.inmesh.spring.boot.client;

import io.inmesh.Mesh;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.http.client.ClientHttpRequestFactory;

/**
 * In the place of the application's {@link ClientHttpRequestFactoryBuilder}: its requests go
 * through the mesh, with the same {@link HttpClientSettings}. One client, with its connections, for
 * each settings.
 */
final class MeshRequestFactoryBuilder
    implements ClientHttpRequestFactoryBuilder<ClientHttpRequestFactory> {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh.spring");

  private final Mesh mesh;
  private final ClientHttpRequestFactoryBuilder<?> applications;
  private final Map<HttpClientSettings, ClientHttpRequestFactory> made = new ConcurrentHashMap<>();

  MeshRequestFactoryBuilder(Mesh mesh, ClientHttpRequestFactoryBuilder<?> applications) {
    this.mesh = mesh;
    this.applications = applications;
  }

  @Override
  public ClientHttpRequestFactory build(@Nullable HttpClientSettings settings) {
    HttpClientSettings wanted = settings == null ? HttpClientSettings.defaults() : settings;
    if (wanted.inetAddressFilter() != null) {
      LOG.warn(MeshClients.FILTERED);
      return applications.build(settings);
    }
    return made.computeIfAbsent(
        wanted,
        each ->
            new MeshClientHttpRequestFactory(
                mesh.wrap(OkHttpClient.class, OkHttpClients.of(each))));
  }
}
