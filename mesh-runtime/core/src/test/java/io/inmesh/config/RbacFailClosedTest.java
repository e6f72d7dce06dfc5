package io.inmesh.config;

import static io.inmesh.config.RbacTestKit.allows;
import static io.inmesh.config.RbacTestKit.facts;
import static io.inmesh.config.RbacTestKit.filter;
import static io.inmesh.config.RbacTestKit.get;
import static io.inmesh.config.RbacTestKit.json;
import static io.inmesh.config.RbacTestKit.plain;
import static io.inmesh.config.RbacTestKit.rbac;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.UnknownFieldSet;
import io.inmesh.proto.envoy.config.rbac.v3.Permission;
import io.inmesh.proto.envoy.config.rbac.v3.Policy;
import io.inmesh.proto.envoy.config.rbac.v3.Principal;
import io.inmesh.proto.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.inmesh.proto.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is not understood in a policy never opens what it closes. */
class RbacFailClosedTest {
  /** Some CEL expression; it is kept as bytes. */
  private static final String CONDITION = "'condition': 'CgA='";

  @Test
  void a_filter_with_only_a_matcher_tree_refuses_everything() {
    HttpFilterConfig config = filter("{'matcher': {}}");
    assertThat(config).isInstanceOf(UnsupportedFilter.class);
    assertThat(((UnsupportedFilter) config).why().security()).isTrue();
    assertThat(((UnsupportedFilter) config).why().field()).endsWith("matcher");
  }

  @Test
  void a_deny_policy_with_a_condition_denies_all_that_it_may_govern() {
    RbacConfig deny =
        rbac(
            "{'rules': {'action': 'DENY', 'policies': {'p': {'permissions': [{'urlPath': {'path':"
                + " {'prefix': '/admin'}}}], 'principals': [{'any': true}], "
                + CONDITION
                + "}}}}");
    assertThat(allows(deny, get("/admin"), plain())).isFalse();
    assertThat(allows(deny, get("/public"), plain())).isTrue();
  }

  @Test
  void an_allow_policy_with_a_condition_allows_nothing_and_says_why() {
    RbacConfig allow =
        rbac(
            "{'rules': {'policies': {'p': {'permissions': [{'any': true}], 'principals': [{'any':"
                + " true}], "
                + CONDITION
                + "}}}}");
    assertThat(allows(allow, get("/"), plain())).isFalse();
    NotYet why =
        Objects.requireNonNull(
            Objects.requireNonNull(allow.rules()).notYet(facts(get("/"), plain())));
    assertThat(why.field()).isEqualTo("rules.policies[p].condition");
    assertThat(why.resource()).isEqualTo("listener/virtualInbound");
  }

  @Test
  void an_unknown_kind_under_a_not_cannot_turn_into_a_yes() {
    String unknown = "{'notRule': {'matcher': {'name': 'envoy.rbac.matchers.other'}}}";
    String policy =
        "{'policies': {'p': {'permissions': [%s], 'principals': [{'any': true}]}}, 'action': '%s'}";
    for (String action : List.of("ALLOW", "DENY")) {
      RbacConfig config = rbac("{'rules': " + policy.formatted(unknown, action) + "}");
      assertThat(allows(config, get("/"), plain())).as(action).isFalse();
    }
  }

  @Test
  void a_field_newer_than_the_runtime_closes_its_policy() {
    UnknownFieldSet newer =
        UnknownFieldSet.newBuilder()
            .addField(999, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
            .build();
    Policy policy =
        Policy.newBuilder()
            .addPermissions(Permission.newBuilder().setAny(true).setUnknownFields(newer))
            .addPrincipals(Principal.newBuilder().setAny(true))
            .build();
    for (var action : io.inmesh.proto.envoy.config.rbac.v3.RBAC.Action.values()) {
      if (action.name().equals("LOG") || action.name().equals("UNRECOGNIZED")) {
        continue;
      }
      RBAC.Builder proto = RBAC.newBuilder();
      proto.getRulesBuilder().setAction(action).putPolicies("p", policy);
      RbacConfig config = (RbacConfig) RbacCompiler.http("r", "n", proto.build());
      assertThat(allows(config, get("/"), plain())).as(action.name()).isFalse();
    }
    assertThat(RbacCompiler.http("r", "n", RBAC.newBuilder().setUnknownFields(newer).build()))
        .isInstanceOf(UnsupportedFilter.class);
  }

  @Test
  void shadow_rules_that_are_not_understood_change_nothing() {
    RbacConfig config =
        rbac(
            "{'rules': {'action': 'DENY'}, 'shadowRules': {'policies': {'p': {'permissions':"
                + " [{'any': true}], 'principals': [{'any': true}], "
                + CONDITION
                + "}}}}");
    assertThat(allows(config, get("/"), plain())).isTrue();
    assertThat(Objects.requireNonNull(config.shadow()).policies()).isEmpty();
  }

  @Test
  void a_route_can_take_the_filter_away_or_replace_it() {
    RbacConfig off =
        (RbacConfig) RbacCompiler.perRoute("r", "n", RBACPerRoute.getDefaultInstance());
    assertThat(off.rules()).isNull();
    RBACPerRoute closed = json(RBACPerRoute.newBuilder(), "{'rbac': {'rules': {}}}").build();
    assertThat(allows((RbacConfig) RbacCompiler.perRoute("r", "n", closed), get("/"), plain()))
        .isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'urlPath': {'path': {'safeRegex': {'regex': '('}}}} | rules.policies[p].permissions[0].url_path.path.safe_regex.regex",
        "{'andRules': {}} | rules.policies[p].permissions[0].and_rules.rules",
        "{'any': false} | rules.policies[p].permissions[0].any",
        "{} | rules.policies[p].permissions[0].rule",
        "{'header': {'name': ''}} | rules.policies[p].permissions[0].header.name",
        "{'destinationPort': 70000} | rules.policies[p].permissions[0].destination_port",
        "{'destinationPortRange': {'start': 5, 'end': 5}} | rules.policies[p].permissions[0].destination_port_range",
        "{'notRule': {'destinationIp': {'addressPrefix': 'x'}}} | rules.policies[p].permissions[0].not_rule.destination_ip.address_prefix"
      })
  void what_envoy_refuses_is_refused_with_the_place(String permission, String place) {
    assertThatThrownBy(() -> RbacTestKit.permission("DENY", permission))
        .isInstanceOfSatisfying(
            ConfigException.class, e -> assertThat(e.fieldPath()).isEqualTo(place));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{'header': {'name': 'x'}}", "{'notRule': {'header': {'name': 'x'}}}"})
  void a_network_filter_has_no_headers(String permission) {
    var proto =
        json(
                io.inmesh.proto.envoy.extensions.filters.network.rbac.v3.RBAC.newBuilder(),
                "{'statPrefix': 'tcp.', 'rules': {'policies': {'p': {'permissions': [%s], 'principals': [{'any': true}]}}}}"
                    .formatted(permission))
            .build();
    assertThatThrownBy(() -> RbacCompiler.network("r", "n", proto))
        .hasMessageContaining("cannot match headers");
  }
}
