package io.inmesh.benchmarks.performance;

import io.inmesh.Mesh;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;

/** A caller's process: does what it is told in lines of input, and ends with them. */
final class ClientMain {
  private static final ThreadLocal<byte[]> BUFFER = ThreadLocal.withInitial(() -> new byte[1024]);

  private ClientMain() {}

  /**
   * @param arguments {@link Role}, work directory
   */
  public static void main(String[] arguments)
      throws IOException, GeneralSecurityException, InterruptedException {
    Role role = Role.valueOf(arguments[0]);
    OkHttpClient.Builder builder =
        new OkHttpClient.Builder()
            .protocols(List.of(Protocol.HTTP_1_1))
            .connectionPool(new ConnectionPool(16, 5, TimeUnit.MINUTES));
    if (role == Role.RAW_TLS) {
      KeyStores.mutual(builder, Path.of(arguments[1]));
    }
    OkHttpClient client = builder.build();
    if (role == Role.MESHED) {
      client = Mesh.start().wrap(OkHttpClient.class, client);
    }
    Callers callers = new Callers();
    System.out.println("ready");
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println(answer(line.split(" "), client, callers));
    }
    Runtime.getRuntime().halt(0);
  }

  /** {@code open callers rate millis url host}, {@code closed callers millis url host}, ... */
  private static Object answer(String[] words, OkHttpClient client, Callers callers)
      throws InterruptedException {
    int count = words.length;
    return switch (words[0]) {
      case "open" ->
          callers.open(
              number(words[1]),
              number(words[2]),
              number(words[3]),
              action(client, words[count - 2], words[count - 1]));
      case "closed" ->
          callers.closed(
              number(words[1]),
              number(words[2]),
              action(client, words[count - 2], words[count - 1]));
      case "try" -> ask(client, words[count - 2], words[count - 1]);
      case "retained" -> Heap.retained();
      default -> throw new IllegalArgumentException(words[0]);
    };
  }

  private static int number(String word) {
    return Integer.parseInt(word);
  }

  private static Request request(String url, String host) {
    Request.Builder request = new Request.Builder().url(url).header("accept", "application/json");
    return host.equals("-") ? request.build() : request.header("host", host).build();
  }

  /** One call, told in words when it is not a 200. */
  private static String ask(OkHttpClient client, String url, String host) {
    try (Response response = client.newCall(request(url, host)).execute()) {
      String body = response.body().string();
      return response.code() == 200 ? "ok" : response.code() + " " + body.replace('\n', ' ');
    } catch (IOException e) {
      return e.toString().replace('\n', ' ');
    }
  }

  private static OpenLoop.Action action(OkHttpClient client, String url, String host) {
    Request request = request(url, host);
    return () -> {
      try (Response response = client.newCall(request).execute()) {
        byte[] read = BUFFER.get();
        var body = response.body().source();
        while (body.read(read) >= 0) {
          // small
        }
        return response.code() == 200;
      } catch (IOException e) {
        return false;
      }
    };
  }
}
