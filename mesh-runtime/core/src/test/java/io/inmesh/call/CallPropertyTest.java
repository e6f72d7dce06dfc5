package io.inmesh.call;

import static io.inmesh.call.CallHarness.MS;
import static io.inmesh.call.CallHarness.forward;
import static io.inmesh.call.CallHarness.get;
import static io.inmesh.call.CallHarness.response;
import static io.inmesh.call.CallHarness.retry;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.config.Fraction;
import io.inmesh.config.HedgePolicy;
import io.inmesh.config.RetryOn;
import io.inmesh.config.RouteAction;
import io.inmesh.http.Headers;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Whatever order events come in, a call gives at most one answer, ends once, and gives everything
 * back.
 */
class CallPropertyTest {

  @Property(tries = 3000)
  void leasesAreBalancedWhateverHappens(@ForAll long seed) {
    Random dice = new Random(seed);
    CallHarness mesh = new CallHarness();
    mesh.random = seed;
    mesh.cluster("shadow", io.inmesh.config.CircuitBreakers.DEFAULTS, "10.9.0.1");
    mesh.action =
        forward(
            dice.nextInt(3) * 50 * MS,
            dice.nextInt(4) == 0
                ? null
                : retry(dice.nextInt(4), dice.nextInt(2) * 20 * MS, RetryOn.FIVE_XX),
            dice.nextBoolean() ? new HedgePolicy(true) : null,
            dice.nextInt(4) == 0
                ? List.of(new RouteAction.Mirror("shadow", Fraction.ALWAYS, true))
                : List.of());
    BodyTraits[] bodies = {BodyTraits.NONE, BodyTraits.REPLAYABLE, BodyTraits.ONE_SHOT};
    Driven driven = mesh.outbound(get(), bodies[dice.nextInt(3)]);
    int answers = 0;
    int done = 0;
    for (int i = 0; i < 60; i++) {
      for (Command command; (command = driven.next()) != null; ) {
        assertThat(done).as("nothing follows Done").isZero();
        if (command instanceof Command.Respond || command instanceof Command.Reply) {
          answers++;
        } else if (command instanceof Command.Done) {
          done++;
        }
      }
      int attempt = 1 + dice.nextInt(5);
      switch (dice.nextInt(9)) {
        case 0 -> driven.on(new Event.Connected(attempt));
        case 1 -> driven.on(new Event.RequestSent(attempt));
        case 2 -> driven.on(new Event.Head(attempt, response(200), dice.nextBoolean()));
        case 3 -> driven.on(new Event.Head(attempt, response(503), dice.nextBoolean()));
        case 4 -> driven.on(new Event.End(attempt, dice.nextBoolean() ? new Headers() : null));
        case 5 ->
            driven.on(
                new Event.Failed(
                    attempt, ResetKind.values()[dice.nextInt(ResetKind.values().length)], "x"));
        case 6 -> driven.on(new Event.RetainOverflow());
        case 7 -> driven.later(dice.nextInt(60) * MS);
        default -> driven.on(new Event.Progress(attempt));
      }
    }
    driven.on(new Event.CallerGone());
    for (Command command; (command = driven.next()) != null; ) {
      if (command instanceof Command.Respond || command instanceof Command.Reply) {
        answers++;
      } else if (command instanceof Command.Done) {
        done++;
      }
    }
    assertThat(answers).isLessThanOrEqualTo(1);
    assertThat(done).isEqualTo(1);
    assertThat(mesh.ended).hasSize(1);
    assertThat(mesh.leases()).isZero();
    assertThat(mesh.clusters.find("reviews").tryRetry(false)).as("retries given back").isTrue();
  }
}
