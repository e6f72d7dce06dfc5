package io.inmesh.benchmarks.path;

import com.sun.management.ThreadMXBean;
import io.inmesh.Mesh;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** The caller of an arm, in a process of its own: asks one after the other, as fast as it can. */
final class ClientMain {
  private static final Duration START = Duration.ofSeconds(180);

  private ClientMain() {}

  /**
   * @param arguments arm, port of the raw server, work directory
   */
  public static void main(String[] arguments)
      throws IOException, GeneralSecurityException, InterruptedException {
    Arm arm = Arm.valueOf(arguments[0]);
    OkHttpClient.Builder builder =
        new OkHttpClient.Builder()
            .protocols(List.of(Protocol.HTTP_1_1))
            .connectionPool(new ConnectionPool(16, 5, TimeUnit.MINUTES));
    if (arm == Arm.RAW_TLS) {
      KeyStores.trust(builder, Path.of(arguments[2]));
    }
    OkHttpClient client = builder.build();
    if (arm.meshed()) {
      client = Mesh.start().wrap(OkHttpClient.class, client);
    }
    Request request =
        new Request.Builder()
            .url(arm.url(Integer.parseInt(arguments[1])))
            .header("accept", "application/json")
            .build();
    awaitAnswer(client, request);
    System.out.println("ready");
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      System.out.println(
          run(client, request, Integer.parseInt(words[1]), Long.parseLong(words[2])));
    }
    Runtime.getRuntime().halt(0);
  }

  private static void awaitAnswer(OkHttpClient client, Request request)
      throws InterruptedException {
    long end = System.nanoTime() + START.toNanos();
    String last = "";
    while (System.nanoTime() < end) {
      try (Response response = client.newCall(request).execute()) {
        if (response.code() == 200) {
          return;
        }
        last = response.code() + " " + response.body().string();
      } catch (IOException e) {
        last = e.toString();
      }
      Thread.sleep(50);
    }
    throw new IllegalStateException("no answer from " + request.url() + ": " + last);
  }

  private static Round run(OkHttpClient client, Request request, int threads, long millis)
      throws InterruptedException {
    List<Worker> workers = new ArrayList<>();
    Usage before = Usage.now();
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    for (int i = 0; i < threads; i++) {
      Worker worker = new Worker(client, request, end);
      workers.add(worker);
      worker.start();
    }
    int requests = 0;
    int failures = 0;
    long allocated = 0;
    for (Worker worker : workers) {
      worker.join();
      requests += worker.requests;
      failures += worker.failures;
      allocated += worker.allocated;
    }
    long[] latencies = new long[requests];
    int at = 0;
    for (Worker worker : workers) {
      System.arraycopy(worker.nanos, 0, latencies, at, worker.requests);
      at += worker.requests;
    }
    Arrays.sort(latencies);
    return new Round(
        requests,
        failures,
        requests == 0 ? 0 : latencies[requests / 2],
        Usage.now().since(before).cpuNanos(),
        allocated);
  }

  private static final class Worker extends Thread {
    private final OkHttpClient client;
    private final Request request;
    private final long end;
    private final byte[] read = new byte[1024];
    private long[] nanos = new long[1 << 17];
    private int requests;
    private int failures;
    private long allocated;

    Worker(OkHttpClient client, Request request, long end) {
      super("caller");
      this.client = client;
      this.request = request;
      this.end = end;
    }

    @Override
    public void run() {
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long before = threads.getCurrentThreadAllocatedBytes();
      for (long now = System.nanoTime(); now < end && requests < nanos.length; ) {
        if (!good(call())) {
          failures++;
        }
        long after = System.nanoTime();
        nanos[requests++] = after - now;
        now = after;
      }
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    }

    private static boolean good(@Nullable Integer status) {
      return status != null && status == 200;
    }

    private @Nullable Integer call() {
      try (Response response = client.newCall(request).execute()) {
        var body = response.body().source();
        while (body.read(read) >= 0) {
          // small
        }
        return response.code();
      } catch (IOException e) {
        return null;
      }
    }
  }
}
