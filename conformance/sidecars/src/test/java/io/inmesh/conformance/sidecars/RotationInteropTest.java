package io.inmesh.conformance.sidecars;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.conformance.sidecars.Way.Asked;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everybody's certificate lives for seconds, and is renewed while requests run. */
class RotationInteropTest {
  private static final Duration LIFETIME = Duration.ofSeconds(8);
  private static final int CERTIFICATES = 3;

  @TempDir Path directory;

  @Test
  void renewedCertificatesAreUsedAndNoRequestIsLost() throws Exception {
    try (Shop shop = new Shop(directory, LIFETIME)) {
      shop.mode("STRICT");
      shop.write("connections.yaml", oneRequestForEachConnection());
      Map<Way, Set<String>> seen = new EnumMap<>(Way.class);
      List<String> lost = new ArrayList<>();
      int[] asked = new int[1];
      await()
          .atMost(Duration.ofSeconds(20))
          .ignoreExceptions()
          .untilAsserted(
              () -> {
                for (Way way : Way.values()) {
                  assertThat(way.ask(shop, false, Asked.get("/first")).peer()).isNotEmpty();
                }
              });
      await()
          .atMost(Duration.ofSeconds(60))
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(20))
          .untilAsserted(
              () -> {
                for (Way way : Way.values()) {
                  asked[0]++;
                  ask(shop, way, seen, lost);
                }
                assertThat(seen.values())
                    .as("certificates by way after %d requests: %s", asked[0], seen)
                    .allMatch(hashes -> hashes.size() >= CERTIFICATES);
              });
      assertThat(lost).as("of %d requests", asked[0]).isEmpty();
      assertThat(asked[0]).isGreaterThan(100);
      assertThat(shop.refused).isEmpty();
    }
  }

  private static void ask(Shop shop, Way way, Map<Way, Set<String>> seen, List<String> lost) {
    try {
      Answer answer = way.ask(shop, false, Asked.get("/hello"));
      if (answer.status() != 200) {
        lost.add(way + " " + answer.text());
      }
      seen.computeIfAbsent(way, w -> new TreeSet<>()).add(answer.hash());
    } catch (IOException e) {
      lost.add(way + " " + e);
    }
  }

  private static String oneRequestForEachConnection() {
    StringBuilder yaml = new StringBuilder();
    for (String server : List.of("envoy-server", "inmesh-server")) {
      yaml.append(
          """
          ---
          apiVersion: networking.istio.io/v1
          kind: DestinationRule
          metadata: {name: %1$s, namespace: shop}
          spec:
            host: %1$s
            trafficPolicy: {connectionPool: {http: {maxRequestsPerConnection: 1}}}
          """
              .formatted(server));
    }
    return yaml.toString();
  }
}
