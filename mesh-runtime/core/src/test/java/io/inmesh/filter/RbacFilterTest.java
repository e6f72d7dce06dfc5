package io.inmesh.filter;

import static io.inmesh.config.RbacTestKit.filter;
import static io.inmesh.config.RbacTestKit.get;
import static io.inmesh.config.RbacTestKit.peer;
import static io.inmesh.config.RbacTestKit.plain;
import static io.inmesh.config.RbacTestKit.principal;
import static io.inmesh.config.RbacTestKit.rbac;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.config.HttpFilterConfig;
import io.inmesh.config.RbacConfig;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RbacFilterTest {
  private static final String ANY =
      "{'permissions': [{'any': true}], 'principals': [{'any': true}]}";

  private static LocalReply denied(HttpFilterConfig config, FakeCall call) {
    HttpFilter filter = HttpFilters.create(config);
    assertThat(filter.request(call)).isEqualTo(FilterStatus.REPLY);
    return Objects.requireNonNull(call.reply);
  }

  @Test
  void a_caller_denied_by_a_policy_gets_403_and_the_log_gets_its_name() {
    FakeCall call = new FakeCall(get("/admin"), plain());
    LocalReply reply =
        denied(
            rbac(
                "{'rules': {'action': 'DENY', 'policies': {'ns[shop]-policy[no admin]-rule[0]': "
                    + ANY
                    + "}}}"),
            call);
    assertThat(reply.status()).isEqualTo(403);
    assertThat(reply.body()).isEqualTo("RBAC: access denied");
    assertThat(reply.details())
        .isEqualTo("rbac_access_denied_matched_policy[ns[shop]-policy[no_admin]-rule[0]]");
    assertThat(reply.flag()).isNull();
    assertThat(call.policy).isEqualTo("ns[shop]-policy[no admin]-rule[0]");
  }

  @Test
  void a_caller_whom_no_policy_allows_is_denied_by_none() {
    FakeCall call = new FakeCall(get("/"), plain());
    assertThat(denied(rbac("{'rules': {}}"), call).details())
        .isEqualTo("rbac_access_denied_matched_policy[none]");
  }

  @Test
  void an_allowed_caller_goes_on() {
    FakeCall call = new FakeCall(get("/"), plain());
    HttpFilter filter = HttpFilters.create(rbac("{'rules': {'policies': {'p': " + ANY + "}}}"));
    assertThat(filter.request(call)).isEqualTo(FilterStatus.CONTINUE);
    assertThat(call.reply).isNull();
    assertThat(call.policy).isEqualTo("p");
  }

  @Test
  void logging_and_dry_runs_never_deny() {
    FakeCall call = new FakeCall(get("/"), plain());
    HttpFilter filter =
        HttpFilters.create(
            rbac(
                "{'rules': {'action': 'LOG', 'policies': {'p': %s}}, 'shadowRules': {'action': 'DENY', 'policies': {'p': %s}}}"
                    .formatted(ANY, ANY)));
    assertThat(filter.request(call)).isEqualTo(FilterStatus.CONTINUE);
    assertThat(call.reply).isNull();
  }

  @Test
  void a_filter_that_cannot_be_evaluated_refuses_and_says_what_is_missing() {
    LocalReply reply = denied(filter("{'matcher': {}}"), new FakeCall(get("/"), plain()));
    assertThat(reply.status()).isEqualTo(403);
    assertThat(reply.body()).contains("envoy.filters.http.rbac.matcher");
    assertThat(reply.details()).contains("listener/virtualInbound");
  }

  @Test
  void a_route_decides_for_itself() {
    RbacConfig closed = rbac("{'rules': {}}");
    FakeCall opened = new FakeCall(get("/"), plain());
    opened.override = rbac("{}");
    assertThat(HttpFilters.create(closed).request(opened)).isEqualTo(FilterStatus.CONTINUE);
    FakeCall unknown = new FakeCall(get("/"), plain());
    unknown.override = filter("{'matcher': {}}");
    assertThat(HttpFilters.create(rbac("{}")).request(unknown)).isEqualTo(FilterStatus.REPLY);
  }

  @ParameterizedTest
  @CsvSource({
    "'1.2.3.4', true",
    "'9.9.9.9, 1.2.3.4', true",
    "'1.2.3.4, 9.9.9.9', false",
    "'1.2.3.4, garbage', false",
    "'', false"
  })
  void the_remote_address_is_the_last_one_forwarded(String forwarded, boolean allowed) {
    RbacConfig config =
        principal("ALLOW", "{'remoteIp': {'addressPrefix': '1.2.3.0', 'prefixLen': 24}}");
    FakeCall call = new FakeCall(get("/", "x-forwarded-for", forwarded), plain());
    assertThat(HttpFilters.create(config).request(call) == FilterStatus.CONTINUE)
        .isEqualTo(allowed);
    RbacConfig direct =
        principal("ALLOW", "{'directRemoteIp': {'addressPrefix': '1.2.3.0', 'prefixLen': 24}}");
    assertThat(HttpFilters.create(direct).request(new FakeCall(call.request, plain())))
        .isEqualTo(FilterStatus.REPLY);
  }

  @Test
  void a_connection_is_refused_by_the_first_network_filter_that_says_so() {
    RbacConfig shop =
        principal(
            "ALLOW",
            "{'authenticated': {'principalName': {'prefix': 'spiffe://cluster.local/ns/shop/'}}}");
    List<HttpFilterConfig> filters =
        List.of(rbac("{'rules': {'action': 'LOG', 'policies': {'p': " + ANY + "}}}"), shop);
    assertThat(NetworkRbac.refusal(filters, peer("spiffe://cluster.local/ns/shop/sa/a"))).isNull();
    assertThat(NetworkRbac.refusal(filters, peer("spiffe://cluster.local/ns/pay/sa/a")))
        .isEqualTo("rbac_access_denied_matched_policy[none]");
    assertThat(NetworkRbac.refusal(List.of(filter("{'matcher': {}}")), plain()))
        .startsWith("inmesh_not_enforced{");
  }
}
