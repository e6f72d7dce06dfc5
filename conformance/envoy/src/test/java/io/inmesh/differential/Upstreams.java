package io.inmesh.differential;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The clusters of every scenario, each a server on loopback that notes what it gets byte for byte
 * and answers by the request's own {@link Script}. {@code refused} has a port on which nobody
 * listens, {@code empty} no endpoint.
 */
public final class Upstreams implements AutoCloseable {
  static final List<String> CLUSTERS = List.of("c0", "c1", "c2", "shadow");

  private final Map<String, Integer> ports = new LinkedHashMap<>();
  private final List<ServerSocket> listening = new ArrayList<>();
  private final Map<String, List<Answer.Got>> got = new ConcurrentHashMap<>();

  Upstreams() throws IOException {
    for (String cluster : CLUSTERS) {
      ServerSocket socket = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
      listening.add(socket);
      ports.put(cluster, socket.getLocalPort());
      daemon(() -> accept(socket, cluster));
    }
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      ports.put("refused", closed.getLocalPort());
    }
  }

  /** The clusters as JSON, an array. */
  String clusters() {
    StringBuilder json = new StringBuilder("[");
    for (String name : names()) {
      json.append(json.length() == 1 ? "" : ",").append(cluster(name));
    }
    return json.append(']').toString();
  }

  public static List<String> names() {
    List<String> names = new ArrayList<>(CLUSTERS);
    names.addAll(List.of("refused", "empty"));
    return names;
  }

  /** One cluster as JSON. Breakers are wide open: this is not about them. */
  public String cluster(String name) {
    Integer port = ports.get(name);
    String endpoints =
        port == null
            ? ""
            : """
            {"lb_endpoints":[{"endpoint":{"hostname":"%s.upstream","address":{"socket_address":\
            {"address":"127.0.0.1","port_value":%d}}}}]}"""
                .formatted(name, port);
    return """
        {"name":"%s","type":"STATIC","connect_timeout":"5s",
         "circuit_breakers":{"thresholds":[{"max_retries":9999,"max_requests":9999,"max_pending_requests":9999}]},
         "load_assignment":{"cluster_name":"%s","endpoints":[%s]}}"""
        .formatted(name, name, endpoints);
  }

  /** What came for a request so far; forgotten with this. */
  List<Answer.Got> take(String id) {
    List<Answer.Got> found = got.remove(id);
    return found == null ? List.of() : found;
  }

  private void accept(ServerSocket socket, String cluster) {
    try {
      while (true) {
        Socket connection = socket.accept();
        connection.setTcpNoDelay(true);
        daemon(() -> serve(connection, cluster));
      }
    } catch (IOException e) {
      // closed: the end
    }
  }

  private void serve(Socket connection, String cluster) {
    try (connection) {
      InputStream in = new BufferedInputStream(connection.getInputStream(), 1 << 14);
      OutputStream out = connection.getOutputStream();
      for (Wire.Request request; (request = Wire.Request.read(in)) != null; ) {
        if (!answer(request, cluster, in, out)) {
          return;
        }
      }
    } catch (IOException e) {
      // the proxy went away
    }
  }

  private boolean answer(Wire.Request request, String cluster, InputStream in, OutputStream out)
      throws IOException {
    String script = request.first(Asked.SCRIPT);
    String word = Script.word(script == null ? "200" : script, note(request, cluster));
    if (word.equals("drop")) {
      return false;
    }
    if (word.equals("hang")) {
      return in.read() >= 0; // until the proxy gives up
    }
    int status = Script.status(word);
    StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " x\r\n");
    List<String> headers = Script.headers(word);
    for (int i = 0; i < headers.size(); i += 2) {
      head.append(headers.get(i)).append(": ").append(headers.get(i + 1)).append("\r\n");
    }
    boolean bodiless = Script.bodiless(request.method(), status);
    if (!bodiless) {
      head.append("content-length: ").append(Script.BODY.length()).append("\r\n");
    }
    head.append("\r\n").append(bodiless ? "" : Script.BODY);
    out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    return true;
  }

  /** How many came for this request before, at this cluster. */
  private int note(Wire.Request request, String cluster) {
    String id = request.first(Asked.ID);
    List<Answer.Got> mine =
        got.computeIfAbsent(
            id == null ? "" : id, i -> Collections.synchronizedList(new ArrayList<>()));
    synchronized (mine) {
      int before = (int) mine.stream().filter(other -> other.cluster().equals(cluster)).count();
      mine.add(
          got(cluster, request.method(), request.path(), request.first("host"), request.headers()));
      return before;
    }
  }

  /** Names in lower case, {@code host} and our own headers left out. */
  public static Answer.Got got(
      String cluster, String method, String path, @Nullable String host, List<String> headers) {
    List<String> kept = new ArrayList<>();
    for (int i = 0; i < headers.size(); i += 2) {
      String name = headers.get(i).toLowerCase(Locale.ROOT);
      if (!name.equals("host") && !name.equals(Asked.ID) && !name.equals(Asked.SCRIPT)) {
        kept.add(name);
        kept.add(headers.get(i + 1));
      }
    }
    return new Answer.Got(cluster, method, path, host, kept);
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "upstream");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    for (ServerSocket socket : listening) {
      socket.close();
    }
  }
}
