package io.inmesh.config;

import io.inmesh.config.PathTrie.End;
import io.inmesh.match.HeaderMatcher;
import io.inmesh.match.QueryMatcher;
import io.inmesh.match.StringMatcher;
import io.inmesh.proto.envoy.config.route.v3.RouteMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** {@code envoy.config.route.v3.VirtualHost} with its routes, into an index. */
final class VirtualHostCompiler {
  private final RouteContext context;
  private final List<RouteRule> rules = new ArrayList<>();
  private final PathTrie exactCase = new PathTrie(false);
  private final PathTrie anyCase = new PathTrie(true);
  private final IntStream.Builder others = IntStream.builder();

  private VirtualHostCompiler(RouteContext context) {
    this.context = context;
  }

  static CompiledVirtualHost compile(RouteContext context) {
    var proto = context.host();
    if (proto.getName().isEmpty()) {
      throw new ConfigException("name", "must not be empty");
    }
    if (proto.getDomainsCount() == 0) {
      throw new ConfigException("domains", "at least one is required");
    }
    VirtualHostCompiler compiler = new VirtualHostCompiler(context);
    for (int i = 0; i < proto.getRoutesCount(); i++) {
      try {
        compiler.add(proto.getRoutes(i), i);
      } catch (ConfigException e) {
        throw e.in("routes[" + i + "]");
      }
    }
    NotYet whole = missing(context);
    return new CompiledVirtualHost(
        proto.getName(),
        List.copyOf(proto.getDomainsList()),
        new RouteIndex(
            compiler.rules,
            compiler.exactCase,
            compiler.anyCase,
            compiler.others.build().toArray()),
        whole == null ? null : unsupported(whole, context));
  }

  /** What is not implemented and concerns every route. */
  private static @Nullable NotYet missing(RouteContext context) {
    if (context.inherited() != null) {
      return context.inherited();
    }
    var proto = context.host();
    String place = context.resource() + "/" + context.virtualHost();
    if (proto.hasMatcher()) {
      return new NotYet(place, "matcher", "matcher trees are not implemented", false);
    }
    if (proto.getRequireTlsValue() != 0) {
      return new NotYet(place, "require_tls", "redirects to https are not implemented", true);
    }
    if (proto.hasCors()) {
      return new NotYet(place, "cors", "the deprecated form of CORS is not implemented", false);
    }
    if (!proto.getUnknownFields().asMap().isEmpty()) {
      return new NotYet(
          place,
          "fields " + proto.getUnknownFields().asMap().keySet(),
          "are newer than this runtime",
          false);
    }
    return null;
  }

  private static Route unsupported(NotYet why, RouteContext context) {
    return new Route(
        "",
        why.resource(),
        new RouteAction.Unsupported(why),
        HeaderEdits.NONE,
        HeaderEdits.NONE,
        null,
        false,
        context.filterOverrides());
  }

  private void add(io.inmesh.proto.envoy.config.route.v3.Route proto, int number) {
    if (!proto.hasMatch()) {
      throw new ConfigException("match", "is required");
    }
    RouteMatch match = proto.getMatch();
    NotYet matchNotYet = null;
    List<HeaderMatcher> headers = List.of();
    List<QueryMatcher> query = List.of();
    StringMatcher path = null;
    Fraction fraction = null;
    try {
      path = path(match);
      headers = ConfigException.each("headers", match.getHeadersList(), HeaderMatchers::compile);
      query =
          ConfigException.each(
              "query_parameters", match.getQueryParametersList(), QueryMatchers::compile);
      fraction =
          match.hasRuntimeFraction()
              ? ConfigException.field(
                  "runtime_fraction", match.getRuntimeFraction(), Values::fraction)
              : null;
      refuseWhatIsMissing(match);
    } catch (ConfigException e) {
      if (!e.isNotYet()) {
        throw e.in("match");
      }
      // Requests that the rest of the match takes are refused rather than given to a later route.
      matchNotYet = e.in("match").toNotYet(context.place(number), false);
    }
    Route route = RouteCompiler.compile(proto, number, context, matchNotYet);
    rules.add(
        new RouteRule(
            route, path, match.hasConnectMatcher(), match.hasGrpc(), headers, query, fraction));
    index(match, number);
  }

  /** Only what no index can answer. */
  private static @Nullable StringMatcher path(RouteMatch match) {
    return switch (match.getPathSpecifierCase()) {
      case SAFE_REGEX ->
          ConfigException.field("safe_regex", match.getSafeRegex(), RegexMatchers::compile);
      case PATH_MATCH_POLICY ->
          ConfigException.field(
              "path_match_policy", match.getPathMatchPolicy(), PathTemplates::compile);
      case PATHSPECIFIER_NOT_SET -> throw new ConfigException("path_specifier", "is required");
      default -> null;
    };
  }

  private static void refuseWhatIsMissing(RouteMatch match) {
    if (match.hasTlsContext()) {
      throw ConfigException.notYet("tls_context", "not implemented");
    }
    if (match.getDynamicMetadataCount() > 0) {
      throw ConfigException.notYet("dynamic_metadata", "not implemented");
    }
    if (match.getFilterStateCount() > 0) {
      throw ConfigException.notYet("filter_state", "there is no filter state");
    }
    if (!match.getUnknownFields().asMap().isEmpty()) {
      throw ConfigException.notYet(
          "fields " + match.getUnknownFields().asMap().keySet(), "are newer than this runtime");
    }
  }

  private void index(RouteMatch match, int number) {
    PathTrie trie =
        Values.bool(match.hasCaseSensitive(), match.getCaseSensitive(), true) ? exactCase : anyCase;
    switch (match.getPathSpecifierCase()) {
      case PREFIX -> trie.add(match.getPrefix(), End.PREFIX, number);
      case PATH -> trie.add(match.getPath(), End.EXACT, number);
      case PATH_SEPARATED_PREFIX -> {
        String prefix = match.getPathSeparatedPrefix();
        if (!prefix.startsWith("/") || prefix.endsWith("/") || prefix.contains("?")) {
          throw new ConfigException(
              "match.path_separated_prefix", "must begin with / and not end with it: " + prefix);
        }
        trie.add(prefix, End.SEPARATED, number);
      }
      default -> others.add(number);
    }
  }
}
