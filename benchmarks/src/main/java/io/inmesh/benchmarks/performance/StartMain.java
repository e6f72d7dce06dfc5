package io.inmesh.benchmarks.performance;

import io.inmesh.Mesh;
import java.io.IOException;
import java.util.List;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;

/** A fresh process that starts its mesh and makes one call. */
final class StartMain {
  private StartMain() {}

  /**
   * @param arguments URL
   */
  public static void main(String[] arguments) throws IOException {
    OkHttpClient plain = new OkHttpClient.Builder().protocols(List.of(Protocol.HTTP_1_1)).build();
    Request request = new Request.Builder().url(arguments[0]).build();
    long start = System.nanoTime();
    Mesh mesh = Mesh.start();
    long started = System.nanoTime();
    try (Response response = mesh.wrap(OkHttpClient.class, plain).newCall(request).execute()) {
      if (response.code() != 200) {
        throw new IOException(response.code() + " " + response.body().string());
      }
      response.body().bytes();
    }
    System.out.println(started - start + " " + (System.nanoTime() - started));
    Runtime.getRuntime().halt(0);
  }
}
