package io.inmesh.counts;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.inmesh.differential.Protos;
import io.inmesh.differential.Wire;
import io.inmesh.envoy.RealEnvoy;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One real Envoy for all cases, with one worker: a listener and a cluster for each. */
final class EnvoyProxy implements AutoCloseable {
  /** Carries {@code case#number}. */
  static final String ID = "x-case";

  static final String SCRIPT = "x-script";
  private static final String LOG =
      """
      ,"access_log":[{"name":"log","typed_config":{"@type":"type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",\
      "path":"%s","log_format":{"json_format":{"id":"%%REQ(x-case)%%","status":"%%RESPONSE_CODE%%",\
      "flags":"%%RESPONSE_FLAGS%%","details":"%%RESPONSE_CODE_DETAILS%%","attempts":"%%UPSTREAM_REQUEST_ATTEMPT_COUNT%%"}}}}]}""";
  private static final long PATIENCE_SECONDS = 30;

  private final Hosts hosts;
  private final Path log;
  private final RealEnvoy envoy;

  EnvoyProxy(List<Case> cases, Hosts hosts, Path work) throws IOException {
    this.hosts = hosts;
    this.log = RealEnvoy.accessLog(work);
    StringBuilder listeners = new StringBuilder();
    StringBuilder clusters = new StringBuilder();
    for (Case one : cases) {
      String manager = Protos.json(one.manager());
      listeners
          .append(listeners.isEmpty() ? "" : ",\n")
          .append("{\"name\":\"")
          .append(one.id())
          .append(
              "\",\"address\":{\"socket_address\":{\"address\":\"127.0.0.1\",\"port_value\":0}},\"traffic_direction\":\"OUTBOUND\",")
          .append("\"filter_chains\":[{\"filters\":[{\"name\":\"hcm\",\"typed_config\":")
          .append(
              "{\"@type\":\"type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager\",")
          .append(manager, 1, manager.length() - 1)
          .append(LOG.formatted(log))
          .append("}]}]}");
      clusters.append(clusters.isEmpty() ? "" : ",\n").append(Protos.json(one.proto(hosts)));
    }
    this.envoy =
        RealEnvoy.start(
            "{\"static_resources\":{\"listeners\":[%s],\n\"clusters\":[%s]}}"
                .formatted(listeners, clusters),
            work);
  }

  /** This Envoy under one case. */
  Side side(Case one) throws IOException {
    return new Under(one.id(), envoy.port(one.id()));
  }

  @Override
  public void close() {
    envoy.close();
  }

  private final class Under implements Side {
    private final String name;
    private final int port;
    private int requests;
    private @Nullable Socket kept;

    Under(String name, int port) {
      this.name = name;
      this.port = port;
    }

    @Override
    public int send(String script, String... headers) throws Exception {
      Socket socket = kept;
      if (socket == null) {
        socket = connect();
      }
      kept = null;
      Wire.Response response = exchange(socket, next(), script, headers);
      if (response.closes()) {
        socket.close();
      } else {
        kept = socket;
      }
      return response.status();
    }

    @Override
    public Running start(String script, String... headers) throws Exception {
      String id = next();
      long pending = pending();
      FutureTask<Integer> answer =
          new FutureTask<>(
              () -> {
                try (Socket socket = connect()) {
                  return exchange(socket, id, script, headers).status();
                }
              });
      Thread thread = new Thread(answer, "request " + id);
      thread.setDaemon(true);
      thread.start();
      until(
          "held, waiting or answered",
          () -> answer.isDone() || hosts.holds(id) || pending() > pending);
      return () -> {
        until(
            "ended",
            () -> {
              hosts.release(id); // which may get it only now
              return answer.isDone();
            });
        return answer.get();
      };
    }

    private long pending() throws IOException {
      return envoy.stat("cluster." + name + ".upstream_rq_pending_active");
    }

    private String next() {
      return name + "#" + requests++;
    }

    private Socket connect() throws IOException {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
      return socket;
    }

    private static Wire.Response exchange(
        Socket socket, String id, String script, String... headers) throws IOException {
      StringBuilder wire = new StringBuilder("GET / HTTP/1.1\r\nhost: counted\r\n");
      wire.append(ID).append(": ").append(id).append("\r\n");
      wire.append(SCRIPT).append(": ").append(script).append("\r\n");
      for (int i = 0; i < headers.length; i += 2) {
        wire.append(headers[i]).append(": ").append(headers[i + 1]).append("\r\n");
      }
      socket
          .getOutputStream()
          .write(wire.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
      // nothing is pipelined: no answer is read into a buffer that is thrown away
      InputStream in = new BufferedInputStream(socket.getInputStream());
      Wire.Response response = Wire.Response.read(in, "GET");
      if (response == null) {
        throw new IOException("Envoy closed without an answer to " + id);
      }
      return response;
    }

    @Override
    public void awaitEjected(int wanted) throws Exception {
      String gauge = "cluster." + name + ".outlier_detection.ejections_active";
      until(wanted + " hosts ejected", () -> envoy.stat(gauge) == wanted);
      // the worker hears of it from the main thread, before it hears of a connection made later
      try (Socket socket =
          new Socket(InetAddress.getLoopbackAddress(), envoy.port(EchoCase.NAME))) {
        exchange(socket, EchoCase.NAME + "#" + System.nanoTime(), "*=200");
      }
    }

    @Override
    public int countOf(String host) {
      int count = 0;
      for (int i = 0; i < requests; i++) {
        for (String got : hosts.got(name + "#" + i)) {
          count += got.equals(host) ? 1 : 0;
        }
      }
      return count;
    }

    @Override
    public long millis() {
      return System.nanoTime() / 1_000_000;
    }

    @Override
    public List<Seen> seen() throws Exception {
      Map<String, JsonObject> lines = new HashMap<>();
      until(
          "the log is written",
          () -> {
            lines.clear();
            for (String line : Files.readAllLines(log, StandardCharsets.ISO_8859_1)) {
              if (line.contains('"' + name + '#')) {
                JsonObject parsed = JsonParser.parseString(line).getAsJsonObject();
                lines.put(parsed.get("id").getAsString(), parsed);
              }
            }
            return lines.size() == requests;
          });
      List<Seen> seen = new ArrayList<>();
      for (int i = 0; i < requests; i++) {
        String id = name + "#" + i;
        JsonObject line = lines.get(id);
        seen.add(
            new Seen(
                Integer.parseInt(text(line, "status")),
                text(line, "flags"),
                text(line, "details"),
                Integer.parseInt("0" + text(line, "attempts")),
                hosts.got(id)));
      }
      return seen;
    }

    private static String text(JsonObject line, String key) {
      String text =
          line.get(key) == null || line.get(key).isJsonNull() ? "" : line.get(key).getAsString();
      return text.equals("-") ? "" : text;
    }

    private void until(String what, Callable<Boolean> condition) throws Exception {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      while (!condition.call()) {
        if (System.nanoTime() > end) {
          throw new AssertionError(name + ": not " + what + " within " + PATIENCE_SECONDS + " s");
        }
        Thread.sleep(5);
      }
    }
  }
}
