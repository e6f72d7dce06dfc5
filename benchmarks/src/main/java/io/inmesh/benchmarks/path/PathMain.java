package io.inmesh.benchmarks.path;

import io.inmesh.benchmarks.Machine;
import io.inmesh.benchmarks.Report;
import io.inmesh.controlplane.ControlPlane;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@code ./bench path}: the control plane here, eight processes beside it, and the table. */
public final class PathMain {
  private static final int[] THREADS = {1, 8};
  private static final Duration WARM_UP_LIMIT = Duration.ofSeconds(20);

  private final Path work;
  private final Map<Arm, Child> servers = new EnumMap<>(Arm.class);
  private final Map<Arm, Child> clients = new EnumMap<>(Arm.class);

  private PathMain(Path work) {
    this.work = work;
  }

  /**
   * @param arguments the report, and perhaps {@code --quick}
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    boolean quick = List.of(arguments).contains("--quick");
    String machine = Machine.describe();
    PathMain main = new PathMain(Files.createTempDirectory("inmesh-bench"));
    System.out.println("logs: " + main.work);
    StringBuilder tables = new StringBuilder();
    try (ControlPlane plane = main.controlPlane()) {
      main.start(plane.port());
      for (int threads : THREADS) {
        Map<Arm, Measured> measured =
            main.measure(threads, quick ? 3 : 7, quick ? 1000 : 1500, quick ? 3_000 : 20_000);
        tables.append(Tables.of(threads, measured)).append('\n');
      }
    } finally {
      main.clients.values().forEach(Child::close);
      main.servers.values().forEach(Child::close);
    }
    System.out.println(tables);
    Report.write(
        Path.of(arguments[0]), "path", machine + (quick ? " Quick run." : "") + "\n\n" + tables);
  }

  private ControlPlane controlPlane() throws IOException {
    return ControlPlane.builder()
        .configDirectory(MeshFolder.write(work))
        .stateDirectory(work.resolve("state"))
        .listen("127.0.0.1", 0)
        .start();
  }

  private void start(int controlPlane) throws IOException, InterruptedException {
    KeyStores.make(work);
    Map<Arm, Integer> ports = new EnumMap<>(Arm.class);
    for (Arm arm : Arm.values()) {
      int port = freePort();
      ports.put(arm, port);
      Map<String, String> settings = settings(arm, "server", controlPlane);
      settings.put("INMESH_PORTS", "http:" + port);
      servers.put(arm, Child.start(ServerMain.class, arm, port, work, settings));
    }
    for (Child server : servers.values()) {
      server.awaitReady();
    }
    for (Arm arm : Arm.values()) {
      Map<String, String> settings = settings(arm, "client", controlPlane);
      clients.put(
          arm, Child.start(ClientMain.class, arm, ports.getOrDefault(arm, 0), work, settings));
    }
    for (Child client : clients.values()) {
      client.awaitReady();
    }
  }

  /** Where a process of a meshed arm finds its mesh. */
  private Map<String, String> settings(Arm arm, String account, int controlPlane) {
    Path state = work.resolve("state");
    Map<String, String> settings = new HashMap<>();
    settings.put("INMESH_CONTROL_PLANE_ADDRESS", "127.0.0.1:" + controlPlane);
    settings.put("INMESH_CONTROL_PLANE_ROOTS_FILE", state.resolve("root-cert.pem").toString());
    settings.put(
        "INMESH_TOKEN_FILE", state.resolve("tokens/" + arm.namespace() + "/" + account).toString());
    settings.put("INMESH_NAMESPACE", arm.namespace());
    settings.put("INMESH_SERVICE_ACCOUNT", account);
    settings.put("INMESH_WORKLOAD", account + "-1");
    settings.put("INMESH_LABELS", "app=" + account);
    settings.put("INMESH_IP", "127.0.0.1");
    settings.put("INMESH_START_LIMIT", "180s");
    return settings;
  }

  /** Arms in turn, every second round backwards, so that no arm is always the first. */
  private Map<Arm, Measured> measure(int threads, int rounds, long millis, int warmUp)
      throws IOException {
    Map<Arm, Measured> measured = new EnumMap<>(Arm.class);
    for (Arm arm : Arm.values()) {
      measured.put(arm, new Measured());
      warmUp(arm, threads, warmUp);
    }
    List<Arm> order = new ArrayList<>(Arrays.asList(Arm.values()));
    for (int i = 0; i < rounds; i++) {
      for (Arm arm : order) {
        Child server = child(servers, arm);
        Usage before = Usage.parse(server.ask("usage"));
        Round round = round(arm, threads, millis);
        measured
            .getOrDefault(arm, new Measured())
            .add(round, Usage.parse(server.ask("usage")).since(before));
      }
      Collections.reverse(order);
    }
    return measured;
  }

  /** By requests, not by time: a slow machine needs more of it until its code is compiled. */
  private void warmUp(Arm arm, int threads, int requests) throws IOException {
    long end = System.nanoTime() + WARM_UP_LIMIT.toNanos();
    for (int done = 0; done < requests && System.nanoTime() < end; ) {
      done += round(arm, threads, 1000).requests();
    }
  }

  private Round round(Arm arm, int threads, long millis) throws IOException {
    return Round.parse(child(clients, arm).ask("run " + threads + " " + millis));
  }

  private static Child child(Map<Arm, Child> children, Arm arm) {
    Child child = children.get(arm);
    if (child == null) {
      throw new IllegalStateException(arm + " was not started");
    }
    return child;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
