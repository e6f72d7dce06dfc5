package io.inmesh.spring.boot.client;

import java.net.URI;
import okhttp3.OkHttpClient;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;

/**
 * RestClient and RestTemplate on a meshed OkHttpClient; Spring has no such factory of its own since
 * 7.0. Bodies are streamed; those that Spring can write again are sent again on a retry of the
 * mesh. Thread-safe.
 */
public final class MeshClientHttpRequestFactory implements ClientHttpRequestFactory {
  private final OkHttpClient client;

  /**
   * @param client as {@code mesh.wrap(OkHttpClient.class, ...)} gave it
   */
  public MeshClientHttpRequestFactory(OkHttpClient client) {
    this.client = client;
  }

  @Override
  public ClientHttpRequest createRequest(URI uri, HttpMethod method) {
    return new OkHttpClientHttpRequest(client, uri, method);
  }
}
