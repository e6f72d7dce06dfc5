package io.inmesh.benchmarks.performance;

import io.inmesh.controlplane.ControlPlane;
import io.inmesh.envoy.RealEnvoy;
import io.inmesh.envoy.SidecarBootstrap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** All processes of a run, and the control plane, which lives in this one. */
final class Fleet implements AutoCloseable {
  /** As many worker threads as istiod's sidecars have on two processors. */
  static final String ENVOY_CONCURRENCY = "2";

  private static final String HEAP = "256m";

  /** Where an arm's requests go and who takes part. */
  record Route(String url, String host, Child client, Child server, List<Long> processes) {
    String arguments() {
      return url + " " + host;
    }
  }

  private final Path work;
  private final ControlPlane plane;
  private final Map<String, Child> children = new TreeMap<>();
  private final Map<String, RealEnvoy> envoys = new TreeMap<>();
  private final Map<String, Ports> ports = new LinkedHashMap<>();
  private final int rawPort = Ports.free();
  private final int rawTlsPort = Ports.free();

  private Fleet(Path work) throws IOException {
    this.work = work;
    Path folder = work.resolve("mesh");
    for (Arm arm : Arm.all()) {
      if (ports.get(arm.namespace()) == null) {
        Ports own = Ports.free(rawPort, arm.mtls() ? rawTlsPort : rawPort);
        ports.put(arm.namespace(), own);
        MeshFolder.write(folder, arm, own);
      }
    }
    this.plane =
        ControlPlane.builder()
            .configDirectory(folder)
            .stateDirectory(state())
            .listen("127.0.0.1", 0)
            .start();
  }

  static Fleet start(Path work) throws IOException, GeneralSecurityException {
    Fleet fleet = new Fleet(work);
    try {
      fleet.servers();
      fleet.clients();
      fleet.sidecars();
      return fleet;
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      fleet.close();
      throw e;
    }
  }

  private Path state() {
    return work.resolve("state");
  }

  private void servers() throws IOException, GeneralSecurityException {
    KeyStores.make(work, state(), MeshFolder.RAW_SERVER_NAMESPACE);
    child("raw-server", Map.of(), ServerMain.class, Role.RAW, work, rawPort);
    child("raw-tls-server", Map.of(), ServerMain.class, Role.RAW_TLS, work, rawTlsPort);
    for (Map.Entry<String, Ports> each : ports.entrySet()) {
      String namespace = each.getKey();
      int port = each.getValue().meshed();
      Map<String, String> settings = settings(namespace, "server", "inmesh-server");
      settings.put("INMESH_PORTS", "http:" + port);
      child(namespace + "-server", settings, ServerMain.class, Role.MESHED, work, port);
    }
    awaitReady();
  }

  private void clients() throws IOException {
    child("raw-client", Map.of(), ClientMain.class, Role.RAW, work);
    child("raw-tls-client", Map.of(), ClientMain.class, Role.RAW_TLS, work);
    for (String namespace : ports.keySet()) {
      Map<String, String> settings = settings(namespace, "client", "client");
      child(namespace + "-client", settings, ClientMain.class, Role.MESHED, work);
    }
    awaitReady();
  }

  private void sidecars() throws IOException {
    for (Map.Entry<String, Ports> each : ports.entrySet()) {
      envoy(
          each.getKey(),
          "sidecar-server",
          "[{\"name\":\"http\",\"containerPort\":%d}]".formatted(each.getValue().sidecar()));
      envoy(each.getKey(), "sidecar-client", "[]");
    }
  }

  private void child(String name, Map<String, String> settings, Class<?> main, Object... arguments)
      throws IOException {
    children.put(name, Child.start(name, work, settings, HEAP, main, arguments));
  }

  private final List<Child> ready = new ArrayList<>();

  private void awaitReady() throws IOException {
    for (Child child : children.values()) {
      if (!ready.contains(child)) {
        child.awaitReady();
        ready.add(child);
      }
    }
  }

  private void envoy(String namespace, String account, String podPorts) throws IOException {
    String token = Files.readString(plane.tokenFile(namespace, account)).strip();
    String name = namespace + "-" + account;
    envoys.put(
        name,
        RealEnvoy.start(
            SidecarBootstrap.of(
                namespace, account, podPorts, token, plane.rootCertificate(), plane.port()),
            work.resolve(name),
            "--concurrency",
            ENVOY_CONCURRENCY));
  }

  /** Where a meshed process finds its mesh. */
  private Map<String, String> settings(String namespace, String account, String app)
      throws IOException {
    Map<String, String> settings = new HashMap<>();
    settings.put("INMESH_CONTROL_PLANE_ADDRESS", "127.0.0.1:" + plane.port());
    settings.put("INMESH_CONTROL_PLANE_ROOTS_FILE", plane.rootCertificate().toString());
    settings.put("INMESH_TOKEN_FILE", plane.tokenFile(namespace, account).toString());
    settings.put("INMESH_NAMESPACE", namespace);
    settings.put("INMESH_SERVICE_ACCOUNT", account);
    settings.put("INMESH_WORKLOAD", app + "-1");
    settings.put("INMESH_LABELS", "app=" + app);
    settings.put("INMESH_IP", "127.0.0.1");
    settings.put("INMESH_START_LIMIT", "180s");
    return settings;
  }

  /** Nanoseconds of a start and of the first call after it. */
  record Start(long mesh, long call) {
    static Start parse(String line) {
      String[] words = line.split(" ");
      return new Start(Long.parseLong(words[0]), Long.parseLong(words[1]));
    }
  }

  /** One more caller in a process of its own, from the call of {@code Mesh.start} on. */
  Start freshStart(Arm arm) throws IOException {
    Map<String, String> settings = settings(arm.namespace(), "client", "fresh-client");
    try (Child child =
        Child.start("fresh", work, settings, HEAP, StartMain.class, route(arm).url())) {
      return Start.parse(child.answer());
    }
  }

  /** The way of an arm's requests. */
  Route route(Arm arm) {
    Ports own = Objects.requireNonNull(ports.get(arm.namespace()));
    String namespace = arm.namespace();
    String tls = arm.mtls() ? "raw-tls" : "raw";
    String scheme = arm.mtls() ? "https" : "http";
    String named =
        "%s.%s.svc.cluster.local:%d".formatted(arm.way().service(), namespace, own.service());
    return switch (arm.way()) {
      case RAW -> route(scheme + "://127.0.0.1:" + own.rawServer(), "-", tls, tls);
      case INMESH -> route("http://" + named, "-", namespace, namespace);
      case INMESH_CLIENT -> route("http://" + named, "-", namespace, tls);
      case INMESH_SERVER -> route(scheme + "://127.0.0.1:" + own.meshed(), "-", tls, namespace);
      case ENVOYS ->
          route(
              "http://127.0.0.1:" + own.service(),
              named,
              "raw",
              "raw",
              namespace + "-sidecar-client",
              namespace + "-sidecar-server");
    };
  }

  private Route route(String url, String host, String client, String server, String... beside) {
    Child caller = Objects.requireNonNull(children.get(client + "-client"));
    Child serving = Objects.requireNonNull(children.get(server + "-server"));
    List<Long> processes = new ArrayList<>(List.of(caller.pid(), serving.pid()));
    for (String envoy : beside) {
      processes.add(Objects.requireNonNull(envoys.get(envoy)).pid());
    }
    return new Route(url + Arm.PATH, host, caller, serving, processes);
  }

  @Override
  public void close() {
    List<Child> all = new ArrayList<>(children.values());
    Collections.reverse(all);
    all.forEach(Child::close);
    envoys.values().forEach(RealEnvoy::close);
    plane.close();
  }
}
