package io.inmesh.differential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.inmesh.envoy.EnvoyBinary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.sessions.JqwikSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/**
 * Envoy is the judge: generated configurations and requests, and Inmesh's engine does with every
 * one what a real Envoy 1.40 does. {@code -Dinmesh.diff.seed}, {@code -Dinmesh.diff.pairs}.
 */
@TestInstance(Lifecycle.PER_CLASS)
class DifferentialTest {
  private static final long SEED = Long.getLong("inmesh.diff.seed", 20261122);
  private static final int PAIRS = Integer.getInteger("inmesh.diff.pairs", 20_000);
  private static final int SAMPLE = 150;
  private static final int LEAST = 20;

  private static Upstreams upstreams;
  private static Differential run;

  @BeforeAll
  static void askBoth(@TempDir Path work) throws Throwable {
    EnvoyBinary.require();
    upstreams = new Upstreams();
    run = new Differential(work, upstreams);
    long begun = System.nanoTime();
    JqwikSession.run(() -> run.run(Scenarios.any(Differential.REQUESTS), SEED, PAIRS, SAMPLE));
    String summary =
        "%d pairs over %d configurations in %d s, seed %d: %d differ, %d asked again, deviations %s"
            .formatted(
                run.pairs,
                run.configurations.size(),
                (System.nanoTime() - begun) / 1_000_000_000,
                SEED,
                run.differences.size(),
                run.askedAgain.get(),
                Seen.deviations());
    System.out.println("differential: " + summary);
    CoverageReport.write(summary, run.coverage);
    if (!run.differences.isEmpty()) {
      JqwikSession.run(() -> System.err.println(run.report(SEED)));
    }
  }

  @AfterAll
  static void end() throws Exception {
    if (upstreams != null) {
      upstreams.close();
    }
  }

  @Test
  void everyRequestIsAnsweredAsEnvoyAnswersIt() {
    assertThat(run.differences).isEmpty();
    assertThat(run.pairs).isGreaterThanOrEqualTo(PAIRS);
    assertThat(run.configurations.size()).isGreaterThanOrEqualTo(Math.min(500, PAIRS / 40));
  }

  @Test
  void everyEnforcedFieldOfTheDecisionTookPartBothWays() throws Exception {
    List<String> missing = new ArrayList<>();
    assumeTrue(PAIRS >= 20_000, "fewer pairs were asked for than the fields need");
    for (String field : CoverageReport.decided().keySet()) {
      Coverage.Count count = run.coverage.counts().get(field);
      boolean always = CoverageReport.ALWAYS.contains(field);
      if (count == null || count.yes < LEAST || (count.no < LEAST && !always)) {
        missing.add(field + (count == null ? " never" : " " + count.yes + "/" + count.no));
      }
    }
    assertThat(missing).isEmpty();
  }

  @Test
  void whatIsSaidToDifferStillDiffers() throws Exception {
    assumeTrue(PAIRS >= 20_000, "fewer pairs were asked for than deviations need");
    assertThat(Seen.deviations()).containsKeys(Deviations.MIRRORED_FROM, Deviations.JOINED);
    if (SEED == 20261122) { // one pair in 20,000: not with every seed
      assertThat(Seen.deviations()).containsKey(Deviations.ROUTE_OF_MALFORMED);
    }
    assertThat(Path.of("../../docs/deviations.md"))
        .content()
        .contains("| `x-forwarded-for` of a mirrored request |")
        .contains("| route of a malformed request (400) |")
        .contains("| repeated fields of well-known headers (");
  }

  @Test
  void seededBugsAreFound() throws Exception {
    assumeTrue(PAIRS >= SAMPLE * Differential.REQUESTS, "the sample is all of these pairs");
    Map<String, String> survivors = new TreeMap<>();
    for (Mutant mutant : Mutant.ALL) {
      String found = mutant.foundIn(run.sample, upstreams);
      if (found.isEmpty()) {
        survivors.put(mutant.toString(), "not found in " + SAMPLE * Differential.REQUESTS);
      }
      System.out.println("differential: " + mutant + ": " + found);
    }
    assertThat(Mutant.ALL).hasSizeGreaterThanOrEqualTo(20);
    assertThat(survivors).isEmpty();
  }
}
