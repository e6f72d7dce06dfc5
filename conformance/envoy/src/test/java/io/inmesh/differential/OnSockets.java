package io.inmesh.differential;

import io.inmesh.call.Outcome;
import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.inmesh.okhttp.OkHttpAdapter;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** The same scenarios through the real adapters: an OkHttp client, a Tomcat server. */
final class OnSockets implements AutoCloseable {
  /** What was handed over, to be asked of Envoy, and what Inmesh made of it. */
  record Handed(Scenario scenario, List<Answer> inmesh) {}

  private static final long MIRRORS_MILLIS = 100;
  int refusedBefore;
  private final Upstreams upstreams;
  private final HandedOver services = new HandedOver();
  private final OkHttpClient client;
  private final ScriptedTomcat tomcat;
  private int number;

  OnSockets(Upstreams upstreams) throws Exception {
    this.upstreams = upstreams;
    this.client =
        new OkHttpAdapter()
            .wrap(
                new OkHttpClient.Builder()
                    .followRedirects(false)
                    .readTimeout(20, TimeUnit.SECONDS)
                    .build(),
                services);
    this.tomcat = ScriptedTomcat.start(services);
  }

  Handed ask(Scenario scenario) throws Exception {
    services.use(scenario, upstreams);
    List<Asked> handed = new ArrayList<>();
    List<Answer> answers = new ArrayList<>();
    List<String> ids = new ArrayList<>();
    for (Asked asked : scenario.requests()) {
      String id = "socket-" + number++;
      int before = services.mesh.outcomes().size();
      services.take();
      Answer given = scenario.inbound() ? served(asked, id) : called(asked, id);
      RequestHead head = services.take();
      if (head == null) {
        refusedBefore++; // by the library or the container
        continue;
      }
      if (given == null) {
        throw new IllegalStateException("handed over and not answered: " + asked);
      }
      Outcome outcome = until(() -> ended(before));
      List<Answer.Got> got =
          scenario.inbound() ? tomcat.take(id, outcome.cluster()) : List.<Answer.Got>of();
      if (scenario.inbound() && given.status() == 400 && got.isEmpty() && dispatched(outcome)) {
        refusedBefore++; // let through by the mesh, refused by the container: %2f, %zz
        continue;
      }
      ids.add(id);
      handed.add(asked(head, asked));
      answers.add(
          new Answer(
              given.status(),
              given.body(),
              given.headers(),
              outcome.route(),
              outcome.cluster(),
              outcome.flags().toString().equals("-") ? "" : outcome.flags().toString(),
              outcome.details(),
              outcome.attempts(),
              got));
    }
    if (!scenario.inbound()) {
      arrived(scenario, ids, answers);
    }
    return new Handed(scenario.with(handed), answers);
  }

  private @Nullable Outcome ended(int before) {
    List<Outcome> all = services.mesh.outcomes();
    return all.size() > before ? all.get(before) : null;
  }

  private static boolean dispatched(Outcome outcome) {
    return outcome.details().equals("via_upstream");
  }

  /** Nobody waits for mirrored requests; they arrive when they do. */
  private void arrived(Scenario scenario, List<String> ids, List<Answer> answers)
      throws InterruptedException {
    if (Protos.json(scenario.manager()).contains("request_mirror_policies")) {
      Thread.sleep(MIRRORS_MILLIS);
    }
    for (int i = 0; i < ids.size(); i++) {
      answers.set(i, answers.get(i).with(List.copyOf(upstreams.take(ids.get(i)))));
    }
  }

  static <T> T until(Callable<@Nullable T> wanted) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
    for (T found; System.nanoTime() < end; Thread.sleep(1)) {
      if ((found = wanted.call()) != null) {
        return found;
      }
    }
    throw new IllegalStateException("the call did not end");
  }

  private static Asked asked(RequestHead head, Asked before) {
    List<String> headers = new ArrayList<>();
    Headers all = head.headers();
    for (int i = 0; i < all.size(); i++) {
      String name = all.name(i);
      if (!name.equals(Asked.ID) && !name.equals(Asked.SCRIPT) && !name.equals("content-length")) {
        headers.add(name);
        headers.add(all.value(i));
      }
    }
    return new Asked(
        head.method(), head.authority(), head.path(), headers, before.body(), before.script());
  }

  private @Nullable Answer called(Asked asked, String id) throws IOException {
    Request request;
    try {
      HttpUrl url = HttpUrl.get("http://" + asked.authority() + asked.path());
      Request.Builder builder = new Request.Builder().url(url);
      for (int i = 0; i < asked.headers().size(); i += 2) {
        builder.addHeader(asked.headers().get(i), asked.headers().get(i + 1));
      }
      builder.header(Asked.ID, id).header(Asked.SCRIPT, asked.script());
      String body = asked.body();
      request =
          builder
              .method(asked.method(), body == null ? null : RequestBody.create(body, null))
              .build();
    } catch (IllegalArgumentException e) {
      return null; // not a URL, or not a header, to OkHttp
    }
    try (Response response = client.newCall(request).execute()) {
      List<String> headers = new ArrayList<>();
      response
          .headers()
          .forEach(pair -> headers.addAll(List.of(pair.getFirst(), pair.getSecond())));
      String body = new String(response.body().bytes(), StandardCharsets.ISO_8859_1);
      return given(response.code(), body, headers);
    }
  }

  private @Nullable Answer served(Asked asked, String id) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), tomcat.port())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(asked.wire(id).getBytes(StandardCharsets.ISO_8859_1));
      Wire.Response response =
          Wire.Response.read(new BufferedInputStream(socket.getInputStream()), asked.method());
      return response == null
          ? null
          : given(response.status(), response.body(), response.headers());
    }
  }

  private static Answer given(int status, String body, List<String> headers) {
    return new Answer(status, body, headers, "", "", "", "", 0, List.of());
  }

  @Override
  public void close() throws Exception {
    tomcat.close();
    services.close();
  }
}
