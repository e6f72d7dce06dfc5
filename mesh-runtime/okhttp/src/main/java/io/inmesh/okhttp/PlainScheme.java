package io.inmesh.okhttp;

import java.io.IOException;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Under mesh TLS the request stays what the application made it, {@code :scheme} http, as a sidecar
 * sends it; OkHttp would say https. Servers behind a sidecar hold it against their own plaintext
 * connection (Tomcat resets the stream).
 */
enum PlainScheme implements Interceptor {
  INSTANCE;

  @Override
  public Response intercept(Chain chain) throws IOException {
    Request request = chain.request();
    HttpUrl url = request.url();
    return chain.proceed(
        request.newBuilder().url(url.newBuilder().scheme("http").port(url.port()).build()).build());
  }
}
