package io.inmesh.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.inmesh.recordings.Recordings;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Whatever real control planes sent is taken; what is not enforced has a name. */
class EveryRecordingTest {
  @Test
  void allOfIstioAndKumaLoadsAndIsInForceInTheEnd() {
    Map<String, String> refused = new TreeMap<>();
    for (String scenario : Recordings.scenarios()) {
      for (String node : Recordings.nodes(scenario)) {
        Replay mesh = Replay.of(scenario, node, 99);
        mesh.refused.forEach((name, why) -> refused.put(scenario + " " + name, why));
        assertThat(mesh.tables).as(scenario + " " + node).isNotNull();
      }
    }
    // What a real Envoy refuses as well (measured): an unfinished substitution command, and
    // %KUMA_ZONE% in a JSON log format, which Kuma passes on as its user wrote it.
    assertThat(refused)
        .hasSize(8)
        .allSatisfy(
            (resource, why) -> {
              if (resource.startsWith("kuma/05-telemetry ")) {
                assertThat(why).contains("log_format").contains("%KUMA_ZONE%");
              } else {
                assertThat(resource).isEqualTo("istio-gateway-api/02-httproute 8099");
              }
            });
  }

  @Test
  void ofTheFirstScenariosEverythingIsEnforced() {
    for (String scenario :
        new String[] {
          "istio/01-plain",
          "istio/02-weighted-steps",
          "istio/05-peer-authentication",
          "istio/09-sidecar-scope",
          "istio/10-external-services",
          "istio/16-peer-authentication-changes"
        }) {
      for (String node : Recordings.nodes(scenario)) {
        assertThat(Replay.of(scenario, node, 99).notYet())
            .as(scenario + " " + node)
            .allMatch(why -> why.field().equals("BlackHoleCluster"));
      }
    }
  }

  @Test
  void whatElseIsNotEnforcedIsNamed() {
    TreeSet<String> fields = new TreeSet<>();
    for (String scenario : Recordings.scenarios()) {
      for (String node : Recordings.nodes(scenario)) {
        Replay.of(scenario, node, 99).notYet().forEach(why -> fields.add(why.field()));
      }
    }
    String filters = "envoy.extensions.filters.http.";
    assertThat(fields)
        .contains(
            filters + "lua.v3.Lua",
            filters + "jwt_authn.v3.JwtAuthentication",
            filters + "ext_authz.v3.ExtAuthz",
            filters + "fault.v3.HTTPFault",
            filters + "cors.v3.CorsPolicy",
            "shop.filters.v1.Unknown",
            "config_discovery",
            "health_checks");
  }

  @Test
  void filtersThatProtectRefuseWhileTheyAreNotImplemented() {
    Replay mesh =
        Replay.of("istio/11-envoyfilter", Recordings.nodes("istio/11-envoyfilter").get(0), 99);
    assertThat(mesh.notYet())
        .filteredOn(
            why ->
                why.field().endsWith("lua.v3.Lua")
                    || why.field().equals("config_discovery")
                    || why.field().equals("shop.filters.v1.Unknown"))
        .isNotEmpty()
        .allMatch(NotYet::security);
  }

  @Test
  void afterAReconnectTheSameResourcesChangeNothing() {
    for (String scenario : Recordings.scenarios("istio")) {
      for (String node : Recordings.nodes(scenario)) {
        Replay mesh = Replay.of(scenario, node, 99);
        MeshTables before = mesh.tables();
        mesh.events.clear();
        Recordings.State state = Recordings.state(scenario, node);
        state
            .byType()
            .forEach(
                (type, byName) ->
                    Replay.feed(
                        mesh.store,
                        DeltaDiscoveryResponse.newBuilder()
                            .setTypeUrl(type)
                            .addAllResources(byName.values())
                            .build()));
        assertThat(mesh.events).as(scenario + " " + node).isEmpty();
        assertThat(mesh.tables()).isSameAs(before);
      }
    }
  }
}
