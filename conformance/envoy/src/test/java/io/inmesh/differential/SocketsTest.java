package io.inmesh.differential;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.envoy.EnvoyBinary;
import java.nio.file.Path;
import net.jqwik.api.sessions.JqwikSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A tenth of the pairs travels the real adapters on sockets: an OkHttp client to servers, a raw
 * client to a Tomcat. What the library or the container refuses before Inmesh sees it is refused;
 * what it hands over is answered as Envoy answers it.
 */
class SocketsTest {
  private static final long SEED = Long.getLong("inmesh.diff.seed", 20261122);
  private static final int PAIRS = Integer.getInteger("inmesh.diff.pairs", 20_000) / 20;

  @TempDir Path work;

  @Test
  void throughOkHttpCallsAreAnsweredAsThroughEnvoy() throws Throwable {
    compare(false);
  }

  @Test
  void tomcatServesAsBehindEnvoy() throws Throwable {
    compare(true);
  }

  private void compare(boolean inbound) throws Throwable {
    EnvoyBinary.require();
    try (Upstreams upstreams = new Upstreams()) {
      Differential run = new Differential(work, upstreams);
      int[] compared = new int[1];
      JqwikSession.run(
          () -> {
            var scenarios = Scenarios.scenario(inbound, false, Differential.REQUESTS);
            compared[0] = run.onSockets(scenarios, SEED, PAIRS);
          });
      System.out.printf(
          "differential: %d pairs %s on sockets, seed %d: %d differ, %d asked again, %d refused"
              + " before they were handed over%n",
          compared[0],
          inbound ? "inbound" : "outbound",
          SEED,
          run.differences.size(),
          run.askedAgain.get(),
          run.refusedBefore);
      assertThat(run.differences).isEmpty();
      assertThat(compared[0]).isGreaterThanOrEqualTo(PAIRS);
    }
  }
}
