package io.inmesh.benchmarks.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.call.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is measured does what it says. No time is looked at. */
class DecisionTest {
  @ParameterizedTest
  @EnumSource
  void a_call_reaches_the_last_route(Shape shape) {
    OutboundDecision decision = new OutboundDecision();
    decision.shape = shape;
    decision.size = 10;
    decision.setup();
    Outcome outcome = (Outcome) decision.call();
    assertThat(outcome.details()).isEqualTo("via_upstream");
    assertThat(outcome.route()).isEqualTo(shape == Shape.ROUTES ? "r9" : "default");
    assertThat(outcome.virtualHost())
        .startsWith(shape == Shape.VIRTUAL_HOSTS ? "service-9." : "service-0.");
  }

  @Test
  void a_request_is_allowed_by_the_last_policy() {
    InboundDecision decision = new InboundDecision();
    decision.policies = 10;
    decision.setup();
    Outcome outcome = (Outcome) decision.call();
    assertThat(outcome.status()).isEqualTo(200);
    assertThat(outcome.policy()).isEqualTo("ns[bench]-policy[p0009]-rule[0]");
  }
}
