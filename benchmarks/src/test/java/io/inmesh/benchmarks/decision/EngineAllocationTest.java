package io.inmesh.benchmarks.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.conformance.Allocations;
import org.junit.jupiter.api.Test;

/** The figures of docs/benchmarks.md for one decision, heads included, and a tenth more. */
class EngineAllocationTest {
  private static final long OUTBOUND = 912 * 11 / 10;
  private static final long INBOUND = 704 * 11 / 10;

  @Test
  void aCallAllocatesNoMoreThanItDid() throws Exception {
    OutboundDecision decision = new OutboundDecision();
    decision.size = 1000;
    decision.setup();
    assertThat(Allocations.ofCaller(OUTBOUND, decision::call)).isLessThanOrEqualTo(OUTBOUND);
  }

  @Test
  void aServedRequestAllocatesNoMoreThanItDidHoweverManyPoliciesThereAre() throws Exception {
    InboundDecision decision = new InboundDecision();
    decision.policies = 1000;
    decision.setup();
    assertThat(Allocations.ofCaller(INBOUND, decision::call)).isLessThanOrEqualTo(INBOUND);
  }
}
