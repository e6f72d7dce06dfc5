package io.inmesh.differential;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.inmesh.envoy.EnvoyRefusedException;
import io.inmesh.envoy.RealEnvoy;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Asks a real Envoy: one process for a batch of scenarios, a listener for each, the requests of a
 * scenario pipelined on one connection. What Envoy chose is read from its access log.
 */
final class EnvoySide {
  /** Stands for the listener's own port in configurations. */
  static final int OWN_PORT = 18080;

  private static final int CLIENTS = 6;
  private static final String LOG =
      """
      ,"access_log":[{"name":"log","typed_config":{"@type":"type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",\
      "path":"%s","log_format":{"json_format":{"id":"%%REQ(x-case)%%","route":"%%ROUTE_NAME%%","cluster":"%%UPSTREAM_CLUSTER_RAW%%",\
      "flags":"%%RESPONSE_FLAGS%%","details":"%%RESPONSE_CODE_DETAILS%%","attempts":"%%UPSTREAM_REQUEST_ATTEMPT_COUNT%%"}}}}],"stat_prefix":"s","delayed_close_timeout":"0.05s"}""";

  private final Path work;
  private final Upstreams upstreams;
  private int batches;

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
    Path directory = work.resolve("batch-" + batches++);
    List<Integer> ports = freePorts(scenarios.size());
    try (RealEnvoy envoy =
        RealEnvoy.start(
            bootstrap(scenarios, ports, RealEnvoy.accessLog(directory)),
            directory,
            "-l",
            "error")) {
      ExecutorService clients = Executors.newFixedThreadPool(CLIENTS, EnvoySide::daemon);
      List<Future<List<Wire.@Nullable Response>>> running = new ArrayList<>();
      for (int i = 0; i < scenarios.size(); i++) {
        int scenario = i;
        running.add(
            clients.submit(
                () ->
                    exchange(
                        ports.get(scenario), "s" + scenario, scenarios.get(scenario).requests())));
      }
      List<List<Wire.@Nullable Response>> raw = new ArrayList<>();
      for (Future<List<Wire.@Nullable Response>> one : running) {
        raw.add(one.get());
      }
      clients.shutdown();
      envoy.close(); // writes the log out
      return join(scenarios, raw, log(directory));
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
          .append("}},\"traffic_direction\":\"")
          .append(scenarios.get(i).inbound() ? "INBOUND" : "OUTBOUND")
          .append("\",\"filter_chains\":[{\"filters\":[{\"name\":\"hcm\",\"typed_config\":")
          .append(manager.replace(String.valueOf(OWN_PORT), ports.get(i).toString()))
          .append("}]}]}");
    }
    return json.append("],\n\"clusters\":").append(upstreams.clusters()).append("}}").toString();
  }

  private static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> held = new ArrayList<>();
    List<Integer> ports = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      held.add(socket);
      ports.add(socket.getLocalPort());
    }
    for (ServerSocket socket : held) {
      socket.close();
    }
    return ports;
  }

  /**
   * Pipelines what has no body. A request with a body ends its connection: Envoy may answer before
   * the body is there and close, without saying so.
   */
  private List<Wire.@Nullable Response> exchange(int port, String scenario, List<Asked> requests)
      throws IOException {
    List<Wire.@Nullable Response> answers = new ArrayList<>();
    while (answers.size() < requests.size()) {
      int before = answers.size();
      int end = before;
      StringBuilder all = new StringBuilder();
      while (end < requests.size() && (end == before || requests.get(end - 1).body() == null)) {
        all.append(requests.get(end).wire(scenario + "-" + end));
        end++;
      }
      pipeline(port, requests.subList(0, end), all.toString(), answers);
      for (int i = answers.size(); i < end; i++) {
        upstreams.take(scenario + "-" + i); // asked again
      }
      if (answers.size() == before) {
        answers.add(null); // closed without an answer
      }
    }
    return answers;
  }

  private static void pipeline(
      int port, List<Asked> requests, String all, List<Wire.@Nullable Response> answers)
      throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
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
    } catch (java.io.EOFException | java.net.SocketException e) {
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
      List<Scenario> scenarios,
      List<List<Wire.@Nullable Response>> raw,
      Map<String, JsonObject> log) {
    List<List<Answer>> answers = new ArrayList<>();
    for (int s = 0; s < scenarios.size(); s++) {
      List<Answer> mine = new ArrayList<>();
      for (int r = 0; r < scenarios.get(s).requests().size(); r++) {
        String id = "s" + s + "-" + r;
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
