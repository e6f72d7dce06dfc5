package io.inmesh.differential;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.inmesh.envoy.EnvoyRefusedException;
import io.inmesh.envoy.RealEnvoy;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Asks a real Envoy: one process for a batch of scenarios, a listener for each, the requests of a
 * scenario pipelined on one connection. What Envoy chose is read from its access log.
 */
final class EnvoySide {
  /** Stands for the listener's own port in configurations. */
  static final int OWN_PORT = 18080;

  private static final int CLIENTS = 12;
  private static final int CONNECTIONS = 5;

  /**
   * Of a scenario under which upstreams keep silent so many requests are asked on one connection.
   */
  private static final int SILENT_IN_TURN = 4;

  private static final String INSPECTOR =
      """
      "listener_filters":[{"name":"tls_inspector","typed_config":{"@type":"type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector"}}],""";

  private static final String LOG =
      """
      ,"access_log":[{"name":"log","typed_config":{"@type":"type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",\
      "path":"%s","log_format":{"json_format":{"id":"%%REQ(x-case)%%","route":"%%ROUTE_NAME%%","cluster":"%%UPSTREAM_CLUSTER_RAW%%",\
      "flags":"%%RESPONSE_FLAGS%%","details":"%%RESPONSE_CODE_DETAILS%%","attempts":"%%UPSTREAM_REQUEST_ATTEMPT_COUNT%%"}}}}],"stat_prefix":"s","delayed_close_timeout":"0.05s"}""";

  private final Path work;
  private final Upstreams upstreams;
  private final AtomicInteger batches = new AtomicInteger();

  EnvoySide(Path work, Upstreams upstreams) {
    this.work = work;
    this.upstreams = upstreams;
  }

  /** The answers of every scenario, request by request. */
  List<List<Answer>> ask(List<Scenario> scenarios) throws Exception {
    for (int attempt = 1; ; attempt++) {
      try {
        return askOnce(scenarios);
      } catch (EnvoyRefusedException e) {
        // a port that was free when it was chosen may be somebody's a moment later
        if (attempt == 5 || !String.valueOf(e.getMessage()).contains("Address already in use")) {
          throw e;
        }
      }
    }
  }

  private List<List<Answer>> askOnce(List<Scenario> scenarios) throws Exception {
    int batch = batches.getAndIncrement();
    Path directory = work.resolve("batch-" + batch);
    List<Integer> ports = Ports.free(scenarios.size());
    try (RealEnvoy envoy =
        RealEnvoy.start(
            bootstrap(scenarios, ports, RealEnvoy.accessLog(directory)),
            directory,
            "-l",
            "error")) {
      List<Slice> slices = slices(scenarios);
      Map<Slice, Future<List<Wire.@Nullable Response>>> running = new HashMap<>();
      ExecutorService clients = Executors.newFixedThreadPool(CLIENTS, EnvoySide::daemon);
      // what waits for time-outs first
      slices.stream()
          .sorted(Comparator.comparingInt(Slice::size))
          .forEach(
              slice ->
                  running.put(
                      slice, clients.submit(() -> exchange(ports, batch, scenarios, slice))));
      List<List<Wire.@Nullable Response>> raw = new ArrayList<>();
      for (Slice slice : slices) {
        List<Wire.@Nullable Response> mine = Objects.requireNonNull(running.get(slice)).get();
        if (slice.from == 0) {
          raw.add(new ArrayList<>());
        }
        raw.get(slice.scenario).addAll(mine);
      }
      clients.shutdown();
      envoy.close(); // writes the log out
      List<List<Answer>> answers = join(batch, scenarios, raw, log(directory));
      delete(directory);
      return answers;
    }
  }

  /** Requests of one scenario that one client asks. */
  private record Slice(int scenario, int from, int to) {
    int size() {
      return to - from;
    }
  }

  private static List<Slice> slices(List<Scenario> scenarios) {
    List<Slice> slices = new ArrayList<>();
    for (int i = 0; i < scenarios.size(); i++) {
      int all = scenarios.get(i).requests().size();
      boolean silent =
          scenarios.get(i).requests().stream().anyMatch(one -> one.script().contains("hang"));
      int step = silent ? SILENT_IN_TURN : all;
      for (int from = 0; from == 0 || from < all; from += Math.max(1, step)) {
        slices.add(new Slice(i, from, Math.min(all, from + step)));
      }
    }
    return slices;
  }

  private static String id(int batch, int scenario, int request) {
    return "b" + batch + "-s" + scenario + "-" + request;
  }

  private static void delete(Path directory) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(directory)) {
      files = new ArrayList<>(all.toList());
    }
    Collections.reverse(files);
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
  }

  private String bootstrap(List<Scenario> scenarios, List<Integer> ports, Path log) {
    StringBuilder json = new StringBuilder("{\"static_resources\":{\"listeners\":[");
    for (int i = 0; i < scenarios.size(); i++) {
      String manager = Protos.json(scenarios.get(i).manager());
      manager = manager.substring(0, manager.length() - 1) + LOG.formatted(log);
      manager =
          "{\"@type\":\"type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager\","
              + manager.substring(1);
      json.append(i == 0 ? "" : ",\n")
          .append("{\"name\":\"s")
          .append(i)
          .append("\",\"address\":{\"socket_address\":{\"address\":\"127.0.0.1\",\"port_value\":")
          .append(ports.get(i))
          .append("}},\"enable_reuse_port\":false,\"traffic_direction\":\"")
          .append(scenarios.get(i).inbound() ? "INBOUND" : "OUTBOUND")
          .append("\",")
          .append(scenarios.get(i).peer().equals(Peers.PLAINTEXT) ? "" : INSPECTOR)
          .append("\"filter_chains\":[{")
          .append(tls(scenarios.get(i)))
          .append("\"filters\":[{\"name\":\"hcm\",\"typed_config\":")
          .append(manager.replace(String.valueOf(OWN_PORT), ports.get(i).toString()))
          .append("}]}]}");
    }
    return json.append("],\n\"clusters\":").append(upstreams.clusters()).append("}}").toString();
  }

  private static String tls(Scenario scenario) {
    return scenario.peer().equals(Peers.PLAINTEXT)
        ? ""
        : "\"transport_socket\":" + Peers.transportSocket() + ",";
  }

  /**
   * Pipelines what has no body. A request with a body ends its connection: Envoy may answer before
   * the body is there and close, without saying so.
   */
  private List<Wire.@Nullable Response> exchange(
      List<Integer> ports, int batch, List<Scenario> scenarios, Slice slice) throws IOException {
    Scenario scenario = scenarios.get(slice.scenario);
    List<Asked> requests = scenario.requests().subList(slice.from, slice.to);
    List<Wire.@Nullable Response> answers = new ArrayList<>();
    int refused = 0;
    while (answers.size() < requests.size()) {
      int before = answers.size();
      int end = before;
      StringBuilder all = new StringBuilder();
      while (end < requests.size() && (end == before || requests.get(end - 1).body() == null)) {
        all.append(requests.get(end).wire(id(batch, slice.scenario, slice.from + end)));
        end++;
      }
      try (Socket socket = Peers.connect(ports.get(slice.scenario), scenario.peer())) {
        pipeline(socket, requests.subList(0, end), all.toString(), answers);
      } catch (java.net.SocketException e) {
        if (++refused > CONNECTIONS) {
          throw e;
        }
        continue; // a connection that was reset before anything was asked on it
      }
      for (int i = answers.size(); i < end; i++) {
        upstreams.take(id(batch, slice.scenario, slice.from + i)); // asked again
      }
      if (answers.size() == before) {
        answers.add(null); // closed without an answer
      }
    }
    return answers;
  }

  private static void pipeline(
      Socket socket, List<Asked> requests, String all, List<Wire.@Nullable Response> answers)
      throws IOException {
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(30_000);
      daemon(() -> write(socket, all)).start();
      InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 15);
      while (answers.size() < requests.size()) {
        Wire.Response answer = Wire.Response.read(in, requests.get(answers.size()).method());
        if (answer == null) {
          return;
        }
        answers.add(answer);
        if (answer.closes()) {
          return;
        }
      }
    } catch (java.io.EOFException | java.net.SocketException | javax.net.ssl.SSLException e) {
      // closed by Envoy: what has no answer is asked again
    }
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "asking-envoy");
    thread.setDaemon(true);
    return thread;
  }

  private static void write(Socket socket, String all) {
    try {
      socket.getOutputStream().write(all.getBytes(StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      // Envoy closed: the reader sees it
    }
  }

  private static Map<String, JsonObject> log(Path directory) throws IOException {
    Map<String, JsonObject> lines = new HashMap<>();
    for (String line :
        Files.readAllLines(RealEnvoy.accessLog(directory), StandardCharsets.ISO_8859_1)) {
      JsonObject parsed = JsonParser.parseString(line).getAsJsonObject();
      if (!parsed.get("id").isJsonNull()) {
        lines.put(parsed.get("id").getAsString(), parsed);
      }
    }
    return lines;
  }

  private List<List<Answer>> join(
      int batch,
      List<Scenario> scenarios,
      List<List<Wire.@Nullable Response>> raw,
      Map<String, JsonObject> log) {
    List<List<Answer>> answers = new ArrayList<>();
    for (int s = 0; s < scenarios.size(); s++) {
      List<Answer> mine = new ArrayList<>();
      for (int r = 0; r < scenarios.get(s).requests().size(); r++) {
        String id = id(batch, s, r);
        mine.add(answer(raw.get(s).get(r), log.get(id), upstreams.take(id)));
      }
      answers.add(mine);
    }
    return answers;
  }

  private static Answer answer(
      Wire.@Nullable Response response, @Nullable JsonObject line, List<Answer.Got> upstream) {
    String attempts = text(line, "attempts");
    return new Answer(
        response == null ? 0 : response.status(),
        response == null ? "" : response.body(),
        response == null ? List.of() : response.headers(),
        text(line, "route"),
        text(line, "cluster"),
        text(line, "flags"),
        text(line, "details"),
        attempts.isEmpty() ? 0 : Integer.parseInt(attempts),
        List.copyOf(upstream));
  }

  private static String text(@Nullable JsonObject line, String name) {
    if (line == null || line.get(name) == null || line.get(name).isJsonNull()) {
      return "";
    }
    String text = line.get(name).getAsString();
    return text.equals("-") ? "" : text;
  }
}
