package io.inmesh.config;

import static io.inmesh.config.RbacTestKit.facts;
import static io.inmesh.config.RbacTestKit.get;
import static io.inmesh.config.RbacTestKit.peer;
import static io.inmesh.config.RbacTestKit.plain;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.inmesh.http.Connection;
import io.inmesh.http.RequestHead;
import io.inmesh.proto.envoy.config.listener.v3.FilterChain;
import io.inmesh.proto.envoy.config.listener.v3.Listener;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.inmesh.proto.envoy.service.discovery.v3.Resource;
import io.inmesh.recordings.Recordings;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** AuthorizationPolicies as istiod sent them decide what their YAML says. */
class RecordedPoliciesTest {
  private static final String POLICIES = "istio/07-authorization-policy";
  private static final String LISTENER = "envoy.config.listener.v3.Listener";

  private static List<FilterChain> chains(String scenario, String node)
      throws InvalidProtocolBufferException {
    Resource inbound =
        Recordings.state(scenario, node).find(LISTENER, "virtualInbound").orElseThrow();
    return Listener.parseFrom(inbound.getResource().getValue()).getFilterChainsList();
  }

  /** The RBAC filters of the first chain of that name, HTTP ones or else network ones. */
  private static List<RbacConfig> rbac(String scenario, String node, String chain)
      throws InvalidProtocolBufferException {
    FilterChain found =
        chains(scenario, node).stream()
            .filter(c -> c.getName().equals(chain))
            .findFirst()
            .orElseThrow();
    List<RbacConfig> configs = new ArrayList<>();
    for (var filter : found.getFiltersList()) {
      Any any = filter.getTypedConfig();
      if (any.getTypeUrl().endsWith(".HttpConnectionManager")) {
        for (var http : HttpConnectionManager.parseFrom(any.getValue()).getHttpFiltersList()) {
          if (http.getTypedConfig().getTypeUrl().endsWith("rbac.v3.RBAC")) {
            configs.add(
                (RbacConfig)
                    RbacFilters.compile(
                        http.getName(), TypedConfig.of(http.getTypedConfig()), chain));
          }
        }
      } else if (any.getTypeUrl().endsWith("rbac.v3.RBAC")) {
        configs.add((RbacConfig) RbacFilters.network(filter.getName(), TypedConfig.of(any), chain));
      }
    }
    assertThat(configs).isNotEmpty();
    return configs;
  }

  /** The policy that denies, {@code none}, or {@code -} when all filters let the request go on. */
  private static String denial(List<RbacConfig> filters, RequestHead head, Connection from) {
    for (RbacConfig filter : filters) {
      RbacRules rules = filter.rules();
      if (rules != null) {
        RbacPolicy matched = rules.match(facts(head, from));
        if (!rules.allows(matched)) {
          return matched == null ? "none" : matched.name();
        }
      }
    }
    return "-";
  }

  @ParameterizedTest
  @CsvSource({
    // the rule for healthz wants nothing of the caller, nor do the DENY rules mind
    "GET, /healthz, '', '', -",
    "POST, /healthz, '', '', none",
    "GET, /any-identity, '', '', none",
    "GET, /any-identity, spiffe://elsewhere/x, '', -",
    "GET, /other, spiffe://cluster.local/ns/shop/sa/storefront, '', none",
    // DENY rule 0: /admin* other than GET from outside namespace shop
    "POST, /admin/x, spiffe://cluster.local/ns/pay/sa/p, '', ns[shop]-policy[reviews-deny]-rule[0]",
    "POST, /admin/x, '', '', ns[shop]-policy[reviews-deny]-rule[0]",
    "POST, /admin/x, spiffe://cluster.local/ns/shop/sa/p, '', none",
    // DENY rule 1 comes first, whatever ALLOW says
    "GET, /healthz, '', yes, ns[shop]-policy[reviews-deny]-rule[1]",
    "GET, /healthz, '', no, -"
  })
  void reviews(String method, String path, String principal, String forbidden, String denied)
      throws InvalidProtocolBufferException {
    RequestHead head = get(path, "x-first", "1", "x-forbidden", forbidden);
    head.method(method);
    Connection from = principal.isEmpty() ? plain() : peer(principal);
    assertThat(denial(rbac(POLICIES, "reviews-v1-a", "0.0.0.0_18080"), head, from))
        .isEqualTo(denied);
  }

  @Test
  void nobody_may_call_ratings() throws InvalidProtocolBufferException {
    List<RbacConfig> filters = rbac(POLICIES, "ratings-a", "0.0.0.0_18082");
    for (Connection from : List.of(plain(), peer("spiffe://cluster.local/ns/shop/sa/storefront"))) {
      assertThat(denial(filters, get("/"), from)).isNotEqualTo("-");
    }
  }

  @Test
  void a_provider_that_does_not_exist_denies_what_it_would_have_judged()
      throws InvalidProtocolBufferException {
    List<RbacConfig> filters = rbac(POLICIES, "payments-a", "0.0.0.0_18080");
    assertThat(denial(filters, get("/guarded"), plain())).contains("bad-CUSTOM-action");
    assertThat(denial(filters, get("/open"), plain())).isEqualTo("-");
  }

  @Test
  void a_dry_run_is_told_and_not_enforced() throws InvalidProtocolBufferException {
    List<RbacRules> shadows =
        rbac(POLICIES, "reviews-v1-a", "0.0.0.0_18080").stream()
            .filter(f -> f.shadowPrefix().equals("istio_dry_run_deny_"))
            .map(RbacConfig::shadow)
            .filter(Objects::nonNull)
            .toList();
    assertThat(shadows).isNotEmpty();
    assertThat(shadows.get(0).match(facts(get("/maybe/x"), plain()))).isNotNull();
    assertThat(shadows.get(0).match(facts(get("/else"), plain()))).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"istio/07-authorization-policy", "istio/06-request-authentication"})
  void every_policy_is_understood_whole(String scenario) throws InvalidProtocolBufferException {
    int policies = 0;
    for (String node : Recordings.nodes(scenario)) {
      for (FilterChain chain : chains(scenario, node)) {
        for (RbacConfig config : rbacOrNone(scenario, node, chain.getName())) {
          RbacRules rules = config.rules();
          if (rules != null) {
            assertThat(rules.policies()).allMatch(p -> p.notYet() == null);
            policies += rules.policies().size();
          }
        }
      }
    }
    assertThat(policies).isPositive();
  }

  private static List<RbacConfig> rbacOrNone(String scenario, String node, String chain)
      throws InvalidProtocolBufferException {
    try {
      return rbac(scenario, node, chain);
    } catch (AssertionError e) {
      return List.of(); // a chain that only resets or passes through
    }
  }
}
