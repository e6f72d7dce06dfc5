package io.inmesh.differential;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.envoy.EnvoyBinary;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Deviations that generated requests meet too seldom: each still differs, in the way that
 * docs/deviations.md says. What pairs meet often {@link DifferentialTest} looks for.
 */
class DeviationsTest {
  private static final String ROUTES =
      """
      {"normalize_path":true,"route_config":{"name":"routes","validate_clusters":false,
       "virtual_hosts":[{"name":"h0","domains":["*"],"routes":[
       {"name":"h0-r0","match":{"prefix":"/a"},"route":{"cluster":"c0"}},
       {"name":"h0-r1","match":{"prefix":"/"},"route":{"cluster":"c1"}}]}]}}""";

  @TempDir Path work;

  @Test
  void dotSegmentsBehindWhichAContainerFindsParametersAreResolved() throws Exception {
    Answer[] both = ask(Asked.get("shop.example", "/a/%2e%2e;x/b"));
    assertThat(both[0].upstream().get(0).path()).as("Envoy").isEqualTo("/a/..;x/b");
    assertThat(both[1].upstream().get(0).path()).as("Inmesh").isEqualTo("/b");
    assertThat(both[0].route()).isEqualTo("h0-r0");
    assertThat(both[1].route()).isEqualTo("h0-r1");
    stands("| `/a/%2e%2e;x/b` |");
  }

  private Answer[] ask(Asked request) throws Exception {
    EnvoyBinary.require();
    HttpConnectionManager.Builder manager = HttpConnectionManager.newBuilder();
    Protos.merge(ROUTES, manager);
    manager.addHttpFilters(Scenarios.router());
    Scenario scenario = new Scenario(false, Peers.PLAINTEXT, manager.build(), List.of(request));
    try (Upstreams upstreams = new Upstreams()) {
      Answer theirs = new EnvoySide(work, upstreams).ask(List.of(scenario)).get(0).get(0);
      return new Answer[] {theirs, InmeshSide.ask(scenario, upstreams).get(0)};
    }
  }

  private static void stands(String row) {
    assertThat(Path.of("../../docs/deviations.md")).content().contains(row);
  }
}
