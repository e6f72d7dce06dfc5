package io.inmesh.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.proto.envoy.config.cluster.v3.Cluster;
import io.inmesh.proto.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Envoy's JSON becomes the message that Envoy had, and what cannot become a part of it is named.
 */
class JsonReaderTest {
  private static final String CLUSTER = "envoy.config.cluster.v3.Cluster";

  private static Cluster cluster(Map<String, ?> json) throws Exception {
    return Cluster.parseFrom(Ledger.get().fromJson(CLUSTER, json).bytes());
  }

  @Test
  void bothSpellingsOfNamesAndEveryKindOfValueAreRead() throws Exception {
    Cluster cluster =
        cluster(
            Map.of(
                "name",
                "a",
                "type",
                "EDS",
                "lb_policy",
                1,
                "connectTimeout",
                "0.250s",
                "circuit_breakers",
                Map.of("thresholds", List.of(Map.of("maxRequests", 4294967295L))),
                "metadata",
                Map.of("filter_metadata", Map.of("istio", Map.of("n", 1.5, "l", List.of(true)))),
                "transport_socket",
                Map.of(
                    "name",
                    "raw",
                    "typed_config",
                    Map.of(
                        "@type",
                        "type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer"))));
    assertThat(cluster.getName()).isEqualTo("a");
    assertThat(cluster.getType()).isEqualTo(Cluster.DiscoveryType.EDS);
    assertThat(cluster.getLbPolicy()).isEqualTo(Cluster.LbPolicy.LEAST_REQUEST);
    assertThat(cluster.getConnectTimeout().getNanos()).isEqualTo(250_000_000);
    assertThat(cluster.getCircuitBreakers().getThresholds(0).getMaxRequests().getValue())
        .isEqualTo(-1);
    assertThat(
            cluster
                .getMetadata()
                .getFilterMetadataOrThrow("istio")
                .getFieldsOrThrow("n")
                .getNumberValue())
        .isEqualTo(1.5);
    assertThat(cluster.getTransportSocket().getTypedConfig().is(RawBuffer.class)).isTrue();
  }

  @Test
  void whatNobodyKnowsIsNamedAndLeavesAMark() throws Exception {
    JsonResource read =
        Ledger.get().fromJson(CLUSTER, Map.of("name", "a", "brandNew", 1, "type", "NEWEST"));
    assertThat(read.notRead())
        .extracting(LedgerFinding::field)
        .containsExactlyInAnyOrder(CLUSTER + ".brandNew", CLUSTER + ".type=NEWEST");
    Cluster cluster = Cluster.parseFrom(read.bytes());
    assertThat(cluster.getUnknownFields().asMap()).isNotEmpty();
    assertThat(cluster.getType()).isEqualTo(Cluster.DiscoveryType.UNRECOGNIZED);
    assertThat(Ledger.get().walk(CLUSTER, read.bytes()).unknown())
        .allMatch(JsonResource::isMark)
        .isNotEmpty();
  }

  @Test
  void whatCannotBeThatFieldIsRefusedWithItsPlace() {
    assertThatThrownBy(() -> cluster(Map.of("connect_timeout", 5)))
        .hasMessage("connect_timeout: cannot be a google.protobuf.Duration: '5'");
    assertThatThrownBy(
            () -> cluster(Map.of("circuit_breakers", Map.of("thresholds", List.of("many")))))
        .hasMessage("circuit_breakers.thresholds[0]: needs an object, is 'many'");
    assertThatThrownBy(() -> cluster(Map.of("name", List.of())))
        .hasMessage("name: needs text, is a list");
    assertThatThrownBy(() -> Ledger.get().fromJson("envoy.Nothing", Map.of()))
        .hasMessage("no such message is known here: envoy.Nothing");
  }
}
