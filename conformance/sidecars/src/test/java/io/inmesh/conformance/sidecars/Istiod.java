package io.inmesh.conformance.sidecars;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * A real istiod without Kubernetes, configured by files: a CA that is plugged in, tokens of an
 * issuer whose keys it is told, everything on loopback. It must be 1.26 to 1.29: later ones do not
 * start without a Kubernetes API.
 */
final class Istiod implements AutoCloseable {
  static final String BINARY = "ISTIOD_BINARY";
  private static final String ISSUER = "inmesh-test";
  private static final Duration START = Duration.ofSeconds(60);

  final int port = Shop.freePort();
  final Path config;
  private final int plaintext = Shop.freePort();
  private final int debug = Shop.freePort();
  private final int monitoring = Shop.freePort();
  private final Path binary;
  private final Path work;
  private final RSAKey issuer;
  private final HttpServer keys;
  private @Nullable Process process;

  private Istiod(Path binary, Path work) throws Exception {
    this.binary = binary;
    this.work = work;
    config = Files.createDirectories(work.resolve("config"));
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair pair = generator.generateKeyPair();
    issuer =
        new RSAKey.Builder((java.security.interfaces.RSAPublicKey) pair.getPublic())
            .privateKey(pair.getPrivate())
            .keyID("one")
            .build();
    keys = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    byte[] body = new JWKSet(issuer.toPublicJWK()).toString().getBytes(StandardCharsets.UTF_8);
    keys.createContext(
        "/jwks",
        exchange -> {
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    keys.start();
    PluggedCa.write(Files.createDirectories(work.resolve("cacerts")), generator);
    Files.writeString(
        work.resolve("mesh.yaml"),
        """
        trustDomain: cluster.local
        enableAutoMtls: true
        accessLogFile: ""
        defaultConfig: {discoveryAddress: "istiod.istio-system.svc:15012"}
        defaultProviders: {metrics: [prometheus]}
        """);
  }

  /** Skips the running test, and says so, when no binary is named. */
  static Istiod start(Path work) throws Exception {
    String named = System.getenv(BINARY);
    if (named == null || named.isEmpty()) {
      System.err.println(
          "SKIPPED LOUDLY: " + BINARY + " is not set, nothing is seen of a real istiod");
      Assumptions.abort(BINARY + " is not set");
    }
    Istiod istiod = new Istiod(Path.of(named), work);
    istiod.up();
    return istiod;
  }

  /** Starts it, and waits until it takes connections. */
  void up() throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
            binary.toString(),
            "discovery",
            "--registries=",
            "--configDir",
            config.toString(),
            "--meshConfig",
            work.resolve("mesh.yaml").toString(),
            "--ctrlz_port",
            "0",
            "--httpAddr",
            "127.0.0.1:" + debug,
            "--httpsAddr",
            "",
            "--grpcAddr",
            "127.0.0.1:" + plaintext,
            "--secureGRPCAddr",
            "127.0.0.1:" + port,
            "--monitoringAddr",
            "127.0.0.1:" + monitoring);
    builder
        .environment()
        .putAll(
            Map.of(
                "POD_NAMESPACE",
                "istio-system",
                "POD_NAME",
                "istiod-0",
                "REVISION",
                "default",
                "CLUSTER_ID",
                "Kubernetes",
                "PILOT_DEBOUNCE_AFTER",
                "10ms",
                "PILOT_DEBOUNCE_MAX",
                "100ms",
                "ROOT_CA_DIR",
                work.resolve("cacerts").toString(),
                "JWT_RULE",
                "{\"issuer\":\"%s\",\"jwks_uri\":\"http://127.0.0.1:%d/jwks\",\"audiences\":[\"istio-ca\"]}"
                    .formatted(ISSUER, keys.getAddress().getPort())));
    process =
        builder
            .directory(work.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(work.resolve("istiod.log").toFile()))
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(this::kill));
    long end = System.nanoTime() + START.toNanos();
    while (!listens()) {
      if (!process.isAlive() || System.nanoTime() > end) {
        throw new IOException("istiod does not start:\n" + log());
      }
      Thread.sleep(50);
    }
  }

  private boolean listens() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  String log() throws IOException {
    List<String> lines = Files.readAllLines(work.resolve("istiod.log"));
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
  }

  Path roots() {
    return work.resolve("cacerts/root-cert.pem");
  }

  /** A token file as Kubernetes would project it. */
  Path token(String namespace, String account) throws IOException, JOSEException {
    Instant now = Instant.now();
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(issuer.getKeyID()).build(),
            new JWTClaimsSet.Builder()
                .issuer(ISSUER)
                .audience(List.of("istio-ca", "inmesh-test")) // two: istiod wants an array
                .subject("system:serviceaccount:" + namespace + ":" + account)
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plus(Duration.ofHours(1))))
                .build());
    token.sign(new RSASSASigner(issuer));
    return Files.writeString(work.resolve(account + ".jwt"), token.serialize());
  }

  /** Puts one file of configuration in place at once. */
  void write(String file, String yaml) throws IOException {
    Path unfinished = work.resolve(file + ".unfinished");
    Files.writeString(unfinished, yaml);
    Files.move(unfinished, config.resolve(file), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  void kill() {
    Process running = process;
    if (running != null) {
      running.destroyForcibly();
    }
  }

  void awaitEnd() throws InterruptedException {
    Process running = process;
    if (running != null) {
      running.waitFor(10, TimeUnit.SECONDS);
    }
  }

  @Override
  public void close() {
    kill();
    keys.stop(0);
  }
}
