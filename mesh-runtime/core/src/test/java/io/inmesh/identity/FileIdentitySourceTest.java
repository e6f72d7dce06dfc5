package io.inmesh.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileIdentitySourceTest {
  private static final String NAME = "spiffe://td/ns/shop/sa/storefront";

  @TempDir Path directory;
  private final ManualClock clock = new ManualClock(Instant.now());
  private final TestPki pki = TestPki.create();
  private final ManualScheduler scheduler = new ManualScheduler();
  private final IdentityStore store = new IdentityStore();
  private FileIdentitySource source;

  @BeforeEach
  void source() throws IOException {
    Path first = Files.createDirectory(directory.resolve("..first"));
    pki.leaf(NAME).write(first);
    Files.createSymbolicLink(directory.resolve("..data"), first);
    Path data = directory.resolve("..data");
    source =
        new FileIdentitySource(
            data.resolve("cert-chain.pem"),
            data.resolve("key.pem"),
            data.resolve("root-cert.pem"),
            "td",
            Duration.ofSeconds(5),
            store,
            scheduler,
            clock);
    source.start();
  }

  @AfterEach
  void stop() {
    source.close();
    scheduler.shutdownNow();
  }

  @Test
  void filesBecomeAnIdentityAndAreReadAgainWhenTheLinkIsSwapped() throws Exception {
    WorkloadIdentity first = store.awaitFirst(Duration.ofSeconds(10));
    assertThat(first.spiffeId()).hasToString(NAME);

    ManualScheduler.Later look = scheduler.next();
    assertThat(look.delay()).isEqualTo(Duration.ofSeconds(5));
    scheduler.run(look);
    look = scheduler.next();
    assertThat(store.current()).as("nothing changed").isSameAs(first);

    swap(pki.leaf(NAME), "second");
    scheduler.run(look);
    scheduler.next();
    assertThat(store.current().keyGeneration()).isEqualTo(2);
    assertThat(store.current().trustGeneration()).isEqualTo(1);
  }

  @Test
  void filesThatDoNotFitTogetherAreNotUsedUntilTheyDo() throws Exception {
    WorkloadIdentity first = store.awaitFirst(Duration.ofSeconds(10));
    TestPki.Leaf next = pki.leaf(NAME);
    Path data = directory.resolve("..data");

    Files.writeString(data.resolve("key.pem"), next.keyPem()); // half of a change
    scheduler.run(scheduler.next());
    ManualScheduler.Later look = scheduler.next();
    assertThat(store.current()).isSameAs(first);
    assertThat(store.lastFailure())
        .contains(data.resolve("key.pem").toString())
        .contains("does not belong to the private key");

    Files.writeString(data.resolve("cert-chain.pem"), next.chainPem());
    scheduler.run(look);
    look = scheduler.next();
    assertThat(store.current().keyGeneration()).isEqualTo(2);
    assertThat(store.lastFailure()).isNull();

    Files.writeString(data.resolve("key.pem"), "-----BEGIN PRIVATE KEY-----\nsecret\n");
    scheduler.run(look);
    look = scheduler.next();
    assertThat(store.lastFailure()).contains("private key").doesNotContain("secret");

    Files.delete(data.resolve("key.pem"));
    scheduler.run(look);
    look = scheduler.next();
    assertThat(store.lastFailure()).contains("cannot be read").contains("key.pem");

    swap(pki.leaf("spiffe://other/ns/shop/sa/storefront"), "other");
    scheduler.run(look);
    scheduler.next();
    assertThat(store.lastFailure()).contains("trust domain other");
    assertThat(store.current().keyGeneration()).isEqualTo(2);
  }

  @Test
  void filesThatNobodyRenewsAreComplainedAboutWhenTheyExpire() throws Exception {
    WorkloadIdentity first = store.awaitFirst(Duration.ofSeconds(10));
    clock.advance(Duration.ofHours(2));
    scheduler.run(scheduler.next());
    scheduler.next();
    assertThat(store.lastFailure()).contains("expired at " + first.notAfter());
    assertThat(store.valid(clock.instant())).isFalse();
  }

  private void swap(TestPki.Leaf leaf, String name) throws IOException {
    Path next = Files.createDirectory(directory.resolve(".." + name));
    leaf.write(next);
    Path link = Files.createSymbolicLink(directory.resolve("..tmp"), next);
    Files.move(link, directory.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
  }
}
