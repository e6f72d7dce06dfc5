package io.inmesh.controlplane.xds;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.Policy;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The features of VirtualService, DestinationRule and AuthorizationPolicy, one by one, against what
 * istiod made of them in scenarios 03, 04 and 07. Their YAML is shortened here by what the embedded
 * control plane refuses, so only what is in both is compared.
 */
class RecordedFeaturesTest {

  private static List<String> differences(Message recorded, Message ours) {
    List<String> found = new ArrayList<>();
    Differences.between(
        Protos.any(recorded), Protos.any(ours), (path, what) -> found.add(path + ": " + what));
    return found;
  }

  @Test
  void everyKindOfMatchAndActionOfAVirtualService() throws Exception {
    Recording recording = new Recording("03-virtualservice");
    NodeResources ours = recording.ours("storefront-a", Recording.read(recording.config()));
    Map<String, Any> recorded = recording.sent("storefront-a", 1).get(ResourceType.RDS);
    int compared = 0;
    for (String name : recorded.keySet()) {
      Map<String, VirtualHost> hosts = hosts(ours.named(ResourceType.RDS, name));
      for (VirtualHost expected : hosts(recorded.get(name)).values()) {
        if (expected.getName().startsWith("*.")) {
          continue; // a wildcard host, which is refused here
        }
        List<Route> routes =
            expected.getRoutesList().stream()
                .filter(r -> !r.getName().startsWith("handed-over"))
                .toList();
        List<Route> own = hosts.get(expected.getName()).getRoutesList();
        assertThat(own)
            .extracting(Route::getName)
            .as(expected.getName())
            .isEqualTo(routes.stream().map(Route::getName).toList());
        assertThat(hosts.get(expected.getName()).getDomainsList())
            .isEqualTo(expected.getDomainsList());
        for (int i = 0; i < routes.size(); i++) {
          assertThat(differences(routes.get(i), own.get(i)))
              .as(expected.getName() + " " + routes.get(i).getName())
              .isEmpty();
          compared++;
        }
      }
    }
    assertThat(compared).isGreaterThan(40);
  }

  private static Map<String, VirtualHost> hosts(Any routes) throws Exception {
    Map<String, VirtualHost> hosts = new LinkedHashMap<>();
    RouteConfiguration.parseFrom(routes.getValue())
        .getVirtualHostsList()
        .forEach(host -> hosts.put(host.getName(), host));
    return hosts;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "8080||outlier",
        "8080||budgetless",
        "8080||least",
        "8080||robin",
        "8080||random",
        "8080||hash-header",
        "8080||hash-cookie",
        "8080||hash-ip",
        "9090||hash-ip",
        "8080||hash-query",
        "8080||maglev",
        "8080||tls-off",
        "8080||tls-istio",
        "8080||subsets",
        "8080|v1|subsets",
        "8080|v2-r1|subsets",
        "8080|everything|subsets",
        "8080|nothing|subsets"
      })
  void everyKindOfPolicyOfADestinationRule(String cluster) throws Exception {
    Recording recording = new Recording("04-destinationrule");
    String name = "outbound|" + cluster + ".shop.svc.cluster.local";
    NodeResources ours = recording.ours("storefront-a", Recording.read(recording.config()));
    Any recorded = recording.sent("storefront-a", 1).get(ResourceType.CDS).get(name);
    List<String> found = new ArrayList<>();
    Differences.between(
        recorded,
        ours.all(ResourceType.CDS).get(name),
        (path, what) -> found.add(path + ": " + what));
    assertThat(found)
        .allMatch(difference -> difference.startsWith("filters[istio.metadata_exchange]"));
  }

  @Test
  void whatAConsistentHashIsMadeOfIsOnTheRoute() throws Exception {
    Recording recording = new Recording("04-destinationrule");
    NodeResources ours = recording.ours("storefront-a", Recording.read(recording.config()));
    Map<String, VirtualHost> recorded =
        hosts(recording.sent("storefront-a", 1).get(ResourceType.RDS).get("8080"));
    Map<String, VirtualHost> own = hosts(ours.named(ResourceType.RDS, "8080"));
    for (String service :
        List.of("hash-header", "hash-cookie", "hash-ip", "hash-query", "maglev", "subsets")) {
      String host = service + ".shop.svc.cluster.local:8080";
      assertThat(differences(recorded.get(host), own.get(host))).as(host).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"reviews-v1-a", "ratings-a"})
  void everySourceOperationAndConditionOfAnAuthorizationPolicy(String node) throws Exception {
    Recording recording = new Recording("07-authorization-policy");
    Any ours =
        recording
            .ours(node, Recording.read(recording.config()))
            .all(ResourceType.LDS)
            .get("virtualInbound");
    Map<String, Policy> expected =
        policies(recording.sent(node, 1).get(ResourceType.LDS).get("virtualInbound"));
    Map<String, Policy> own = policies(ours);
    assertThat(own).isNotEmpty();
    own.forEach(
        (name, policy) -> {
          assertThat(expected).containsKey(name);
          assertThat(policy).as(name).isEqualTo(shortened(expected.get(name)));
        });
    expected
        .keySet()
        .removeIf(
            name -> name.startsWith("LOG istio-ext-authz") || name.contains("istio-ext-authz"));
    assertThat(own.keySet()).isEqualTo(expected.keySet());
  }

  /** Action and name of every enforced policy of the HTTP chains, in order. */
  private static Map<String, Policy> policies(Any listener) throws Exception {
    Map<String, Policy> policies = new LinkedHashMap<>();
    for (FilterChain chain : Listener.parseFrom(listener.getValue()).getFilterChainsList()) {
      for (var filter : chain.getFiltersList()) {
        if (filter.getName().equals("envoy.filters.network.http_connection_manager")) {
          for (var http :
              HttpConnectionManager.parseFrom(filter.getTypedConfig().getValue())
                  .getHttpFiltersList()) {
            if (http.getName().equals("envoy.filters.http.rbac")) {
              var rules = RBAC.parseFrom(http.getTypedConfig().getValue()).getRules();
              rules.getPoliciesMap().entrySet().stream()
                  .sorted(Map.Entry.comparingByKey())
                  .forEach(e -> policies.put(rules.getAction() + " " + e.getKey(), e.getValue()));
            }
          }
        }
      }
    }
    return policies;
  }

  /**
   * Without trust domain aliases, path templates and experimental conditions, which the shortened
   * YAML does not have.
   */
  private static Policy shortened(Policy policy) {
    Policy.Builder shortened = Policy.newBuilder();
    for (Permission permission : policy.getPermissionsList()) {
      if (!permission.toString().contains("uri_template")) {
        Permission.Builder kept = permission.toBuilder();
        if (permission.hasAndRules()) {
          kept.getAndRulesBuilder().clearRules();
          permission.getAndRules().getRulesList().stream()
              .filter(rule -> !rule.toString().contains("mysql_proxy"))
              .forEach(kept.getAndRulesBuilder()::addRules);
        }
        shortened.addPermissions(kept);
      }
    }
    policy
        .getPrincipalsList()
        .forEach(principal -> shortened.addPrincipals(withoutAliases(principal)));
    return shortened.build();
  }

  private static Principal withoutAliases(Principal principal) {
    Principal.Builder kept = principal.toBuilder();
    if (principal.hasAndIds()) {
      kept.getAndIdsBuilder().clearIds();
      principal
          .getAndIds()
          .getIdsList()
          .forEach(id -> kept.getAndIdsBuilder().addIds(withoutAliases(id)));
    } else if (principal.hasOrIds()) {
      kept.getOrIdsBuilder().clearIds();
      principal.getOrIds().getIdsList().stream()
          .filter(id -> !id.toString().contains("old.local"))
          .forEach(kept.getOrIdsBuilder()::addIds);
    } else if (principal.hasNotId()) {
      kept.setNotId(withoutAliases(principal.getNotId()));
    }
    return kept.build();
  }
}
