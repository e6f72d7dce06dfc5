package io.inmesh.counts;

import io.inmesh.differential.Wire;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/**
 * Servers on loopback, {@code h0} to {@code h5}, that do what the script of each request says.
 * Behind {@code r0} and {@code r1} nobody listens; {@code s0} takes no connection (its backlog is
 * full), so that one does not get ready.
 */
final class Hosts implements AutoCloseable {
  private static final int SERVERS = 6;

  private final Map<String, Integer> ports = new LinkedHashMap<>();
  private final List<AutoCloseable> open = new ArrayList<>();
  private final Map<String, List<String>> got = new ConcurrentHashMap<>();
  private final Map<String, CountDownLatch> held = new ConcurrentHashMap<>();
  private final Turns turns = new Turns();

  Hosts() throws IOException {
    for (int i = 0; i < SERVERS; i++) {
      String name = "h" + i;
      ServerSocket socket = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
      open.add(socket);
      ports.put(name, socket.getLocalPort());
      daemon(() -> accept(socket, name));
    }
    for (String refused : List.of("r0", "r1")) {
      try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        ports.put(refused, closed.getLocalPort());
      }
    }
    stuck();
  }

  private void stuck() throws IOException {
    ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    open.add(full);
    ports.put("s0", full.getLocalPort());
    for (boolean room = true; room; ) {
      Socket filler = new Socket();
      open.add(filler);
      try {
        filler.connect(full.getLocalSocketAddress(), 200);
      } catch (java.net.SocketTimeoutException e) {
        room = false;
      }
    }
  }

  int port(String name) {
    Integer port = ports.get(name);
    if (port == null) {
      throw new IllegalArgumentException("no host " + name);
    }
    return port;
  }

  /** The name of {@code 127.0.0.1:port}. */
  String name(String address) {
    int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    for (Map.Entry<String, Integer> host : ports.entrySet()) {
      if (host.getValue() == port) {
        return host.getKey();
      }
    }
    throw new IllegalArgumentException(address);
  }

  /** Which hosts got a request so far. */
  List<String> got(String id) {
    List<String> mine = got.get(id);
    if (mine == null) {
      return List.of();
    }
    synchronized (mine) {
      return List.copyOf(mine);
    }
  }

  boolean holds(String id) {
    return held.containsKey(id);
  }

  void release(String id) {
    CountDownLatch latch = held.remove(id);
    if (latch != null) {
      latch.countDown();
    }
  }

  private void accept(ServerSocket socket, String host) {
    try {
      while (true) {
        Socket connection = socket.accept();
        connection.setTcpNoDelay(true);
        daemon(() -> serve(connection, host));
      }
    } catch (IOException e) {
      // closed: the end
    }
  }

  private void serve(Socket connection, String host) {
    try (connection) {
      InputStream in = new BufferedInputStream(connection.getInputStream());
      for (Wire.Request request; (request = Wire.Request.read(in)) != null; ) {
        String word = word(request, host);
        if (word.equals("drop")) {
          return;
        }
        String status = word.equals("hold") ? "200" : word.substring(0, 3);
        String more = word.endsWith("+g") ? "grpc-status: 14\r\n" : "";
        connection
            .getOutputStream()
            .write(
                ("HTTP/1.1 " + status + " x\r\n" + more + "content-length: 2\r\n\r\nup")
                    .getBytes(StandardCharsets.ISO_8859_1));
      }
    } catch (IOException e) {
      // the proxy went away
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String word(Wire.Request request, String host) throws InterruptedException {
    String id = header(request, EnvoyProxy.ID);
    String caseName = id.substring(0, id.lastIndexOf('#'));
    List<String> mine = got.computeIfAbsent(id, i -> new ArrayList<>());
    int before;
    synchronized (mine) {
      before = Collections.frequency(mine, host);
      mine.add(host);
    }
    String word = turns.word(caseName, host, header(request, EnvoyProxy.SCRIPT), before);
    if (word.equals("hold")) {
      CountDownLatch latch = held.computeIfAbsent(id, i -> new CountDownLatch(1));
      latch.await();
    }
    return word;
  }

  private static String header(Wire.Request request, String name) {
    String value = request.first(name);
    if (value == null) {
      throw new IllegalStateException("a request without " + name);
    }
    return value;
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "host");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
  }
}
