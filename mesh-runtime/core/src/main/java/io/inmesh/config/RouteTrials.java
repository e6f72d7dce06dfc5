package io.inmesh.config;

import com.google.protobuf.ByteString;
import io.inmesh.http.RequestHead;
import io.inmesh.proto.envoy.config.route.v3.DirectResponseAction;
import io.inmesh.proto.envoy.config.route.v3.HeaderMatcher;
import io.inmesh.proto.envoy.config.route.v3.QueryParameterMatcher;
import io.inmesh.proto.envoy.config.route.v3.Route;
import io.inmesh.proto.envoy.config.route.v3.RouteConfiguration;
import io.inmesh.proto.envoy.config.route.v3.RouteMatch;
import io.inmesh.proto.envoy.config.route.v3.VirtualHost;
import java.util.ArrayList;
import java.util.List;

/**
 * Which routes of a virtual host match a request, and of those that do not, why: each is compiled
 * alone, by the compiler that makes the real table. For people who ask, not for requests.
 */
public final class RouteTrials {
  /**
   * One route.
   *
   * @param place among those of its virtual host
   * @param match what it asks for, in words
   * @param whyNot empty: it matches
   */
  public record Trial(int place, String name, String match, String whyNot) {
    public boolean matches() {
      return whyNot.isEmpty();
    }
  }

  private RouteTrials() {}

  /**
   * @param routeConfiguration serialized, as the control plane sent it
   * @param head as the route table would see it
   * @return empty: no such virtual host
   */
  public static List<Trial> of(
      ByteString routeConfiguration, String virtualHost, RequestHead head) {
    RouteConfiguration proto = TypedConfig.parse(RouteConfiguration.parser(), routeConfiguration);
    List<Trial> trials = new ArrayList<>();
    for (VirtualHost host : proto.getVirtualHostsList()) {
      if (host.getName().equals(virtualHost)) {
        for (int i = 0; i < host.getRoutesCount(); i++) {
          Route route = host.getRoutes(i);
          trials.add(
              new Trial(
                  i, route.getName(), words(route.getMatch()), whyNot(route.getMatch(), head)));
        }
      }
    }
    return trials;
  }

  private static String whyNot(RouteMatch match, RequestHead head) {
    if (matches(match, head)) {
      return "";
    }
    RouteMatch path =
        match.toBuilder()
            .clearHeaders()
            .clearQueryParameters()
            .clearGrpc()
            .clearRuntimeFraction()
            .build();
    if (!matches(path, head)) {
      return "the path does not match";
    }
    for (HeaderMatcher header : match.getHeadersList()) {
      if (!matches(path.toBuilder().addHeaders(header).build(), head)) {
        return "the header " + header.getName() + " does not match";
      }
    }
    for (QueryParameterMatcher query : match.getQueryParametersList()) {
      if (!matches(path.toBuilder().addQueryParameters(query).build(), head)) {
        return "the query parameter " + query.getName() + " does not match";
      }
    }
    return match.hasGrpc() && !head.grpc()
        ? "it is for gRPC"
        : match.hasRuntimeFraction() ? "it is for a fraction of the requests" : "it does not match";
  }

  private static boolean matches(RouteMatch match, RequestHead head) {
    Route alone =
        Route.newBuilder()
            .setMatch(match)
            .setDirectResponse(DirectResponseAction.newBuilder().setStatus(200))
            .build();
    VirtualHost host =
        VirtualHost.newBuilder().setName("trial").addDomains("*").addRoutes(alone).build();
    try {
      io.inmesh.config.VirtualHost compiled =
          RouteTableCompiler.compile(
                  RouteConfiguration.newBuilder().setName("trial").addVirtualHosts(host).build())
              .find("trial");
      return compiled != null && compiled.route(head, () -> 0) != null;
    } catch (ConfigException e) {
      return false;
    }
  }

  private static String words(RouteMatch match) {
    StringBuilder words =
        new StringBuilder(
            switch (match.getPathSpecifierCase()) {
              case PREFIX -> "prefix " + match.getPrefix();
              case PATH -> "path " + match.getPath();
              case SAFE_REGEX -> "regex " + match.getSafeRegex().getRegex();
              case PATH_SEPARATED_PREFIX -> "prefix " + match.getPathSeparatedPrefix() + "/";
              case CONNECT_MATCHER -> "CONNECT";
              case PATH_MATCH_POLICY -> "pattern";
              case PATHSPECIFIER_NOT_SET -> "nothing";
            });
    match.getHeadersList().forEach(header -> words.append(", header ").append(header.getName()));
    match
        .getQueryParametersList()
        .forEach(query -> words.append(", query parameter ").append(query.getName()));
    if (match.hasGrpc()) {
      words.append(", gRPC");
    }
    if (match.hasRuntimeFraction()) {
      words.append(", a fraction");
    }
    return words.toString();
  }
}
