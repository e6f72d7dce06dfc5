package io.inmesh.examples.quickstart;

import io.inmesh.Mesh;
import java.io.IOException;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/** The storefront: an ordinary OkHttp client, asking an ordinary URL. */
final class Storefront {
  private final OkHttpClient http;

  /** The mesh is one line. */
  Storefront(Mesh mesh) {
    this.http = mesh.wrap(OkHttpClient.class, new OkHttpClient());
  }

  Review review() throws IOException {
    Request request = new Request.Builder().url("http://reviews.shop:8080/reviews/1").build();
    try (Response response = http.newCall(request).execute()) {
      return Review.read(response);
    }
  }
}
