package io.inmesh.fields;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.call.Command;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which requests a route takes, and in which form their path is looked at. */
class MatchFieldsTest {
  private final Configured mesh = new Configured();

  private boolean taken(String path, String... headers) {
    Driven call = mesh.get(path, headers);
    if (call.peek() instanceof Command.Start) {
      call.start();
      call.answer(200);
      return true;
    }
    assertThat(call.response().status()).isEqualTo(404);
    return false;
  }

  @Test
  void lettersOfAPathHaveACaseUnlessTheRouteSaysNo() {
    for (String kind : new String[] {"path", "prefix", "path_separated_prefix"}) {
      mesh.match("'" + kind + "': '/Api'");
      assertThat(taken("/Api")).as(kind).isTrue();
      assertThat(taken("/api")).as(kind).isFalse();
      mesh.match("'" + kind + "': '/Api', 'case_sensitive': false");
      assertThat(taken("/aPI")).as(kind).isTrue();
    }
  }

  @Test
  void everyHeaderMatcherMustHold() {
    String canary = "{'name': 'x-env', 'string_match': {'exact': 'canary'}}";
    mesh.match("'prefix': '/', 'headers': [" + canary + "]");
    assertThat(taken("/", "x-env", "canary")).isTrue();
    assertThat(taken("/")).isFalse();
    mesh.match(
        "'prefix': '/', 'headers': [" + canary + ", {'name': 'x-no', 'present_match': false}]");
    assertThat(taken("/", "x-env", "canary")).isTrue();
    assertThat(taken("/", "x-env", "canary", "x-no", "1")).isFalse();
  }

  @Test
  void aRuntimeFractionTakesItsShareOfTheRequests() {
    assertThat(share("'numerator': 50")).as("of a hundred").isBetween(400, 600);
    assertThat(share("'numerator': 5000, 'denominator': 'TEN_THOUSAND'")).isBetween(400, 600);
    assertThat(share("'numerator': 50, 'denominator': 'MILLION'")).isLessThan(10);
    assertThat(share("'numerator': 0")).isZero();
    assertThat(share("'numerator': 100")).isEqualTo(1000);
  }

  private int share(String fraction) {
    mesh.bits = new Random(3)::nextLong;
    mesh.match("'prefix': '/', 'runtime_fraction': {'default_value': {" + fraction + "}}");
    return (int) IntStream.range(0, 1000).filter(i -> taken("/")).count();
  }

  @Test
  void aRegularExpressionMatchesTheWholePath() {
    mesh.match("'safe_regex': {'regex': '/a/[0-9]+'}");
    assertThat(taken("/a/17?q=1")).isTrue();
    assertThat(taken("/a/17/b")).isFalse();
  }

  @Test
  void pathsAreNormalisedAsTheManagerSays() {
    assertThat(seen("/a/../b//c")).isEqualTo("/a/../b//c");
    mesh.manager("'normalize_path': true");
    assertThat(seen("/a/../b//c")).isEqualTo("/b//c");
    mesh.manager("'merge_slashes': true");
    assertThat(seen("/a/../b//c")).isEqualTo("/a/../b/c");
    mesh.manager("'path_with_escaped_slashes_action': 'UNESCAPE_AND_FORWARD'");
    assertThat(seen("/a%2Fb")).isEqualTo("/a/b");
    mesh.manager("'path_with_escaped_slashes_action': 'REJECT_REQUEST'");
    assertThat(mesh.get("/a%2Fb").response().status()).isEqualTo(400);
  }

  private String seen(String path) {
    return mesh.get(path).start().head().path();
  }

  @Test
  void aRedirectsPathIsMadeByARegularExpression() {
    mesh.wholeAction(
        "'redirect': {'regex_rewrite': {'pattern': {'regex': '^/old/(.*)$'},"
            + " 'substitution': '/new/\\\\1'}}");
    var response = mesh.get("/old/x?q=1").response();
    assertThat(response.status()).isEqualTo(301);
    assertThat(response.headers().first("location"))
        .isEqualTo("http://reviews.shop:8080/new/x?q=1");
  }
}
