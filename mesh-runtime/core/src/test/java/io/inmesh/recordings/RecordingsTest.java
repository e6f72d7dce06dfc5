package io.inmesh.recordings;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.inmesh.proto.envoy.service.discovery.v3.Resource;
import io.inmesh.recordings.Recordings.Entry;
import io.inmesh.recordings.Recordings.State;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordingsTest {
  private static final String SPLIT = "istio/02-weighted-steps";

  @Test
  void everyRecordedResponseIsDescribedByItsIndex() {
    assertThat(Recordings.scenarios("istio")).hasSize(16);
    assertThat(Recordings.scenarios("istio-gateway-api")).hasSize(8);
    assertThat(Recordings.scenarios("kuma")).hasSize(16);
    for (String scenario : Recordings.scenarios()) {
      for (String node : Recordings.nodes(scenario)) {
        List<DeltaDiscoveryResponse> responses = Recordings.responses(scenario, node);
        List<Entry> index = Recordings.index(scenario, node);
        assertThat(responses).as(scenario + "/" + node).hasSameSizeAs(index).isNotEmpty();
        for (int i = 0; i < index.size(); i++) {
          assertThat(responses.get(i).getNonce()).isEqualTo(index.get(i).nonce());
          assertThat(responses.get(i).getResourcesList().stream().map(Resource::getName))
              .containsExactlyElementsOf(index.get(i).resources());
          assertThat(responses.get(i).getRemovedResourcesList())
              .containsExactlyElementsOf(index.get(i).removed());
        }
        assertThat(Recordings.requests(scenario, node)).isNotEmpty();
        assertThat(Recordings.node(scenario, node).getId()).isNotEmpty();
      }
    }
  }

  @Test
  void removedResourcesAreNoLongerInForce() {
    String cluster = "envoy.config.cluster.v3.Cluster";
    String subset = "outbound|8080|v2|reviews.shop.svc.cluster.local";
    State before = Recordings.state(SPLIT, "storefront-a", 8);
    State after = Recordings.state(SPLIT, "storefront-a", 9);
    assertThat(before.find(cluster, subset)).isPresent();
    assertThat(after.find(cluster, subset)).isEmpty();
    assertThat(Recordings.lastStep(SPLIT, "storefront-a")).isEqualTo(9);
  }

  @Test
  void theNodeIsTheOneThatAsked() {
    var node = Recordings.node(SPLIT, "storefront-a");
    assertThat(node.getId())
        .isEqualTo("sidecar~127.0.1.3~storefront-a.shop~shop.svc.cluster.local");
    assertThat(node.getLocality().getZone()).isEqualTo("zone1");
    assertThat(
            node.getMetadata()
                .getFieldsOrThrow("LABELS")
                .getStructValue()
                .getFieldsOrThrow("app")
                .getStringValue())
        .isEqualTo("storefront");
  }
}
