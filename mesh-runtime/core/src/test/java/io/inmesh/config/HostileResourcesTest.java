package io.inmesh.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.inmesh.proto.envoy.service.discovery.v3.Resource;
import io.inmesh.recordings.Recordings;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Recorded resources with bytes changed, cut and doubled: refused or used, never thrown. */
class HostileResourcesTest {
  @Test
  void damagedResourcesAreRefusedByNameAndTheMeshGoesOn() {
    Random random = new Random(42);
    Replay mesh = Replay.of("istio/02-weighted-steps", "storefront-a", 1);
    int refused = 0;
    int tries = 0;
    for (String scenario :
        List.of(
            "istio/02-weighted-steps",
            "istio/03-virtualservice",
            "istio/07-authorization-policy",
            "istio/11-envoyfilter")) {
      for (String node : Recordings.nodes(scenario)) {
        for (Map.Entry<String, Map<String, Resource>> type :
            Recordings.state(scenario, node).byType().entrySet()) {
          for (Resource resource : type.getValue().values()) {
            for (int i = 0; i < 6; i++) {
              tries++;
              Map<String, String> answer =
                  mesh.store.apply(
                      type.getKey(),
                      List.of(
                          new ConfigResource(
                              resource.getName(),
                              damaged(resource.getResource().getValue(), random))),
                      List.of(),
                      false);
              refused += answer.size();
              assertThat(answer.values()).noneMatch(why -> why.startsWith("cannot be compiled"));
            }
          }
        }
      }
    }
    assertThat(refused).isBetween(tries / 10, tries);
    assertThat(mesh.tables().outbound().http("reviews.shop", 8080)).isNotNull();
  }

  @Test
  void afterGarbageTheLastGoodRoutesServe() {
    Replay mesh = Replay.of("istio/02-weighted-steps", "storefront-a", 1);
    MeshTables before = mesh.tables();
    for (String type :
        List.of(
            ConfigStore.CLUSTER, ConfigStore.ENDPOINTS, ConfigStore.LISTENER, ConfigStore.ROUTES)) {
      String name = type.equals(ConfigStore.ROUTES) ? "8080" : "0.0.0.0_8080";
      if (type.equals(ConfigStore.ENDPOINTS)) {
        name = mesh.store.edsNames().iterator().next();
      }
      Map<String, String> refused =
          mesh.store.apply(
              type,
              List.of(new ConfigResource(name, ByteString.copyFromUtf8("\u0007garbage"))),
              List.of(),
              false);
      assertThat(refused).containsOnlyKeys(name);
      assertThat(refused.get(name)).startsWith("cannot be parsed");
    }
    assertThat(mesh.tables()).isSameAs(before);
    assertThat(mesh.cluster(0, "http://reviews.shop:8080/"))
        .isEqualTo("outbound|8080|v1|reviews.shop.svc.cluster.local");
  }

  private static ByteString damaged(ByteString bytes, Random random) {
    byte[] copy = bytes.toByteArray();
    if (copy.length == 0) {
      return bytes;
    }
    switch (random.nextInt(3)) {
      case 0 -> {
        for (int i = 0; i < 1 + random.nextInt(4); i++) {
          copy[random.nextInt(copy.length)] = (byte) random.nextInt(256);
        }
        return ByteString.copyFrom(copy);
      }
      case 1 -> {
        return ByteString.copyFrom(copy, 0, random.nextInt(copy.length));
      }
      default -> {
        int at = random.nextInt(copy.length);
        return ByteString.copyFrom(copy, 0, at)
            .concat(bytes.substring(random.nextInt(copy.length)));
      }
    }
  }
}
