package io.inmesh.envoy;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One running Envoy. Its listeners may ask for port 0; {@link #port} tells what they got. Files of
 * a run lie in its work directory: {@code envoy.json} (the bootstrap), {@code envoy.log}, and by
 * convention {@code access.log}. It ends with {@link #close}, and with this JVM however that ends.
 * Thread-safe.
 */
public final class RealEnvoy implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(30);
  // The shell outlives Envoy only by a moment, and Envoy this JVM only by a moment: the end of our
  // pipe, however it comes, kills.
  private static final String TIED =
      "exec 3<&0; \"$@\" 3<&- & p=$!; (cat <&3; kill -9 $p) >/dev/null 2>&1 & w=$!;"
          + " wait $p; s=$?; kill $w 2>/dev/null; exit $s";

  private final Process process;
  private final Path workDirectory;
  private volatile String admin = "";

  private RealEnvoy(Process process, Path workDirectory) {
    this.process = process;
    this.workDirectory = workDirectory;
  }

  /**
   * Starts an Envoy and waits until it is live. Skips the running test where there is no binary
   * ({@link EnvoyBinary}).
   *
   * @param bootstrap JSON or YAML, without {@code admin}, which is put on a free port
   * @param workDirectory made when missing
   * @param options of Envoy's command line, e.g. {@code --concurrency 1}, which is the default
   * @throws EnvoyRefusedException when Envoy does not take the bootstrap, with what it logged
   */
  public static RealEnvoy start(String bootstrap, Path workDirectory, String... options)
      throws IOException {
    Path binary = EnvoyBinary.require();
    Files.createDirectories(workDirectory);
    Path config =
        workDirectory.resolve(bootstrap.strip().startsWith("{") ? "envoy.json" : "envoy.yaml");
    Path address = workDirectory.resolve("admin-address");
    Files.writeString(config, bootstrap);
    Files.deleteIfExists(address);
    List<String> command = new ArrayList<>(List.of("sh", "-c", TIED, "envoy"));
    command.addAll(List.of(binary.toString(), "-c", config.toString()));
    command.addAll(List.of("--admin-address-path", address.toString(), "--disable-hot-restart"));
    command.addAll(List.of("--config-yaml", ADMIN, "--file-flush-interval-msec", "50"));
    if (!List.of(options).contains("--concurrency")) {
      command.addAll(List.of("--concurrency", "1"));
    }
    if (!List.of(options).contains("--log-level") && !List.of(options).contains("-l")) {
      command.addAll(List.of("--log-level", "warning"));
    }
    command.addAll(List.of(options));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(workDirectory.resolve("envoy.log").toFile())
            .start();
    RealEnvoy envoy = new RealEnvoy(process, workDirectory);
    try {
      envoy.awaitLive(address);
      return envoy;
    } catch (IOException | RuntimeException e) {
      envoy.kill();
      throw e;
    }
  }

  private static final String ADMIN =
      "{admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}}";

  private void awaitLive(Path address) throws IOException {
    long end = System.nanoTime() + START.toNanos();
    while (true) {
      if (!process.isAlive()) {
        throw new EnvoyRefusedException("Envoy ended with " + process.exitValue() + ":\n" + log());
      }
      if (admin.isEmpty() && Files.exists(address)) {
        admin = Files.readString(address).strip();
      }
      if (!admin.isEmpty() && ready()) {
        return;
      }
      if (System.nanoTime() > end) {
        throw new EnvoyRefusedException("Envoy is not live after " + START + ":\n" + log());
      }
      pause();
    }
  }

  private boolean ready() {
    try {
      return admin("/ready").startsWith("LIVE");
    } catch (IOException e) {
      return false; // 503 while it initialises, refused before it listens
    }
  }

  private static void pause() {
    try {
      Thread.sleep(10);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while Envoy starts", e);
    }
  }

  /** What the admin port answers to a GET of {@code path}. */
  public String admin(String path) throws IOException {
    return admin("GET", path);
  }

  /** What the admin port answers, e.g. to {@code POST /reset_counters}. */
  public String admin(String method, String path) throws IOException {
    HttpURLConnection asked =
        (HttpURLConnection) URI.create("http://" + admin + path).toURL().openConnection();
    asked.setRequestMethod(method);
    asked.setConnectTimeout(5_000);
    asked.setReadTimeout(30_000);
    return new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  /** Names of the listeners and the ports they listen on. */
  public Map<String, Integer> ports() throws IOException {
    Map<String, Integer> ports = new LinkedHashMap<>();
    for (String line : admin("/listeners").split("\n")) {
      int end = line.indexOf("::");
      if (end > 0) {
        ports.put(
            line.substring(0, end),
            Integer.valueOf(line.substring(line.lastIndexOf(':') + 1).strip()));
      }
    }
    return ports;
  }

  /**
   * The port that a listener got.
   *
   * @throws EnvoyRefusedException when there is no such listener (yet)
   */
  public int port(String listener) throws IOException {
    Integer port = ports().get(listener);
    if (port == null) {
      throw new EnvoyRefusedException("no listener " + listener + ": " + why());
    }
    return port;
  }

  /** A counter or gauge by its full name; 0 when Envoy does not have it. */
  public long stat(String name) throws IOException {
    return stats("^" + name.replace(".", "\\.") + "$").getOrDefault(name, 0L);
  }

  /** Counters and gauges whose names match a regular expression. */
  public Map<String, Long> stats(String regex) throws IOException {
    String filter = java.net.URLEncoder.encode(regex, StandardCharsets.UTF_8);
    Map<String, Long> stats = new LinkedHashMap<>();
    for (String line : admin("/stats?filter=" + filter).split("\n")) {
      int colon = line.lastIndexOf(": ");
      if (colon > 0 && line.substring(colon + 2).chars().allMatch(Character::isDigit)) {
        stats.put(line.substring(0, colon), Long.valueOf(line.substring(colon + 2)));
      }
    }
    return stats;
  }

  /** Why resources that came over xDS were refused: Envoy's words, as its NACKs carry them. */
  public String why() throws IOException {
    StringBuilder why = new StringBuilder();
    for (String line : log().split("\n")) {
      if (line.contains("rejected") || line.contains("error")) {
        why.append(line).append('\n');
      }
    }
    return why.length() == 0 ? "nothing was refused" : why.toString();
  }

  /** What Envoy logged so far. */
  public String log() throws IOException {
    return Files.readString(workDirectory.resolve("envoy.log"), StandardCharsets.ISO_8859_1);
  }

  /** Where bootstraps let the access log be written, by convention. */
  public static Path accessLog(Path workDirectory) {
    return workDirectory.resolve("access.log").toAbsolutePath();
  }

  public Path workDirectory() {
    return workDirectory;
  }

  /** Envoy's own process, below the shell that ties it to this JVM. */
  public long pid() {
    return process
        .children()
        .filter(child -> child.info().command().orElse("").endsWith("/envoy"))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("Envoy has ended"))
        .pid();
  }

  public boolean alive() {
    return process.isAlive();
  }

  /** Ends Envoy: asks it, which writes its access logs out; after two seconds kills it. */
  @Override
  public void close() {
    try {
      if (process.isAlive()) {
        admin("POST", "/quitquitquit");
        process.waitFor(2, TimeUnit.SECONDS);
      }
    } catch (IOException e) {
      // it goes anyway
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      kill();
    }
  }

  private void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
