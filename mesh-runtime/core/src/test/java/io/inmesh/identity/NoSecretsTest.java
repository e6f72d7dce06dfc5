package io.inmesh.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.ECPrivateKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Neither a token nor a private key is in anything that is printed, at any log level. */
class NoSecretsTest {
  private static final String NAME = "spiffe://td/ns/shop/sa/storefront";
  private static final String TOKEN = "eyJhbGciOiJub25lIn0.very-secret-token.signature";

  @TempDir Path directory;

  @Test
  void logsErrorsAndTextFormsHoldNoSecret() throws Exception {
    TestPki pki = TestPki.create();
    Path token = Files.writeString(directory.resolve("token"), TOKEN);
    Path roots = Files.writeString(directory.resolve("roots.pem"), pki.rootPem());
    List<String> printed = new ArrayList<>();
    List<String> secrets = new ArrayList<>(List.of(TOKEN, "very-secret-token"));
    IdentityStore store = new IdentityStore();
    ManualScheduler scheduler = new ManualScheduler();

    String logged =
        captured(
            () -> {
              try (TestIstioCa ca = new TestIstioCa(pki, NAME, Clock.systemUTC());
                  IstioCaSource source =
                      new IstioCaSource(
                          IstioCaConfig.of(ca.address(), roots, token),
                          store,
                          scheduler,
                          Clock.systemUTC(),
                          new Random(1))) {
                printed.add(IstioCaConfig.of(ca.address(), roots, token).toString());
                printed.add(source.toString());
                ca.answer =
                    (key, lifetime) -> {
                      throw Status.UNAUTHENTICATED.withDescription("no").asException();
                    };
                source.start();
                ManualScheduler.Later retry = scheduler.next();
                ca.answer = (key, lifetime) -> List.of("garbage", "garbage");
                scheduler.run(retry);
                retry = scheduler.next();
                ca.answer = (key, lifetime) -> ca.sign(key, NAME, lifetime);
                scheduler.run(retry);
                store.awaitFirst(Duration.ofSeconds(15));
                Files.writeString(token, TOKEN + " " + TOKEN);
                try {
                  BearerToken.read(token);
                } catch (IOException e) {
                  printed.add(trace(e));
                }
              }
              Path files = Files.createDirectory(directory.resolve("files"));
              TestPki.Leaf leaf = pki.leaf(NAME);
              addKey(secrets, leaf.identity(1, 1));
              leaf.write(files);
              Files.writeString(files.resolve("key.pem"), leaf.keyPem().replace("END", "DNE"));
              IdentityStore other = new IdentityStore();
              try (FileIdentitySource source =
                  new FileIdentitySource(
                      files.resolve("cert-chain.pem"),
                      files.resolve("key.pem"),
                      files.resolve("root-cert.pem"),
                      null,
                      Duration.ofSeconds(1),
                      other,
                      scheduler,
                      Clock.systemUTC())) {
                source.start();
                await().until(() -> other.lastFailure() != null);
                printed.add(String.valueOf(other.lastFailure()));
                printed.add(source.toString());
              }
              printed.add(leaf.material().toString());
              printed.add(leaf.identity(1, 1).toString());
              try {
                IdentityMaterial.check(
                    pki.leaf(NAME).key(), leaf.chain(), leaf.roots(), null, Instant.now());
              } catch (IdentityRefusedException e) {
                printed.add(trace(e));
              }
              OutboundTls outbound = new OutboundTls(store, Clock.systemUTC());
              OutboundTlsContext context =
                  outbound.context(OutboundTlsSpec.mesh(null, List.of(), SanMatcher.any()));
              printed.add(context + " " + context.spec() + " " + context.socketFactory());
            });
    scheduler.shutdownNow();
    addKey(secrets, store.current());
    printed.add(store.current().toString());
    printed.add(store.toString());
    printed.add(SigningRequest.create(KeyType.EC_P256).toString());
    printed.add(logged);

    assertThat(logged).as("the log was seen").contains("workload certificate received");
    for (String text : printed) {
      for (String secret : secrets) {
        assertThat(text).doesNotContain(secret);
      }
      assertThat(text).doesNotContain("PRIVATE KEY");
    }
  }

  private static void addKey(List<String> secrets, WorkloadIdentity identity) {
    String text = Base64.getEncoder().encodeToString(identity.key().getEncoded());
    secrets.add(text.substring(40, 80)); // the first part is the same for every P-256 key
    secrets.add(((ECPrivateKey) identity.key()).getS().toString());
    secrets.add(((ECPrivateKey) identity.key()).getS().toString(16));
  }

  private static String trace(Exception e) {
    StringWriter text = new StringWriter();
    e.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  private interface Action {
    void run() throws Exception;
  }

  /** What slf4j-simple prints meanwhile, everything down to TRACE. */
  private static String captured(Action action) throws Exception {
    Logger logger = LoggerFactory.getLogger("io.inmesh.identity");
    Field level = logger.getClass().getDeclaredField("currentLogLevel");
    level.setAccessible(true);
    int before = level.getInt(logger);
    PrintStream console = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    level.setInt(logger, 0);
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      action.run();
    } finally {
      System.setErr(console);
      level.setInt(logger, before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
