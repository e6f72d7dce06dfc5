package io.inmesh.examples.quickstart;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;

/** Starts the processes of the demonstration, and ends all of them. */
final class Processes {
  /** How long the endpoint of a workload that vanished stays in the mesh. */
  static final int ENDPOINT_GRACE_SECONDS = 4;

  private static final Duration START = Duration.ofMinutes(2);

  /**
   * @param version {@code v1} or {@code v2}
   */
  record Instance(String name, String version, int port) {}

  private final Path work;
  private final int controlPlanePort;
  private final List<Child> all = new CopyOnWriteArrayList<>();
  private volatile boolean ended;

  Processes(Path work) throws IOException {
    this.work = work;
    this.controlPlanePort = freePort();
    Files.createDirectories(logs());
    Runtime.getRuntime().addShutdownHook(new Thread(this::end, "end-all"));
  }

  Path logs() {
    return work.resolve("logs");
  }

  Path mesh() {
    return work.resolve("mesh");
  }

  int controlPlanePort() {
    return controlPlanePort;
  }

  static List<Instance> instances() throws IOException {
    List<Instance> instances = new ArrayList<>();
    for (String name : List.of("v1-a", "v1-b", "v2-a", "v2-b")) {
      instances.add(new Instance("reviews-" + name, name.substring(0, 2), freePort()));
    }
    return instances;
  }

  Child controlPlane() throws IOException, NotSeen, InterruptedException {
    Child child =
        start(
            "control-plane",
            Map.of(),
            "control-plane",
            "--config=" + mesh(),
            "--state=" + state(),
            "--port=" + controlPlanePort,
            "--endpoint-grace=" + ENDPOINT_GRACE_SECONDS);
    child.await(0, START, "the start of the control plane", line -> line.contains("tokens  "));
    return child;
  }

  private Path state() {
    return work.resolve("state");
  }

  /** Does not wait for it: see {@link #awaitReady}. */
  Child reviews(Instance instance) throws IOException {
    Map<String, String> settings = settings(instance.name(), "reviews", instance.version());
    settings.put("INMESH_PORTS", "http:" + instance.port());
    return start(
        instance.name(),
        settings,
        "reviews",
        instance.name(),
        instance.version(),
        String.valueOf(instance.port()),
        work.resolve("tomcat").resolve(instance.name()).toString());
  }

  /** Somebody who calls reviews, under that service account. */
  Child caller(String serviceAccount) throws IOException {
    return start(serviceAccount, settings(serviceAccount, serviceAccount, "v1"), "caller");
  }

  static void awaitReady(Child child) throws NotSeen, InterruptedException {
    child.await(0, START, "the start of " + child.name(), "ready"::equals);
  }

  /** All that Inmesh needs to know; each is a setting of {@link io.inmesh.Setting}. */
  private Map<String, String> settings(String name, String serviceAccount, String version) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("INMESH_CONTROL_PLANE_ADDRESS", "127.0.0.1:" + controlPlanePort);
    settings.put("INMESH_CONTROL_PLANE_ROOTS_FILE", state().resolve("root-cert.pem").toString());
    settings.put("INMESH_TOKEN_FILE", state().resolve("tokens/shop/" + serviceAccount).toString());
    settings.put("INMESH_NAMESPACE", "shop");
    settings.put("INMESH_SERVICE_ACCOUNT", serviceAccount);
    settings.put("INMESH_WORKLOAD", name);
    settings.put("INMESH_LABELS", "app=" + serviceAccount + ",version=" + version);
    settings.put("INMESH_IP", "127.0.0.1");
    settings.put("INMESH_START_LIMIT", START.toSeconds() + "s");
    return settings;
  }

  private synchronized Child start(String name, Map<String, String> settings, String... arguments)
      throws IOException {
    if (ended) {
      throw new IOException("the demonstration has ended");
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // small and quickly started: seven of them share a laptop
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.add("-Dorg.slf4j.simpleLogger.log.io.inmesh.upstream=debug");
    command.add("-Dorg.slf4j.simpleLogger.log.org.apache=warn");
    command.add("-Dorg.slf4j.simpleLogger.showDateTime=true");
    command.add("-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(Workload.class.getName());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(key -> key.startsWith("INMESH_"));
    builder.environment().putAll(settings);
    Child child = Child.start(name, builder, logs().resolve(name + ".log"));
    all.add(child);
    return child;
  }

  boolean ended() {
    return ended;
  }

  private synchronized void end() {
    ended = true;
    all.forEach(Child::kill);
  }

  /** Below the ports that systems give to outgoing connections: nobody takes it meanwhile. */
  private static int freePort() throws IOException {
    for (int i = 0; i < 1000; i++) {
      int port = ThreadLocalRandom.current().nextInt(20_000, 30_000);
      try (ServerSocket socket =
          new ServerSocket(port, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
        return socket.getLocalPort();
      } catch (IOException e) {
        // taken
      }
    }
    throw new IOException("no free port between 20000 and 30000 on 127.0.0.1");
  }
}
