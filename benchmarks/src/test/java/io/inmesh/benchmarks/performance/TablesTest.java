package io.inmesh.benchmarks.performance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The document says what the rounds say, and claims no more. */
class TablesTest {
  private static Results results(double... inmeshP50) {
    Results results = new Results();
    for (double p50 : inmeshP50) {
      for (Arm arm : Arm.all()) {
        double mine =
            switch (arm.way()) {
              case RAW -> 100;
              case ENVOYS -> 400;
              default -> p50;
            };
        results.add(arm, new Figures(mine, 2 * mine, mine, 1, 1e6 / mine, mine, 1024, 512, 10, 0));
      }
    }
    Arm.all().forEach(arm -> results.add(arm, new Results.Memory(1 << 20, 1 << 20)));
    return results;
  }

  private static String verdict(Results results, String row) {
    String line =
        Tables.verdicts(results)
            .lines()
            .filter(each -> each.startsWith("| " + row + " |"))
            .findFirst()
            .orElseThrow();
    return line.replaceAll(".*\\*\\*(.*)\\*\\*.*", "$1");
  }

  private static final String P50 = "p50, Inmesh, both sides, features on, mTLS / raw";
  private static final String ENVOYS =
      "p50, two Envoys, features on, mTLS / Inmesh, both sides, features on, mTLS";

  @Test
  void anAimThatEveryRoundReachedIsReached() {
    assertThat(verdict(results(101, 105, 103), P50)).isEqualTo("reached");
    assertThat(verdict(results(101, 105, 103), ENVOYS)).isEqualTo("reached");
  }

  @Test
  void oneRoundOnTheOtherSideAndNothingIsClaimed() {
    assertThat(verdict(results(101, 101, 101, 101, 106), P50)).isEqualTo("not claimed");
    assertThat(verdict(results(100, 100, 140), ENVOYS)).isEqualTo("not claimed");
    assertThat(verdict(results(150, 200), P50)).isEqualTo("missed");
  }

  @Test
  void everyArmIsInTheTables() {
    Results results = results(101);
    String all = Tables.measured(results, false) + Tables.measured(results, true);
    for (Arm arm : Arm.all()) {
      assertThat(all).contains("| " + arm.title() + " | " + (arm.way() == Way.RAW ? "0" : ""));
    }
    assertThat(all).contains("| two Envoys, features off | 4.00 (4.00 to 4.00) |");
  }
}
