package io.inmesh.spring.boot.client;

import java.io.InputStream;
import okhttp3.Headers;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.ClientHttpResponse;

/** An answer, whose body is read as it comes. */
final class OkHttpClientHttpResponse implements ClientHttpResponse {
  private final Response response;
  private volatile @Nullable HttpHeaders headers;

  OkHttpClientHttpResponse(Response response) {
    this.response = response;
  }

  @Override
  public HttpStatusCode getStatusCode() {
    return HttpStatusCode.valueOf(response.code());
  }

  @Override
  public String getStatusText() {
    return response.message();
  }

  @Override
  public InputStream getBody() {
    return response.body().byteStream();
  }

  @Override
  public HttpHeaders getHeaders() {
    HttpHeaders known = headers;
    if (known == null) {
      known = new HttpHeaders();
      Headers all = response.headers();
      for (int i = 0; i < all.size(); i++) {
        known.add(all.name(i), all.value(i));
      }
      headers = known;
    }
    return known;
  }

  @Override
  public void close() {
    response.close();
  }
}
