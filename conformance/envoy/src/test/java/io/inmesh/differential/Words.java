package io.inmesh.differential;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/**
 * The few words that configurations and requests are made of, so that they meet often, and the
 * hostile ones among them.
 */
final class Words {
  static final String[] HOSTS = {
    "shop.example", "api.shop.example", "shop.internal", "example", "other.test"
  };
  static final String[] AUTHORITIES = {
    "shop.example",
    "shop.example:8080",
    "SHOP.Example",
    "Shop.example:8080",
    "api.shop.example",
    "a.b.shop.example:80",
    "shop.internal",
    "shop.internal:65535",
    "example",
    "xshop.example",
    "shop.example.",
    "other.test:0",
    "10.1.2.3:8080",
    "[fd00::1]:8080",
    "[fd00::1]",
    "unknown"
  };
  static final String[] NAMES = {"x-a", "x-b", "x-c"};
  static final String[] VALUES = {"", "a", "ab", "A", "b", "10", "9", "-1", "a,b", "a b", "abab"};
  static final String[] SEGMENTS = {
    "a", "b", "A", "ab", "a.b", "..", ".", "", "%2f", "a%2Fb", "%2e%2e", "a;x=y", "a%20b", "%61",
    "a\\b", "%5c", "%zz", "%", "~a", "a+b", "a=b", "a:b", "é", "%c3%a9", "a%00b", "%3f", "%23"
  };
  static final String[] QUERIES = {
    "",
    "?",
    "?a=1",
    "?a",
    "?a=",
    "?a=2&a=1",
    "?A=1",
    "?b=1&a=1",
    "?a=%31",
    "?a=1#f",
    "?x=/../b",
    "?=1",
    "?a=b=c",
    "?q=é"
  };

  private Words() {}

  static Arbitrary<String> name() {
    return Arbitraries.of(NAMES);
  }

  static Arbitrary<String> value() {
    return Arbitraries.of(VALUES);
  }

  /** A path of a configuration: plain. */
  static Arbitrary<String> configuredPath() {
    return Arbitraries.of(
        "/", "/a", "/a/b", "/ab", "/A", "/a/", "/b", "/a/b/c", "/a%2Fb", "/a.b", "//a", "/a;x=y",
        "/a/../b");
  }

  /** What a request asks for; often what configurations name. */
  static Arbitrary<String> askedPath() {
    Arbitrary<String> made =
        Arbitraries.of(SEGMENTS)
            .list()
            .ofMinSize(1)
            .ofMaxSize(4)
            .map(all -> "/" + String.join("/", all));
    Arbitrary<String> long_ =
        Arbitraries.of(1_000, 5_000, 20_000).map(length -> "/a/" + "x".repeat(length));
    Arbitrary<String> path =
        Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(60, configuredPath()),
            net.jqwik.api.Tuple.of(38, made),
            net.jqwik.api.Tuple.of(1, long_));
    Arbitrary<String> query =
        Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(3, Arbitraries.just("")),
            net.jqwik.api.Tuple.of(1, Arbitraries.of("?a=1", "?b=1", "?a=1&b=1")),
            net.jqwik.api.Tuple.of(1, Arbitraries.of(QUERIES)));
    return net.jqwik.api.Combinators.combine(path, query).as(String::concat);
  }
}
