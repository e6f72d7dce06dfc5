package io.inmesh.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The certificate flow against a CA over real gRPC and TLS; the clock stands until moved. */
class IstioCaSourceTest {
  private static final String NAME = "spiffe://cluster.local/ns/shop/sa/storefront";
  private static final Duration WAIT = Duration.ofSeconds(15);

  @TempDir Path directory;
  private final TestPki pki = TestPki.create();
  private final ManualClock clock = new ManualClock(Instant.now());
  private final ManualScheduler scheduler = new ManualScheduler();
  private final IdentityStore store = new IdentityStore();
  private final List<IstioCaSource> sources = new ArrayList<>();
  private TestIstioCa ca;
  private Path token;
  private Path roots;

  @BeforeEach
  void start() throws IOException {
    ca = new TestIstioCa(pki, NAME, clock);
    token = Files.writeString(directory.resolve("istio-token"), "first.jwt.token\n");
    roots = Files.writeString(directory.resolve("root-cert.pem"), pki.rootPem());
  }

  @AfterEach
  void stop() {
    sources.forEach(IstioCaSource::close);
    ca.close();
    scheduler.shutdownNow();
  }

  @ParameterizedTest
  @EnumSource(KeyType.class)
  void aTokenIsExchangedForACertificate(KeyType type) throws Exception {
    source(config().withKeyType(type).withClusterId("east"));
    WorkloadIdentity identity = store.awaitFirst(WAIT);

    assertThat(identity.spiffeId()).hasToString(NAME);
    assertThat(identity.chain()).as("without the root").hasSize(2);
    assertThat(identity.roots()).as("which came twice").containsExactly(pki.root());
    assertThat(identity.keyGeneration()).isEqualTo(1);
    assertThat(identity.trustGeneration()).isEqualTo(1);
    assertThat(identity.valid(clock.instant())).isTrue();
    assertThat(identity.key().getAlgorithm()).isEqualTo(type == KeyType.EC_P256 ? "EC" : "RSA");
    assertThat(ca.callers)
        .containsExactly(new TestIstioCa.Caller("Bearer first.jwt.token", "east", null));
    assertThat(ca.requests.get(0).getSubject().getRDNs()).isEmpty();
    assertThat(store.lastFailure()).isNull();
  }

  @Test
  void theCaMayBeKnownByAnotherName() throws Exception {
    source(config().withServerName("istiod.istio-system.svc"));
    assertThat(store.awaitFirst(WAIT).spiffeId()).hasToString(NAME);
  }

  @Test
  void aCertificateIsRenewedAtHalfItsLifetimeWithItselfAndTheTokenOfThatDay() throws Exception {
    source(config().withLifetime(Duration.ofHours(10)));
    WorkloadIdentity first = store.awaitFirst(WAIT);
    ManualScheduler.Later renewal = scheduler.next();
    assertThat(renewal.delay())
        .isBetween(Duration.ofMinutes(5 * 60 - 6), Duration.ofMinutes(5 * 60 + 6));

    Files.writeString(token, "second.jwt.token");
    scheduler.run(renewal); // the clock stays: the TLS of the CA keeps real time
    await().atMost(WAIT).until(() -> store.current().keyGeneration() == 2);

    assertThat(ca.callers.get(1))
        .isEqualTo(new TestIstioCa.Caller("Bearer second.jwt.token", "Kubernetes", NAME));
    assertThat(store.current().key()).isNotEqualTo(first.key());
    assertThat(store.current().trustGeneration()).as("same roots").isEqualTo(1);

    Files.delete(token); // the certificate is enough from here on
    scheduler.run(scheduler.next());
    await().atMost(WAIT).until(() -> store.current().keyGeneration() == 3);
    assertThat(ca.callers.get(2)).isEqualTo(new TestIstioCa.Caller(null, "Kubernetes", NAME));
  }

  @Test
  void anExpiredCertificateIsNotShownToTheCa() throws Exception {
    source(config().withLifetime(Duration.ofMinutes(10)));
    store.awaitFirst(WAIT);
    clock.advance(Duration.ofMinutes(11));
    assertThat(store.valid(clock.instant())).isFalse();

    scheduler.run(scheduler.next());
    await().atMost(WAIT).until(() -> store.valid(clock.instant()));
    assertThat(ca.callers.get(1).certificate()).isNull();
  }

  @Test
  void anUnreachableCaIsAskedAgainEverLaterAndTheOldIdentityStays() throws Exception {
    source(config());
    WorkloadIdentity first = store.awaitFirst(WAIT);
    ca.answer =
        (key, lifetime) -> {
          throw Status.UNAVAILABLE.withDescription("CA is starting").asException();
        };
    long longest = 0;
    ManualScheduler.Later due = scheduler.next();
    for (int i = 0; i < 9; i++) {
      scheduler.run(due);
      due = scheduler.next();
      double expected = Math.min(1000 * Math.pow(2, i), 60_000);
      assertThat((double) due.delay().toMillis()).isBetween(expected * 0.79, expected * 1.21);
      longest = Math.max(longest, due.delay().toMillis());
    }
    assertThat(longest).isGreaterThan(45_000);
    assertThat(store.current()).isSameAs(first);
    assertThat(store.lastFailure()).contains(ca.address()).contains("UNAVAILABLE CA is starting");

    ca.answer = (key, lifetime) -> ca.sign(key, NAME, lifetime);
    scheduler.run(due);
    await().atMost(WAIT).until(() -> store.current().keyGeneration() == 2);
    assertThat(store.lastFailure()).isNull();
  }

  @Test
  void anAnswerForAnotherKeyIsRefused() throws Exception {
    KeyPair other = TestPki.keyPair("EC", 256);
    refused(
        (key, lifetime) -> ca.sign(other.getPublic(), NAME, lifetime),
        "does not belong to the private key");
  }

  @Test
  void anExpiredAnswerIsRefused() throws Exception {
    refused((key, lifetime) -> ca.sign(key, NAME, Duration.ofMinutes(-1)), "expired at");
  }

  @Test
  void anAnswerOfAnotherTrustDomainIsRefused() throws Exception {
    refused(
        (key, lifetime) -> ca.sign(key, "spiffe://other.td/ns/shop/sa/storefront", lifetime),
        "trust domain other.td");
  }

  @Test
  void anAnswerThatDoesNotLeadToItsRootIsRefused() throws Exception {
    refused(
        (key, lifetime) -> {
          List<String> entries = new ArrayList<>(ca.sign(key, NAME, lifetime));
          entries.set(2, TestPki.create("foreign").rootPem());
          entries.set(3, TestPki.create("foreign").rootPem());
          return entries;
        },
        "does not lead to a given root");
  }

  @Test
  void garbageIsRefused() throws Exception {
    refused((key, lifetime) -> List.of(), "0 entries");
    refused((key, lifetime) -> List.of("x", "y"), "entry 1 of the CA's answer: no PEM");
    refused(
        (key, lifetime) -> {
          List<String> entries = new ArrayList<>(ca.sign(key, NAME, lifetime));
          entries.set(1, entries.get(1).substring(0, 200));
          return entries;
        },
        "entry 2 of the CA's answer: certificate 1 has no end line");
    refused(
        (key, lifetime) -> {
          List<String> entries = new ArrayList<>(ca.sign(key, NAME, lifetime));
          entries.set(3, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
          return entries;
        },
        "the last entry (roots) of the CA's answer: certificate 1 is malformed");
    refused(
        (key, lifetime) -> ca.sign(key, "https://example.com/x", lifetime), "names no workload");
  }

  /** Before there is an identity, and after: nothing changes but what is said. */
  private void refused(TestIstioCa.Answer bad, String message) throws Exception {
    IdentityStore fresh = new IdentityStore();
    ManualScheduler tasks = new ManualScheduler();
    ca.answer = bad;
    try (IstioCaSource source =
        new IstioCaSource(
            config().withTrustDomain("cluster.local"), fresh, tasks, clock, new Random(1))) {
      source.start();
      ManualScheduler.Later retry = tasks.next();
      assertThat(fresh.current()).isNull();
      assertThat(fresh.lastFailure()).contains(message);
      assertThatThrownBy(() -> fresh.awaitFirst(Duration.ofMillis(1)))
          .isInstanceOf(IdentityUnavailableException.class)
          .hasMessageContaining(message);

      ca.answer = (key, lifetime) -> ca.sign(key, NAME, lifetime);
      tasks.run(retry);
      WorkloadIdentity good = fresh.awaitFirst(WAIT);

      ca.answer = bad;
      tasks.run(tasks.next());
      tasks.next();
      assertThat(fresh.current()).isSameAs(good);
      assertThat(fresh.lastFailure()).contains(message);
    } finally {
      tasks.shutdownNow();
    }
  }

  @Test
  void anAnswerMayBringNewRoots() throws Exception {
    source(config());
    store.awaitFirst(WAIT);
    TestPki next = TestPki.create("next");
    ca.answer =
        (key, lifetime) -> {
          List<String> entries = new ArrayList<>(ca.sign(key, NAME, lifetime));
          entries.set(3, pki.rootPem() + next.rootPem()); // one entry, two certificates
          return entries;
        };
    scheduler.run(scheduler.next());
    await().atMost(WAIT).until(() -> store.current().trustGeneration() == 2);

    assertThat(store.current().roots()).containsExactly(pki.root(), next.root());
    assertThat(store.oldestTrustGeneration()).as("none was removed").isEqualTo(1);
  }

  @Test
  void missingFilesAreNamed() throws Exception {
    Files.delete(token);
    source(config());
    scheduler.next();
    assertThat(store.lastFailure()).contains("token file " + token).contains("cannot be read");
    Files.writeString(token, "two tokens");
    source(config());
    scheduler.next();
    assertThat(store.lastFailure()).contains("does not hold one token");
    Files.writeString(token, "a.b.c");
    Files.delete(roots);
    source(config());
    scheduler.next();
    assertThat(store.lastFailure()).contains(roots.toString());
    assertThat(ca.callers).as("nothing was sent").isEmpty();
  }

  @Test
  void aCaOfAForeignRootGetsNoToken() throws Exception {
    Files.writeString(roots, TestPki.create("foreign").rootPem());
    source(config());
    scheduler.next();
    assertThat(store.lastFailure())
        .contains("UNAVAILABLE")
        .contains("unable to find valid certification path")
        .doesNotContain("\n");
    assertThat(ca.callers).isEmpty();
  }

  @Test
  void aTokenThatTheCaDoesNotLikeIsExplained() throws Exception {
    ca.answer =
        (key, lifetime) -> {
          throw Status.UNAUTHENTICATED
              .withDescription("request authenticate failure")
              .asException();
        };
    source(config());
    scheduler.next();
    assertThat(store.lastFailure())
        .contains("UNAUTHENTICATED request authenticate failure")
        .contains(token.toString())
        .contains("audience");
  }

  @Test
  void aClosedSourceAsksNoMore() throws Exception {
    IstioCaSource source = source(config());
    store.awaitFirst(WAIT);
    ManualScheduler.Later renewal = scheduler.next();
    source.close();
    scheduler.run(renewal);
    scheduler.submit(() -> {}).get();
    assertThat(ca.callers).hasSize(1);
    assertThat(store.current()).isNotNull();
  }

  private IstioCaConfig config() {
    return IstioCaConfig.of(ca.address(), roots, token);
  }

  private IstioCaSource source(IstioCaConfig config) {
    IstioCaSource source = new IstioCaSource(config, store, scheduler, clock, new Random(7));
    sources.add(source);
    source.start();
    return source;
  }
}
