package io.inmesh.config;

import static io.inmesh.config.RbacTestKit.allows;
import static io.inmesh.config.RbacTestKit.facts;
import static io.inmesh.config.RbacTestKit.get;
import static io.inmesh.config.RbacTestKit.peer;
import static io.inmesh.config.RbacTestKit.permission;
import static io.inmesh.config.RbacTestKit.plain;
import static io.inmesh.config.RbacTestKit.principal;
import static io.inmesh.config.RbacTestKit.rbac;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Verdicts of policies; those on headers and paths are what a real Envoy 1.40 decided. */
class RbacVerdictTest {
  /** no header; admin; user; user + admin; admin + user; "user,admin"; empty. D: denied. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'stringMatch': {'exact': 'admin'} | -D-DD--",
        "'stringMatch': {'exact': 'admin'}, 'invertMatch': true | --D--DD",
        "'stringMatch': {'exact': 'admin'}, 'invertMatch': true, 'treatMissingHeaderAsEmpty': true | D-D--DD",
        "'exactMatch': 'user,admin' | -----D-",
        "'presentMatch': true | -DDDDDD",
        "'presentMatch': false | D------",
        "'presentMatch': true, 'invertMatch': true | D------",
        "'presentMatch': true, 'treatMissingHeaderAsEmpty': true | DDDDDDD",
        "'presentMatch': true, 'invertMatch': true, 'treatMissingHeaderAsEmpty': true | -------",
        "'presentMatch': false, 'treatMissingHeaderAsEmpty': true | -------",
        "'invertMatch': false | -DDDDDD",
        "'stringMatch': {'exact': ''}, 'treatMissingHeaderAsEmpty': true | D-----D",
        "'stringMatch': {'prefix': 'adm'} | -D-DD--",
        "'suffixMatch': 'min' | -D-DDD-",
        "'containsMatch': ',' | -----D-",
        "'safeRegexMatch': {'regex': '.*min'} | -D-DDD-"
      },
      quoteCharacter = '`')
  void each_value_of_a_header_is_judged_alone(String matcher, String denied) {
    RbacConfig deny = permission("DENY", "{'header': {'name': 'X-Role', " + matcher + "}}");
    List<RequestHead> requests =
        List.of(
            get("/"),
            get("/", "x-role", "admin"),
            get("/", "x-role", "user"),
            get("/", "x-role", "user", "X-ROLE", "admin"),
            get("/", "x-role", "admin", "x-role", "user"),
            get("/", "x-role", "user,admin"),
            get("/", "x-role", ""));
    StringBuilder seen = new StringBuilder();
    for (RequestHead request : requests) {
      seen.append(allows(deny, request, plain()) ? '-' : 'D');
    }
    assertThat(seen).hasToString(denied);
  }

  @ParameterizedTest
  @CsvSource({"admin, true", "xadminx, true", "adminé, true", "Ã©admin, true", "é, false"})
  void a_regex_is_not_blinded_by_bytes_beyond_ascii(String value, boolean denied) {
    RbacConfig deny =
        permission(
            "DENY",
            "{'header': {'name': 'x', 'stringMatch': {'safeRegex': {'regex': '.*admin.*'}}}}");
    assertThat(allows(deny, get("/", "x", value), plain())).isEqualTo(!denied);
  }

  @ParameterizedTest
  @CsvSource({
    "/a, true",
    "/a?b, true",
    "/a#b, true",
    "/a;c, false",
    "/A, false",
    "/a/, false",
    "/a%3f, false"
  })
  void a_path_is_judged_without_its_query(String path, boolean denied) {
    RbacConfig deny = permission("DENY", "{'urlPath': {'path': {'exact': '/a'}}}");
    assertThat(allows(deny, get(path), plain())).isEqualTo(!denied);
  }

  @Test
  void a_request_without_a_path_matches_no_path_and_breaks_nothing() {
    RequestHead connect =
        new RequestHead("CONNECT", "", "a:443", "", new Headers(), Protocol.HTTP11);
    for (String rule :
        List.of(
            "{'urlPath': {'path': {'prefix': '/'}}}",
            "{'urlPath': {'path': {'safeRegex': {'regex': '.*'}}}}",
            "{'uriTemplate': {'name': 't', 'typedConfig': {'@type':"
                + " 'type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig',"
                + " 'pathTemplate': '/**'}}}")) {
      assertThat(allows(permission("ALLOW", rule), connect, plain())).as(rule).isFalse();
    }
  }

  @Test
  void many_exact_paths_decide_like_each_of_them() {
    StringBuilder rules = new StringBuilder("{'urlPath': {'path': {'prefix': '/p/'}}}");
    for (int i = 0; i < 1000; i++) {
      rules.append(", {'urlPath': {'path': {'exact': '/x/").append(i).append("'}}}");
    }
    RbacConfig allow = permission("ALLOW", "{'orRules': {'rules': [" + rules + "]}}");
    assertThat(allows(allow, get("/x/999?q"), plain())).isTrue();
    assertThat(allows(allow, get("/p/any"), plain())).isTrue();
    assertThat(allows(allow, get("/x/1000"), plain())).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "'destinationPort': 18080, true",
        "'destinationPort': 18081, false",
        "'destinationPortRange': {'start': 18080; 'end': 18081}, true",
        "'destinationPortRange': {'start': 18000; 'end': 18080}, false"
      })
  void a_port_is_our_own_and_a_range_is_half_open(String rule, boolean allowed) {
    RbacConfig allow = permission("ALLOW", "{" + rule.replace(';', ',') + "}");
    assertThat(allows(allow, get("/"), plain())).isEqualTo(allowed);
  }

  @Test
  void addresses_are_those_of_the_connection() {
    String range = "{'addressPrefix': '127.0.1.0', 'prefixLen': 24}";
    String single = "{'addressPrefix': '127.0.1.3', 'prefixLen': 32}";
    assertThat(allows(permission("ALLOW", "{'destinationIp': " + range + "}"), get("/"), plain()))
        .isTrue();
    assertThat(allows(permission("ALLOW", "{'destinationIp': " + single + "}"), get("/"), plain()))
        .isFalse();
    for (String kind : List.of("directRemoteIp", "remoteIp", "sourceIp")) {
      assertThat(allows(principal("ALLOW", "{'" + kind + "': " + single + "}"), get("/"), plain()))
          .as(kind)
          .isTrue();
    }
  }

  @Test
  void an_authenticated_peer_is_one_with_tls() {
    RbacConfig any = principal("ALLOW", "{'authenticated': {}}");
    assertThat(allows(any, get("/"), plain())).isFalse();
    assertThat(allows(any, get("/"), peer("spiffe://cluster.local/ns/shop/sa/web"))).isTrue();
    assertThat(allows(any, get("/"), peer())).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      quoteCharacter = '`',
      value = {
        "'exact':'spiffe://cluster.local/ns/shop/sa/web' true",
        "'exact':'spiffe://cluster.local/ns/shop/sa/we' false",
        "'prefix':'spiffe://cluster.local/ns/shop/' true",
        "'safeRegex':{'regex':'.*/ns/shop/.*'} true",
        "'safeRegex':{'regex':'.*/ns/sho/.*'} false",
        "'safeRegex':{'regex':'spiffe://.+/ns/shop/(.+/|)sa/web(/.+)?'} true",
        "'safeRegex':{'regex':'ns/shop'} false",
        "'safeRegex':{'regex':'.+'} true"
      })
  void a_principal_is_the_name_in_the_certificate(String matcher, boolean allowed) {
    RbacConfig allow =
        principal("ALLOW", "{'authenticated': {'principalName': {" + matcher + "}}}");
    String name = "spiffe://cluster.local/ns/shop/sa/web";
    assertThat(allows(allow, get("/"), peer(name))).isEqualTo(allowed);
    assertThat(allows(allow, get("/"), peer("spiffe://other/x", name))).isEqualTo(allowed);
    assertThat(allows(allow, get("/", "x-forwarded-client-cert", "URI=" + name), plain()))
        .isFalse();
  }

  @Test
  void metadata_that_nobody_set_matches_as_in_envoy() {
    String at = "{'metadata': {'filter': 'x', 'path': [{'key': 'k'}], ";
    assertThat(allows(permission("DENY", at + "'value': {'nullMatch': {}}}}"), get("/"), plain()))
        .isTrue();
    assertThat(
            allows(
                permission("DENY", at + "'value': {'presentMatch': false}}}"), get("/"), plain()))
        .isTrue();
    assertThat(
            allows(
                permission("DENY", at + "'value': {'boolMatch': true}, 'invert': true}}"),
                get("/"),
                plain()))
        .isFalse();
  }

  @Test
  void no_policy_means_nobody_for_allow_and_everybody_for_the_others() {
    assertThat(allows(rbac("{'rules': {}}"), get("/"), plain())).isFalse();
    assertThat(allows(rbac("{'rules': {'action': 'DENY'}}"), get("/"), plain())).isTrue();
    assertThat(allows(rbac("{'rules': {'action': 'LOG'}}"), get("/"), plain())).isTrue();
    assertThat(allows(rbac("{}"), get("/"), plain())).isTrue();
  }

  @Test
  void the_policy_that_is_named_is_the_first_by_name() {
    String policy = "{'permissions': [{'any': true}], 'principals': [{'any': true}]}";
    RbacConfig deny =
        rbac(
            "{'rules': {'action': 'DENY', 'policies': {'b': %s, 'a': %s, 'Z': %s}}}"
                .formatted(policy, policy, policy));
    RbacPolicy named = Objects.requireNonNull(deny.rules()).match(facts(get("/"), plain()));
    assertThat(Objects.requireNonNull(named).name()).isEqualTo("Z");
  }
}
