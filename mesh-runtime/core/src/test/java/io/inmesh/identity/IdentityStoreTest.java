package io.inmesh.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IdentityStoreTest {
  private static final String NAME = "spiffe://td/ns/shop/sa/storefront";
  private final TestPki pki = TestPki.create();
  private final IdentityStore store = new IdentityStore();

  @Test
  void keysAndRootsAreCountedApart() {
    TestPki other = TestPki.create("other");
    TestPki.Leaf leaf = pki.leaf(NAME);
    store.update(leaf.material());
    assertGenerations(1, 1, 1);
    store.update(leaf.material());
    assertGenerations(1, 1, 1);
    store.update(pki.leaf(NAME).material());
    assertGenerations(2, 1, 1);
    TestPki.Leaf third = pki.leaf(NAME);
    store.update(third.trusting(List.of(pki.root(), other.root())).material());
    assertGenerations(3, 2, 1);
    store.update(third.trusting(List.of(other.root(), pki.root())).material());
    assertGenerations(3, 2, 1);
    store.update(third.material());
    assertGenerations(3, 3, 3);
  }

  private void assertGenerations(long key, long trust, long oldestTrust) {
    assertThat(store.current().keyGeneration()).isEqualTo(key);
    assertThat(store.current().trustGeneration()).isEqualTo(trust);
    assertThat(store.oldestTrustGeneration()).isEqualTo(oldestTrust);
  }

  @Test
  void listenersHearOfEachChangeEvenBesideABrokenOne() {
    List<Long> heard = new ArrayList<>();
    store.listen(
        identity -> {
          throw new IllegalStateException("broken");
        });
    Runnable stop = store.listen(identity -> heard.add(identity.keyGeneration()));
    store.update(pki.leaf(NAME).material());
    store.update(pki.leaf(NAME).material());
    stop.run();
    store.update(pki.leaf(NAME).material());
    assertThat(heard).containsExactly(1L, 2L);
  }

  @Test
  void expiryCanBeSeen() {
    assertThat(store.valid(Instant.now())).isFalse();
    store.update(pki.leaf(NAME).material());
    assertThat(store.valid(Instant.now())).isTrue();
    assertThat(store.valid(Instant.now().plus(Duration.ofHours(2)))).isFalse();
  }

  @Test
  void waitingEndsWithTheReason() {
    store.failed("CA 127.0.0.1:15012: UNAVAILABLE");
    assertThatThrownBy(() -> store.awaitFirst(Duration.ofMillis(5)))
        .isInstanceOf(IdentityUnavailableException.class)
        .hasMessage("no certificate within 5 ms; last trouble: CA 127.0.0.1:15012: UNAVAILABLE");
    assertThatThrownBy(store::require).hasMessageContaining("UNAVAILABLE");
  }

  @Test
  void renewalIsAtHalfTheLifetimeOnAverageAndNeverAtOnce() {
    RenewalTimes times = new RenewalTimes(new Random(3));
    Instant now = Instant.now();
    long sum = 0;
    long least = Long.MAX_VALUE;
    long most = 0;
    for (int i = 0; i < 1000; i++) {
      long millis = times.untilRenewal(now, now.plus(Duration.ofHours(1))).toMillis();
      sum += millis;
      least = Math.min(least, millis);
      most = Math.max(most, millis);
    }
    assertThat(sum / 1000).isBetween(1_795_000L, 1_805_000L);
    assertThat(least).isBetween(1_764_000L, 1_770_000L);
    assertThat(most).isBetween(1_830_000L, 1_836_000L);
    assertThat(times.untilRenewal(now, now.plusSeconds(1)).toMillis()).isBetween(490L, 510L);
    assertThat(times.untilRenewal(now, now)).isEqualTo(Duration.ofMillis(100));
  }

  @Test
  void namesAreMatchedAsConfigured() {
    SanMatcher exact = SanMatcher.exact("spiffe://td/a", "spiffe://td/b");
    assertThat(exact.matchesAny(List.of("x", "spiffe://td/b"))).isTrue();
    assertThat(exact.matchesAny(List.of("spiffe://td/bb", "spiffe://TD/b"))).isFalse();
    assertThat(SanMatcher.exact(List.of()).matchesAny(List.of("spiffe://td/a"))).isFalse();
    assertThat(SanMatcher.trustDomain("td").test("spiffe://td/x")).isTrue();
    assertThat(SanMatcher.trustDomain("td").test("spiffe://td.evil/x")).isFalse();
    assertThat(SanMatcher.any().matchesAny(List.of())).isTrue();
    assertThat(SanMatcher.anyOf(List.of(exact, SanMatcher.dns("a.b"))).test("A.B")).isTrue();
    SanMatcher described = SanMatcher.described("suffix /b", name -> name.endsWith("/b"));
    assertThat(described.test("spiffe://td/b")).isTrue();
    assertThat(described).isEqualTo(SanMatcher.described("suffix /b", name -> false));
    assertThat(exact).isEqualTo(SanMatcher.exact("spiffe://td/b", "spiffe://td/a"));
  }
}
