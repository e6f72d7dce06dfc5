package io.inmesh.controlplane.xds;

import com.google.protobuf.BoolValue;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.QueryParameterMatcher;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.inmesh.controlplane.config.HttpRule;
import io.inmesh.controlplane.config.StringMatch;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The conditions of a VirtualService rule that the client has to check. */
final class RouteMatches {
  private RouteMatches() {}

  static RouteMatch any() {
    return RouteMatch.newBuilder().setPrefix("/").build();
  }

  static boolean everything(RouteMatch match) {
    return match.getPrefix().equals("/")
        && match.getHeadersCount() == 0
        && match.getQueryParametersCount() == 0;
  }

  static RouteMatch of(HttpRule.Match match) {
    RouteMatch.Builder built =
        RouteMatch.newBuilder().setCaseSensitive(BoolValue.of(!match.ignoreUriCase()));
    StringMatch uri = match.uri();
    if (uri == null) {
      built.setPrefix("/");
    } else {
      switch (uri.kind()) {
        case EXACT -> built.setPath(uri.value());
        case REGEX -> built.setSafeRegex(Protos.regex(uri.value()));
        default -> built.setPrefix(uri.value());
      }
    }
    Map<String, HeaderMatcher> headers = new TreeMap<>();
    match.headers().forEach((name, value) -> headers.put(name + " ", header(name, value).build()));
    match.withoutHeaders().forEach((name, value) -> headers.put(name, without(name, value)));
    built.addAllHeaders(headers.values());
    pseudo(built, ":method", match.method());
    pseudo(built, ":authority", match.authority());
    pseudo(built, ":scheme", match.scheme());
    new TreeMap<>(match.queryParams())
        .forEach(
            (name, value) -> {
              QueryParameterMatcher.Builder parameter =
                  QueryParameterMatcher.newBuilder().setName(name);
              if (value.kind() == StringMatch.Kind.PRESENT) {
                parameter.setPresentMatch(true);
              } else {
                parameter.setStringMatch(Protos.string(value));
              }
              built.addQueryParameters(parameter);
            });
    return built.build();
  }

  /** What a trace calls the operation. */
  static String operation(@Nullable StringMatch uri) {
    if (uri == null) {
      return "/*";
    }
    return uri.kind() == StringMatch.Kind.PREFIX ? uri.value() + "*" : uri.value();
  }

  private static void pseudo(RouteMatch.Builder match, String name, @Nullable StringMatch value) {
    if (value != null) {
      match.addHeaders(header(name, value));
    }
  }

  private static HeaderMatcher.Builder header(String name, StringMatch value) {
    HeaderMatcher.Builder header = HeaderMatcher.newBuilder().setName(name);
    return value.kind() == StringMatch.Kind.PRESENT
        ? header.setPresentMatch(true)
        : header.setStringMatch(Protos.string(value));
  }

  private static HeaderMatcher without(String name, StringMatch value) {
    return header(name, value)
        .setInvertMatch(true)
        .setTreatMissingHeaderAsEmpty(value.kind() != StringMatch.Kind.PRESENT)
        .build();
  }
}
