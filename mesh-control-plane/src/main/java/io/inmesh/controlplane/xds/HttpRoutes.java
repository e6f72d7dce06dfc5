package io.inmesh.controlplane.xds;

import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.route.v3.Decorator;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatchAndSubstitute;
import io.inmesh.controlplane.config.HttpRule;
import io.inmesh.controlplane.config.HttpRule.Destination;
import io.inmesh.controlplane.config.HttpRule.HeaderOperations;
import io.inmesh.controlplane.config.StringMatch;
import io.inmesh.controlplane.config.VirtualService;
import io.inmesh.controlplane.registry.Registration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The routes of one virtual host that a VirtualService describes, as one node sees them. */
final class HttpRoutes {
  private final Scope scope;
  private final Mesh mesh;
  private final Registration node;
  private final VirtualService virtual;
  private final int port;

  HttpRoutes(Scope scope, VirtualService virtual, int port) {
    this.scope = scope;
    this.mesh = scope.mesh();
    this.node = scope.node();
    this.virtual = virtual;
    this.port = port;
  }

  static RouteAction.Builder noTimeouts(RouteAction.Builder action) {
    return timeouts(action, java.time.Duration.ZERO);
  }

  @SuppressWarnings(
      "deprecation") // istiod sets max_grpc_timeout, so that grpc-timeout does not end a call
  // earlier or later
  private static RouteAction.Builder timeouts(
      RouteAction.Builder action, java.time.Duration timeout) {
    return action.setTimeout(Protos.duration(timeout)).setMaxGrpcTimeout(Protos.duration(timeout));
  }

  List<Route> all() {
    List<Route> routes = new ArrayList<>();
    for (HttpRule rule : virtual.http()) {
      if (rule.matches().isEmpty()) {
        routes.add(route(rule, rule.name(), RouteMatches.any(), null, ""));
      }
      for (HttpRule.Match match : rule.matches()) {
        if (concerns(match)) {
          String name = match.name().isEmpty() ? rule.name() : rule.name() + "." + match.name();
          RouteMatch conditions = RouteMatches.of(match);
          routes.add(route(rule, name, conditions, match.uri(), match.statPrefix()));
          if (RouteMatches.everything(conditions)) {
            return routes; // as istiod: what can never be used by this client on this port is left
            // out
          }
        }
      }
    }
    return routes;
  }

  private boolean concerns(HttpRule.Match match) {
    return (match.port() == 0 || match.port() == port)
        && (match.sourceNamespace().isEmpty() || match.sourceNamespace().equals(node.namespace()))
        && mesh.labels(node).entrySet().containsAll(match.sourceLabels().entrySet());
  }

  private Route route(
      HttpRule rule, String name, RouteMatch match, @Nullable StringMatch uri, String statPrefix) {
    Route.Builder route =
        Route.newBuilder()
            .setName(name)
            .setMatch(match)
            .setStatPrefix(statPrefix)
            .setMetadata(
                Protos.metadata(
                    "istio", Map.of("config", Protos.value(virtual.meta().configPath()))));
    String owner = virtual.meta().name();
    HttpRule.Redirect redirect = rule.redirect();
    HttpRule.DirectResponse direct = rule.directResponse();
    if (redirect != null) {
      route.setRedirect(LocalReplies.redirect(redirect, port));
    } else if (direct != null) {
      route.setDirectResponse(LocalReplies.directResponse(direct));
    } else {
      RouteAction.Builder action = timeouts(RouteAction.newBuilder(), rule.timeout());
      if (rule.route().size() == 1) {
        owner = rule.route().get(0).host();
      }
      forward(rule, action, route);
      route.setRoute(action);
    }
    route.setDecorator(
        Decorator.newBuilder().setOperation(owner + ":" + port + RouteMatches.operation(uri)));
    route.addAllRequestHeadersToAdd(options(rule.headers().request()));
    route.addAllRequestHeadersToRemove(rule.headers().request().remove());
    route.addAllResponseHeadersToAdd(options(rule.headers().response()));
    route.addAllResponseHeadersToRemove(rule.headers().response().remove());
    FilterOverrides.add(route, rule);
    return route.build();
  }

  private void forward(HttpRule rule, RouteAction.Builder action, Route.Builder route) {
    List<Destination> destinations = rule.route();
    if (destinations.size() == 1) {
      Destination only = destinations.get(0);
      action.setCluster(cluster(only));
      route.addAllRequestHeadersToAdd(options(only.headers().request()));
      route.addAllRequestHeadersToRemove(only.headers().request().remove());
      route.addAllResponseHeadersToAdd(options(only.headers().response()));
      route.addAllResponseHeadersToRemove(only.headers().response().remove());
      setHost(action, hostOf(only.headers()));
    } else {
      WeightedCluster.Builder weighted = WeightedCluster.newBuilder();
      for (Destination destination : destinations) {
        if (destination.weight() > 0) { // as istiod: what gets nothing is not named
          weighted.addClusters(weight(destination));
        }
      }
      action.setWeightedClusters(weighted);
    }
    HttpRule.Retries retries = rule.retries();
    if (retries == null) {
      action.setRetryPolicy(RetryPolicies.standard());
    } else if (retries.attempts() > 0) {
      action.setRetryPolicy(RetryPolicies.of(retries));
    }
    setHost(action, hostOf(rule.headers()));
    rewrite(action, rule.rewrite());
    for (HttpRule.Mirror mirror : rule.mirrors()) {
      action.addRequestMirrorPolicies(
          RouteAction.RequestMirrorPolicy.newBuilder()
              .setCluster(cluster(mirror.destination()))
              .setRuntimeFraction(LocalReplies.fraction(mirror.percent()))
              .setTraceSampled(com.google.protobuf.BoolValue.of(false)));
    }
    Destination first = destinations.get(0);
    HashPolicies.add(
        action, scope.destinationRule(first.host()), first.subset(), targetPort(first));
  }

  private WeightedCluster.ClusterWeight weight(Destination destination) {
    WeightedCluster.ClusterWeight.Builder weight =
        WeightedCluster.ClusterWeight.newBuilder()
            .setName(cluster(destination))
            .setWeight(Protos.uint(destination.weight()))
            .addAllRequestHeadersToAdd(options(destination.headers().request()))
            .addAllRequestHeadersToRemove(destination.headers().request().remove())
            .addAllResponseHeadersToAdd(options(destination.headers().response()))
            .addAllResponseHeadersToRemove(destination.headers().response().remove());
    String host = hostOf(destination.headers());
    if (!host.isEmpty()) {
      weight.setHostRewriteLiteral(host);
    }
    return weight.build();
  }

  private static void rewrite(RouteAction.Builder action, HttpRule.@Nullable Rewrite rewrite) {
    if (rewrite == null) {
      return;
    }
    if (!rewrite.regex().isEmpty()) {
      action.setRegexRewrite(
          RegexMatchAndSubstitute.newBuilder()
              .setPattern(Protos.regex(rewrite.regex()))
              .setSubstitution(rewrite.substitution()));
    } else if (!rewrite.uri().isEmpty()) {
      action.setPrefixRewrite(rewrite.uri());
    }
    setHost(action, rewrite.authority());
  }

  private static void setHost(RouteAction.Builder action, String host) {
    if (!host.isEmpty()) {
      action.setHostRewriteLiteral(host);
    }
  }

  private String cluster(Destination destination) {
    return OutboundClusters.name(targetPort(destination), destination.subset(), destination.host());
  }

  /**
   * As istiod: the port that is named, else the only one of the service, else the one that was
   * asked for.
   */
  private int targetPort(Destination destination) {
    if (destination.port() != 0) {
      return destination.port();
    }
    Service service = mesh.service(destination.host(), node.namespace());
    return service != null && service.ports().size() == 1 ? service.ports().get(0).number() : port;
  }

  private static List<HeaderValueOption> options(HeaderOperations.Changes changes) {
    List<HeaderValueOption> options = new ArrayList<>();
    changes
        .set()
        .forEach(
            (name, value) -> {
              if (!isHost(name)) {
                options.add(
                    HeaderValueOption.newBuilder()
                        .setHeader(HeaderValue.newBuilder().setKey(name).setValue(value))
                        .setAppendAction(
                            HeaderValueOption.HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD)
                        .build());
              }
            });
    changes
        .add()
        .forEach(
            (name, value) ->
                options.add(
                    HeaderValueOption.newBuilder()
                        .setHeader(HeaderValue.newBuilder().setKey(name).setValue(value))
                        .build()));
    return options;
  }

  /** Envoy does not set Host as a header. */
  private static String hostOf(HeaderOperations headers) {
    for (Map.Entry<String, String> header : headers.request().set().entrySet()) {
      if (isHost(header.getKey())) {
        return header.getValue();
      }
    }
    return "";
  }

  private static boolean isHost(String name) {
    return name.toLowerCase(Locale.ROOT).equals("host");
  }
}
