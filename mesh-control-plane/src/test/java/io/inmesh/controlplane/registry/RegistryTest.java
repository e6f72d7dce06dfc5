package io.inmesh.controlplane.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.controlplane.config.Locality;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Graces to the millisecond, on a clock that the test turns. */
class RegistryTest {
  @TempDir Path state;
  private final TurnedClock clock = new TurnedClock();
  private final List<String> told = new ArrayList<>();

  private Registry open() throws Exception {
    return new Registry(
        state,
        clock,
        Duration.ofSeconds(10),
        Duration.ofSeconds(60),
        new Registry.Listener() {
          @Override
          public void registered(Registration registration) {
            told.add("registered " + registration.name());
          }

          @Override
          public void returned(Registration registration) {
            told.add("returned " + registration.name());
          }

          @Override
          public void lost(Registration registration, Duration grace) {
            told.add("lost " + registration.name());
          }

          @Override
          public void removed(Registration registration, String why) {
            told.add("removed " + registration.name());
          }
        });
  }

  private static Registration workload(String name, int port) {
    return new Registration(
        "sidecar~127.0.0.1~" + name + ".shop~shop.svc.cluster.local",
        "shop",
        "reviews",
        name,
        Map.of("app", "reviews"),
        List.of("127.0.0.1"),
        List.of(new Registration.Port("http", port)),
        new Locality("r", "z", ""));
  }

  @Test
  void aBrokenStreamIsForgivenForTheEndpointGraceAndNotLonger() throws Exception {
    Registry registry = open();
    Registration a = workload("a", 1);
    registry.connected(a);
    registry.ended(a, false);
    assertThat(registry.nextDeadline()).isEqualTo(clock.instant().plusSeconds(10));
    clock.turn(Duration.ofMillis(9_999));
    registry.expire();
    assertThat(registry.registrations()).containsExactly(a);
    clock.turn(Duration.ofMillis(1));
    registry.expire();
    assertThat(registry.registrations()).isEmpty();
    assertThat(told).containsExactly("registered a", "lost a", "removed a");
    assertThat(registry.nextDeadline()).isNull();
  }

  @Test
  void everythingIsRememberedAcrossARestartForTheReconnectGrace() throws Exception {
    Registration a = workload("a", 1);
    Registration b =
        new Registration("n", "pay", "x", "b", Map.of(), List.of(), null, Locality.NONE);
    Registry before = open();
    before.connected(a);
    before.connected(b);
    clock.turn(Duration.ofHours(5));
    Registry after = open();
    assertThat(after.registrations()).containsExactlyInAnyOrder(a, b);
    after.connected(a);
    clock.turn(Duration.ofSeconds(60));
    after.expire();
    assertThat(after.registrations()).containsExactly(a);
    assertThat(told).containsExactly("registered a", "registered b", "returned a", "removed b");
  }

  @Test
  void aWorkloadWithTwoStreamsIsThereUntilBothHaveEnded() throws Exception {
    Registry registry = open();
    Registration a = workload("a", 1);
    registry.connected(a);
    registry.connected(a);
    registry.ended(a, true);
    assertThat(registry.registrations()).containsExactly(a);
    registry.ended(a, true);
    assertThat(registry.registrations()).isEmpty();
  }

  @Test
  void anotherIdentityCannotTakeOverANodeId() throws Exception {
    Registry registry = open();
    Registration a = workload("a", 1);
    Registration thief =
        new Registration(
            a.nodeId(), "shop", "thief", "a", a.labels(), a.addresses(), a.ports(), a.locality());
    registry.connected(a);
    registry.connected(thief);
    registry.ended(thief, true);
    assertThat(registry.registrations()).containsExactly(a);
  }

  @Test
  void theLivingComeBeforeTheLost() throws Exception {
    Registry registry = open();
    Registration lost = workload("a", 1);
    Registration living = workload("b", 1);
    registry.connected(lost);
    registry.ended(lost, false);
    registry.connected(living);
    assertThat(registry.registrations()).containsExactly(living, lost);
  }

  private static final class TurnedClock extends Clock {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    void turn(Duration by) {
      now = now.plus(by);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
