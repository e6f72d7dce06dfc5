package io.inmesh.benchmarks.performance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.benchmarks.performance.Claim.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClaimTest {
  private static final Claim AT_MOST = Claim.atMost("p50", 1.05);
  private static final Claim AT_LEAST = Claim.atLeast("Envoys", 3);

  private static Spread rounds(Double... values) {
    return Spread.of(List.of(values));
  }

  @Test
  void whatHeldInEveryRoundIsReached() {
    assertThat(AT_MOST.judge(rounds(0.99, 1.05, 1.01))).isEqualTo(Verdict.REACHED);
    assertThat(AT_LEAST.judge(rounds(3.0, 7.5, 4.0))).isEqualTo(Verdict.REACHED);
  }

  @Test
  void whatHeldInNoRoundIsMissed() {
    assertThat(AT_MOST.judge(rounds(1.06, 1.3, 1.2))).isEqualTo(Verdict.MISSED);
    assertThat(AT_LEAST.judge(rounds(2.99, 1.5))).isEqualTo(Verdict.MISSED);
  }

  @Test
  void whatTheRoundsDoNotAgreeOnIsNotClaimedHoweverGoodItsMedian() {
    assertThat(AT_MOST.judge(rounds(0.9, 0.9, 0.9, 0.9, 1.06))).isEqualTo(Verdict.NOT_CLAIMED);
    assertThat(AT_MOST.judge(rounds(1.05, 1.3, 1.3))).isEqualTo(Verdict.NOT_CLAIMED);
    assertThat(AT_LEAST.judge(rounds(8.0, 8.0, 2.9))).isEqualTo(Verdict.NOT_CLAIMED);
  }

  @Test
  void aRowSaysWhatWasMeasuredAndWhatComesOfIt() {
    assertThat(AT_MOST.row(rounds(0.9, 1.0, 1.2), ""))
        .isEqualToIgnoringNewLines(
            "| p50 | at most 1.05 | 1.00 (0.90 to 1.20) | **not claimed** |");
    assertThat(AT_LEAST.row(rounds(4.0, 5.0), " x"))
        .isEqualToIgnoringNewLines(
            "| Envoys | at least 3 x | 4.50 (4.00 to 5.00) x | **reached** |");
  }

  @Test
  void ofNothingThereIsNoVerdict() {
    assertThatThrownBy(() -> rounds()).hasMessageContaining("nothing was measured");
  }
}
