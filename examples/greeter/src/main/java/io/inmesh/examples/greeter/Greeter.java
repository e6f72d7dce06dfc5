package io.inmesh.examples.greeter;

import io.grpc.ManagedChannel;
import io.inmesh.Mesh;
import io.inmesh.MeshConfig;
import io.inmesh.Setting;
import io.inmesh.controlplane.ControlPlane;
import io.inmesh.grpc.MeshGrpc;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Starts a control plane, two versions of a greeter and a caller; shows what the mesh does. */
public final class Greeter implements AutoCloseable {
  private static final String NAMESPACE = "demo";
  private static final int SOON_SECONDS = 60;

  private final PrintStream out;
  private final Path folder;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final ControlPlane plane;
  private final Greeting second = new Greeting("v2");
  private final Caller caller;

  Greeter(Path yaml, Path work, PrintStream out) throws IOException {
    this.out = out;
    this.folder = Files.createDirectories(work.resolve("mesh"));
    try (Stream<Path> files = Files.list(yaml)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.copy(
            file,
            folder.resolve(file.getFileName().toString()),
            java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      }
    }
    plane =
        ControlPlane.builder()
            .configDirectory(folder)
            .stateDirectory(work.resolve("state"))
            .listen("127.0.0.1", 0)
            .start();
    parts.push(plane);
    out.println("Inmesh: a gRPC service in two versions, no sidecar");
    out.println();
    line("%-14s :%-5d serves a folder of Istio YAML as xDS; CA", "control-plane", plane.port());
    serve("v1", new Greeting("v1"));
    serve("v2", second);
    Mesh mesh = mesh("caller", "caller", "", Map.of("app", "caller"));
    ManagedChannel channel = MeshGrpc.channelFor(mesh, "greeter.demo:9090");
    parts.push(channel::shutdownNow);
    caller = new Caller(channel);
    line("%-14s %-6s MeshGrpc.channelFor(\"greeter.demo:9090\")", "caller", "");
    line("YAML   %s", folder);
  }

  private void serve(String version, Greeting greeting) throws IOException {
    int port = freePort();
    Mesh mesh =
        mesh(
            "greeter-" + version,
            "greeter",
            "grpc:" + port,
            Map.of("app", "greeter", "version", version));
    parts.push(greeting.serve(mesh, port)::shutdownNow);
    line("%-14s :%-5d grpc-java, service account greeter, mTLS only", "greeter-" + version, port);
  }

  private Mesh mesh(String name, String account, String ports, Map<String, String> labels)
      throws IOException {
    Mesh mesh =
        Mesh.start(
            MeshConfig.builder()
                .controlPlane("127.0.0.1:" + plane.port())
                .controlPlaneRoots(plane.rootCertificate())
                .tokenFile(plane.tokenFile(NAMESPACE, account))
                .identity(NAMESPACE, account)
                .workload(name)
                .labels(labels)
                .ip("127.0.0.1")
                .set(Setting.PORTS, ports)
                .build());
    parts.push(mesh);
    return mesh;
  }

  /** True: all of it was seen. */
  boolean show() throws IOException, InterruptedException {
    boolean good = true;
    headline("1  Everybody is greeted by version 1");
    good &= seen(() -> caller.call(20, false), by -> only(by, "v1"));
    headline("2  Who asks for it by metadata (x-canary: true) is greeted by version 2");
    good &= seen(() -> caller.call(20, true), by -> only(by, "v2"));
    headline("3  The YAML is changed: half of everybody for version 2");
    edit("canary.yaml", "subset: v1}\n      weight: 100", "subset: v1}\n      weight: 50");
    edit("canary.yaml", "subset: v2}\n      weight: 0", "subset: v2}\n      weight: 50");
    good &= seen(() -> caller.call(200, false), Greeter::bothOften);
    headline("4  Version 2 falls ill; its callers do not notice");
    // without a subset, so that what version 2 does not do may be asked of version 1
    edit("canary.yaml", "subset: v2}\n      weight: 50", "subset: v2}\n      weight: 0");
    edit("canary.yaml", ", subset: v1}\n      weight: 50", "}\n      weight: 100");
    good &= seen(() -> caller.call(50, false), by -> by.keySet().contains("v2"));
    second.ill(true);
    good &= seen(() -> caller.call(100, false), by -> only(by, "v1"));
    out.println();
    out.printf(Locale.ROOT, "%d calls, %d failed.%n", caller.calls(), caller.failed());
    good &= caller.failed() == 0;
    out.println(good ? "All of it was seen." : "Not all of it was seen.");
    return good;
  }

  private static boolean only(Map<String, Integer> by, String version) {
    return by.keySet().equals(java.util.Set.of(version));
  }

  /** 100 of 200 wanted: six standard deviations of 7 to either side. */
  private static boolean bothOften(Map<String, Integer> by) {
    return by.getOrDefault("v1", 0) >= 58 && by.getOrDefault("v2", 0) >= 58;
  }

  private boolean seen(
      Supplier<Map<String, Integer>> calls,
      java.util.function.Predicate<Map<String, Integer>> wanted)
      throws InterruptedException {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(SOON_SECONDS);
    Map<String, Integer> by = calls.get();
    while (!wanted.test(by) && System.nanoTime() < until) {
      TimeUnit.MILLISECONDS.sleep(100); // a change of the YAML is on its way
      by = calls.get();
    }
    line("%s %s", wanted.test(by) ? "ok    " : "FAILED", by);
    return wanted.test(by);
  }

  private void edit(String file, String from, String to) throws IOException {
    Path path = folder.resolve(file);
    String before = Files.readString(path);
    if (!before.contains(from)) {
      throw new IOException(file + " does not say " + from);
    }
    Files.writeString(path, before.replace(from, to));
    line("- %s", from.replaceAll("\\s+", " "));
    line("+ %s", to.replaceAll("\\s+", " "));
  }

  private void headline(String text) {
    out.println();
    out.println(text);
  }

  private void line(String format, Object... values) {
    out.println("   " + String.format(Locale.ROOT, format, values));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        out.println("   could not be closed: " + e);
      }
    }
  }

  public static void main(String[] arguments) throws Exception {
    Path yaml = Path.of(arguments.length > 0 ? arguments[0] : "mesh");
    Path work = Path.of(arguments.length > 1 ? arguments[1] : "target/greeter");
    boolean good;
    try (Greeter greeter = new Greeter(yaml, work.toAbsolutePath().normalize(), System.out)) {
      good = greeter.show();
    }
    System.exit(good ? 0 : 1);
  }
}
