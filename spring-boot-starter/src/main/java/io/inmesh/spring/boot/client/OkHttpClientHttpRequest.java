package io.inmesh.spring.boot.client;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import okhttp3.Call;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.StreamingHttpOutputMessage;
import org.springframework.http.client.AbstractClientHttpRequest;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.util.FastByteArrayOutputStream;

/** One request: its body is written to the connection, not into memory first, where Spring can. */
final class OkHttpClientHttpRequest extends AbstractClientHttpRequest
    implements StreamingHttpOutputMessage {
  private final OkHttpClient client;
  private final URI uri;
  private final HttpMethod method;
  private @Nullable Body body;
  private @Nullable FastByteArrayOutputStream buffer;

  OkHttpClientHttpRequest(OkHttpClient client, URI uri, HttpMethod method) {
    this.client = client;
    this.uri = uri;
    this.method = method;
  }

  @Override
  public HttpMethod getMethod() {
    return method;
  }

  @Override
  public URI getURI() {
    return uri;
  }

  @Override
  public void setBody(Body body) {
    assertNotExecuted();
    this.body = body;
  }

  @Override
  protected OutputStream getBodyInternal(HttpHeaders headers) {
    FastByteArrayOutputStream known = buffer;
    if (known == null) {
      known = new FastByteArrayOutputStream(1024);
      buffer = known;
    }
    return known;
  }

  @Override
  protected ClientHttpResponse executeInternal(HttpHeaders headers) throws IOException {
    HttpUrl url = HttpUrl.get(uri.toString());
    Request.Builder request = new Request.Builder().url(url).method(method.name(), body(headers));
    headers.forEach(
        (name, values) -> {
          // the library says it of the body
          if (!name.equalsIgnoreCase(HttpHeaders.CONTENT_LENGTH)) {
            values.forEach(value -> request.addHeader(name, value));
          }
        });
    Call call = client.newCall(request.build());
    Interruptions.running(call);
    try {
      return new OkHttpClientHttpResponse(call.execute());
    } finally {
      Interruptions.ended(call);
    }
  }

  private @Nullable RequestBody body(HttpHeaders headers) {
    if (body != null) {
      return new StreamedBody(body, headers.getContentLength());
    }
    if (buffer != null) {
      return RequestBody.create(buffer.toByteArray());
    }
    boolean needed =
        method.equals(HttpMethod.POST)
            || method.equals(HttpMethod.PUT)
            || method.equals(HttpMethod.PATCH);
    return needed ? RequestBody.create(new byte[0]) : null;
  }
}
