package io.inmesh.counts;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.envoy.EnvoyBinary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Envoy is the judge of what depends on the requests before, too. */
@TestInstance(Lifecycle.PER_CLASS)
class CountsTest {
  /** docs/deviations.md: connections are the HTTP library's. */
  private static final Case CONNECTIONS =
      Case.of("connections are not limited", "h0")
          .cluster("\"circuit_breakers\":{\"thresholds\":[{\"max_connections\":1}]}")
          .played(
              "",
              side -> {
                Side.Running first = side.start("*=hold");
                Side.Running second = side.start("*=hold");
                int held = side.countOf("h0");
                first.release();
                second.release();
                return held;
              });

  private static Hosts hosts;
  private static EnvoyProxy envoy;

  @BeforeAll
  static void start(@TempDir Path work) throws Exception {
    EnvoyBinary.require();
    hosts = new Hosts();
    List<Case> all = new ArrayList<>(cases());
    all.add(EchoCase.make());
    all.add(CONNECTIONS);
    envoy = new EnvoyProxy(all, hosts, work);
  }

  @AfterAll
  static void end() throws Exception {
    if (envoy != null) {
      envoy.close();
    }
    if (hosts != null) {
      hosts.close();
    }
  }

  private static List<Case> cases() {
    return Stream.of(OutlierCases.all(), BreakerCases.all(), BalancingCases.all(), RetryCases.all())
        .flatMap(List::stream)
        .toList();
  }

  @TestFactory
  Stream<DynamicTest> countsAreThoseOfEnvoy() {
    return cases().stream().map(one -> DynamicTest.dynamicTest(one.name(), () -> compare(one)));
  }

  @Test
  void whatIsSaidToDifferStillDiffers() throws Exception {
    assertThat(CONNECTIONS.on(envoy.side(CONNECTIONS)).told()).as("one waits").isEqualTo("1");
    assertThat(CONNECTIONS.on(new EngineSide(CONNECTIONS, hosts)).told()).isEqualTo("2");
    assertThat(Path.of("../../docs/deviations.md")).content().contains("| `max_connections` |");
  }

  @Test
  void eachCaseHasItsOwnCluster() {
    assertThat(cases().stream().map(Case::name)).doesNotHaveDuplicates();
  }

  private static void compare(Case one) throws Exception {
    Judgement.Played theirs = one.on(envoy.side(one));
    Judgement.Played mine = one.on(new EngineSide(one, hosts));
    one.judgement().judge(theirs, mine, one.expected());
  }
}
