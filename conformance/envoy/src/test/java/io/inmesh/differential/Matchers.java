package io.inmesh.differential;

import io.inmesh.proto.envoy.config.core.v3.RuntimeFractionalPercent;
import io.inmesh.proto.envoy.config.route.v3.HeaderMatcher;
import io.inmesh.proto.envoy.config.route.v3.QueryParameterMatcher;
import io.inmesh.proto.envoy.config.route.v3.RouteMatch;
import io.inmesh.proto.envoy.type.matcher.v3.RegexMatcher;
import io.inmesh.proto.envoy.type.matcher.v3.StringMatcher;
import io.inmesh.proto.envoy.type.v3.FractionalPercent;
import io.inmesh.proto.envoy.type.v3.FractionalPercent.DenominatorType;
import io.inmesh.proto.envoy.type.v3.Int64Range;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Generated matchers: strings, headers, query parameters, routes. */
final class Matchers {
  private Matchers() {}

  static RegexMatcher regex(String regex) {
    return RegexMatcher.newBuilder().setRegex(regex).build();
  }

  private static Arbitrary<String> regexes() {
    return Arbitraries.of("a", "a.*", ".*b", "(a|b)+", "[0-9]+", "a?", "(?i)A", ".*", "a,b");
  }

  static Arbitrary<String> pathRegexes() {
    return Arbitraries.of(
        "/a", "/a.*", "/.*", "/(a|b)/?", "/a/[^/]+", ".*b", "(?i)/A", "/a\\.b", "/[a-z]+(/.*)?");
  }

  /** Of {@code words}; never an empty part, which Envoy refuses. */
  static Arbitrary<StringMatcher> string(Arbitrary<String> words) {
    Arbitrary<String> some = words.filter(word -> !word.isEmpty());
    Arbitrary<StringMatcher.Builder> kind =
        Arbitraries.oneOf(
            words.map(word -> StringMatcher.newBuilder().setExact(word)),
            some.map(word -> StringMatcher.newBuilder().setPrefix(word)),
            some.map(word -> StringMatcher.newBuilder().setSuffix(word)),
            some.map(word -> StringMatcher.newBuilder().setContains(word)),
            regexes().map(word -> StringMatcher.newBuilder().setSafeRegex(regex(word))));
    return Combinators.combine(kind, Arbitraries.of(false, false, true))
        .as(
            (made, ignoreCase) ->
                made.hasSafeRegex() ? made.build() : made.setIgnoreCase(ignoreCase).build());
  }

  static Arbitrary<HeaderMatcher> header() {
    return Arbitraries.frequencyOf(Tuple.of(5, plainHeader()), Tuple.of(2, pseudo()));
  }

  /** Not of the request line. */
  @SuppressWarnings("deprecation")
  static Arbitrary<HeaderMatcher> plainHeader() {
    Arbitrary<String> some = Words.value().filter(word -> !word.isEmpty());
    Arbitrary<HeaderMatcher.Builder> kind =
        Arbitraries.oneOf(
            List.of(
                some.map(word -> HeaderMatcher.newBuilder().setExactMatch(word)),
                some.map(word -> HeaderMatcher.newBuilder().setPrefixMatch(word)),
                some.map(word -> HeaderMatcher.newBuilder().setSuffixMatch(word)),
                some.map(word -> HeaderMatcher.newBuilder().setContainsMatch(word)),
                regexes().map(word -> HeaderMatcher.newBuilder().setSafeRegexMatch(regex(word))),
                Arbitraries.of(true, false)
                    .map(word -> HeaderMatcher.newBuilder().setPresentMatch(word)),
                range().map(word -> HeaderMatcher.newBuilder().setRangeMatch(word)),
                Arbitraries.just(HeaderMatcher.newBuilder()),
                string(Words.value()).map(word -> HeaderMatcher.newBuilder().setStringMatch(word)),
                string(Words.value())
                    .map(word -> HeaderMatcher.newBuilder().setStringMatch(word))));
    return Combinators.combine(
            kind, Words.name(), Arbitraries.of(false, true), Arbitraries.of(false, false, true))
        .as(
            (made, name, invert, empty) ->
                made.build().toBuilder()
                    .setName(name)
                    .setInvertMatch(invert)
                    .setTreatMissingHeaderAsEmpty(empty)
                    .build());
  }

  /** Of a response, whose only pseudo header is the status; {@code host} is none there. */
  static Arbitrary<HeaderMatcher> responseHeader() {
    Arbitrary<HeaderMatcher> odd =
        Combinators.combine(
                string(Arbitraries.of("503", "5", "200", "shop.example", "yes")),
                Arbitraries.of(":status", ":status", "host", ":path", "x-up"),
                Arbitraries.of(false, false, true))
            .as(
                (is, name, invert) ->
                    HeaderMatcher.newBuilder()
                        .setName(name)
                        .setStringMatch(is)
                        .setInvertMatch(invert)
                        .build());
    return Arbitraries.frequencyOf(Tuple.of(3, plainHeader()), Tuple.of(1, odd));
  }

  /** Of the request line. */
  private static Arbitrary<HeaderMatcher> pseudo() {
    Arbitrary<HeaderMatcher> method =
        string(Arbitraries.of("GET", "POST", "get", "HEAD"))
            .map(is -> HeaderMatcher.newBuilder().setName(":method").setStringMatch(is).build());
    Arbitrary<HeaderMatcher> path =
        string(Words.configuredPath())
            .map(is -> HeaderMatcher.newBuilder().setName(":path").setStringMatch(is).build());
    Arbitrary<HeaderMatcher> authority =
        Combinators.combine(
                string(Arbitraries.of(Words.AUTHORITIES)), Arbitraries.of(":authority", "host"))
            .as((is, name) -> HeaderMatcher.newBuilder().setName(name).setStringMatch(is).build());
    return Combinators.combine(
            Arbitraries.oneOf(method, path, authority), Arbitraries.of(false, false, true))
        .as((made, invert) -> made.toBuilder().setInvertMatch(invert).build());
  }

  private static Arbitrary<Int64Range> range() {
    return Combinators.combine(Arbitraries.of(-5, 0, 9, 10), Arbitraries.of(0, 9, 10, 11))
        .as((start, end) -> Int64Range.newBuilder().setStart(start).setEnd(end).build());
  }

  static Arbitrary<QueryParameterMatcher> query() {
    Arbitrary<QueryParameterMatcher.Builder> kind =
        Arbitraries.oneOf(
            Arbitraries.of(true, false)
                .map(is -> QueryParameterMatcher.newBuilder().setPresentMatch(is)),
            Arbitraries.just(QueryParameterMatcher.newBuilder()),
            string(Arbitraries.of("1", "1", "2", "", "%31", "b"))
                .map(is -> QueryParameterMatcher.newBuilder().setStringMatch(is)));
    return Combinators.combine(kind, Arbitraries.of("a", "b", "A"))
        .as((made, name) -> made.build().toBuilder().setName(name).build());
  }

  static Arbitrary<RuntimeFractionalPercent> allOrNothing() {
    return Combinators.combine(
            Arbitraries.of(true, true, false),
            Arbitraries.of(
                DenominatorType.HUNDRED, DenominatorType.TEN_THOUSAND, DenominatorType.MILLION))
        .as(
            (all, of) ->
                RuntimeFractionalPercent.newBuilder()
                    .setDefaultValue(
                        FractionalPercent.newBuilder()
                            .setNumerator(
                                !all
                                    ? 0
                                    : switch (of) {
                                      case HUNDRED -> 100;
                                      case TEN_THOUSAND -> 10_000;
                                      default -> 1_000_000;
                                    })
                            .setDenominator(of))
                    .build());
  }

  static Arbitrary<RouteMatch> route() {
    Arbitrary<RouteMatch.Builder> path =
        Arbitraries.frequencyOf(
            Tuple.of(4, Words.configuredPath().map(at -> RouteMatch.newBuilder().setPrefix(at))),
            Tuple.of(2, Arbitraries.just(RouteMatch.newBuilder().setPrefix("/"))),
            Tuple.of(2, Words.configuredPath().map(at -> RouteMatch.newBuilder().setPath(at))),
            Tuple.of(
                2,
                Arbitraries.of("/a", "/a/b", "/ab", "/A", "/b")
                    .map(at -> RouteMatch.newBuilder().setPathSeparatedPrefix(at))),
            Tuple.of(2, pathRegexes().map(at -> RouteMatch.newBuilder().setSafeRegex(regex(at)))));
    Arbitrary<RouteMatch> alone =
        Arbitraries.oneOf(
            header().map(one -> RouteMatch.newBuilder().setPrefix("/").addHeaders(one).build()),
            query()
                .map(one -> RouteMatch.newBuilder().setPrefix("/").addQueryParameters(one).build()),
            path.map(one -> one.build()));
    return Arbitraries.frequencyOf(Tuple.of(3, together(path)), Tuple.of(2, alone));
  }

  private static Arbitrary<RouteMatch> together(Arbitrary<RouteMatch.Builder> path) {
    return Combinators.combine(
            path,
            Gen.few(header(), 2),
            Gen.few(query(), 1),
            Gen.sometimes(allOrNothing(), 6),
            Arbitraries.of(true, true, true, false))
        .as(
            (made, headers, queries, fraction, sensitive) -> {
              RouteMatch.Builder match = made.build().toBuilder();
              match.addAllHeaders(headers).addAllQueryParameters(queries);
              fraction.forEach(match::setRuntimeFraction);
              if (!sensitive && !match.hasSafeRegex()) {
                match.getCaseSensitiveBuilder().setValue(false);
              }
              return match.build();
            });
  }
}
