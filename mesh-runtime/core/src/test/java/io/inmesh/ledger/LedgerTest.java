package io.inmesh.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.inmesh.ledger.Schema.EnumValue;
import io.inmesh.ledger.Schema.Field;
import io.inmesh.ledger.Schema.Message;
import io.inmesh.proto.envoy.service.discovery.v3.Resource;
import io.inmesh.recordings.Recordings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The ledger is whole: every field has a state, every row means something, every test exists. */
class LedgerTest {
  private final Ledger ledger = Ledger.get();

  @Test
  void everyFieldOfEveryMessageHasAState() {
    List<String> without = new ArrayList<>();
    int fields = 0;
    for (Message m : ledger.schema().messages()) {
      for (Field f : m.byNumber.values()) {
        if (!m.mapEntry) {
          fields++;
          if (f.row == null) {
            without.add(f.path());
          }
        }
      }
    }
    assertThat(without).as("fields without a row in support-ledger.tsv").isEmpty();
    assertThat(fields).isGreaterThan(2_500);
  }

  @Test
  void everyRowMatchesSomething() {
    Set<String> named = new HashSet<>();
    for (Message m : ledger.schema().messages()) {
      named.add(m.name);
      for (String s = m.name; s.contains("."); s = s.substring(0, s.lastIndexOf('.'))) {
        named.add(s + ".*");
      }
      named.add(m.name.substring(0, m.name.indexOf('.')) + ".*");
      for (Field f : m.byNumber.values()) {
        named.add(f.path());
        for (EnumValue v : f.values.values()) {
          named.add(v.path());
        }
      }
    }
    assertThat(ledger.rows().stream().map(LedgerRow::pattern).filter(p -> !named.contains(p)))
        .as("rows that name no message, field or value")
        .isEmpty();
  }

  @Test
  void everyEnforcedRowNamesATestThatExists() {
    List<String> missing = new ArrayList<>();
    for (LedgerRow row : ledger.rows()) {
      if (row.state() == SupportState.ENFORCED) {
        for (String test : row.note().split(" ")) {
          if (!TestSources.exists(test)) {
            missing.add(row.pattern() + ": " + test);
          }
        }
      }
    }
    assertThat(missing).as("enforced rows whose test is not in any src/test/java").isEmpty();
    assertThat(TestSources.exists("io.inmesh.ledger.LedgerTest#everyRowMatchesSomething")).isTrue();
    assertThat(TestSources.exists("io.inmesh.ledger.LedgerTest#noSuchMethod")).isFalse();
    assertThat(TestSources.exists("io.inmesh.ledger.NoSuchTest#method")).isFalse();
  }

  @Test
  void everyFieldThatAControlPlaneWasSeenToSendWasConsideredByItself() {
    Set<String> byItself = new HashSet<>();
    ledger.rows().forEach(r -> byItself.add(r.pattern()));
    Set<String> seen = new TreeSet<>();
    for (String scenario : Recordings.scenarios()) {
      for (String node : Recordings.nodes(scenario)) {
        for (var response : Recordings.responses(scenario, node)) {
          for (Resource r : response.getResourcesList()) {
            ByteString body = r.getResource().getValue();
            seen.addAll(ledger.fieldsIn(r.getResource().getTypeUrl(), body));
          }
        }
      }
    }
    assertThat(seen).hasSizeGreaterThan(650);
    seen.removeAll(byItself);
    seen.removeIf(f -> f.startsWith("istio.networking.nds.v1.NameTable.NameInfo."));
    seen.removeIf(f -> f.startsWith("stats.MetricConfig."));
    seen.removeIf(f -> f.startsWith("io.istio.http.peer_metadata.Config."));
    assertThat(seen).as("recorded fields without a row of their own").isEmpty();
  }

  @Test
  void theMostSpecificRowDecides() {
    Ledger l =
        Ledger.of(
            List.of(
                "# comment",
                "envoy.*\tnot yet\tall",
                "envoy.config.cluster.v3.Cluster.*\trefused\tclusters",
                "envoy.config.cluster.v3.Cluster.name\tharmless\ta name"));
    assertThat(state(l, "envoy.config.listener.v3.Listener.name")).contains(SupportState.NOT_YET);
    assertThat(state(l, "envoy.config.cluster.v3.Cluster.type")).contains(SupportState.REFUSED);
    assertThat(state(l, "envoy.config.cluster.v3.Cluster.name")).contains(SupportState.HARMLESS);
    assertThat(state(l, "envoy.config.cluster.v3.Cluster.nothing")).isEmpty();
    assertThat(state(l, "")).isEmpty();
  }

  @Test
  void badRowsAreNamedByLine() {
    assertThatThrownBy(() -> Ledger.of(List.of("a.b\tenforced")))
        .hasMessageContaining("ledger line 1");
    assertThatThrownBy(() -> Ledger.of(List.of("a.*\tmaybe\twhy")))
        .hasMessageContaining("no such state: 'maybe'");
    assertThatThrownBy(() -> Ledger.of(List.of("a.*\tnot yet\tx", "a.*\trefused\ty")))
        .hasMessageContaining("ledger line 2: a second row");
  }

  private static Optional<SupportState> state(Ledger ledger, String field) {
    return ledger.rowOf(field).map(LedgerRow::state);
  }
}
