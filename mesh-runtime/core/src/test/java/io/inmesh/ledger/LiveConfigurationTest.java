package io.inmesh.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.inmesh.proto.envoy.config.cluster.v3.Cluster;
import java.util.List;
import org.junit.jupiter.api.Test;

class LiveConfigurationTest {
  private static final String TYPE = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
  private static final String FIELD = "envoy.config.cluster.v3.Cluster.respect_dns_ttl";

  private final Ledger ledger =
      Ledger.of(List.of("envoy.*\tenforced\tx.Y#z", FIELD + "\tnot yet\tDNS"));
  private final LiveConfiguration live = new LiveConfiguration();

  @Test
  void theSameShortcomingIsAnnouncedOnceAndForgottenWithItsResources() {
    assertThat(live.put(report("a", true))).extracting(LedgerFinding::field).containsExactly(FIELD);
    assertThat(live.put(report("b", true))).isEmpty();
    assertThat(live.put(report("c", false))).isEmpty();
    assertThat(live.resourcesByField()).containsOnlyKeys(FIELD);
    assertThat(live.resourcesByField().get(FIELD)).containsExactly("a", "b");

    live.remove(TYPE, "a");
    live.put(report("b", false));

    assertThat(live.resourcesByField()).isEmpty();
    assertThat(live.put(report("a", true))).as("was said before").isEmpty();
  }

  private LedgerReport report(String name, boolean respectTtl) {
    ByteString body =
        Cluster.newBuilder().setName(name).setRespectDnsTtl(respectTtl).build().toByteString();
    return ledger.walk(TYPE, body);
  }
}
