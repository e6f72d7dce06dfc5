package io.inmesh.differential;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.inmesh.proto.envoy.config.route.v3.Route;
import io.inmesh.proto.envoy.config.route.v3.RouteConfiguration;
import io.inmesh.proto.envoy.config.route.v3.VirtualHost;
import io.inmesh.proto.envoy.extensions.filters.http.header_mutation.v3.HeaderMutation;
import io.inmesh.proto.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.inmesh.proto.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.inmesh.proto.envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig;
import io.inmesh.proto.envoy.extensions.rbac.principals.mtls_authenticated.v3.Config;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * In how many pairs each field of Envoy's messages took part, with which outcome. A field of a
 * matcher: Envoy's own matcher said yes, or no ({@link MatcherCoverage}). Another field of a route
 * or virtual host: that one was chosen, or another or none. A field above those: the request was
 * let through to a route, or refused (policy, malformed, no route).
 */
final class Coverage {
  /** How often each way. */
  static final class Count {
    int yes;
    int no;
  }

  private record Fields(
      Set<String> above, Map<String, Set<String>> hosts, Map<String, Set<String>> routes) {}

  private final Map<String, Count> counts = new TreeMap<>();
  private final MatcherCoverage matchers =
      new MatcherCoverage((fields, yes) -> count(fields, yes, true));
  private @Nullable HttpConnectionManager last;
  private @Nullable Fields lastFields;

  void add(Scenario scenario, Answer envoy) {
    matchers.add(scenario, envoy);
    Fields fields = lastFields;
    if (fields == null || last != scenario.manager()) {
      fields = fields(scenario.manager());
      last = scenario.manager();
      lastFields = fields;
    }
    count(fields.above, !refused(envoy));
    String route = envoy.route();
    String host = route.isEmpty() ? "" : route.substring(0, route.indexOf('-'));
    fields.hosts.forEach((name, set) -> count(set, name.equals(host)));
    fields.routes.forEach((name, set) -> count(set, name.equals(route)));
  }

  private static boolean refused(Answer envoy) {
    return envoy.details().isEmpty()
        || envoy.details().startsWith("rbac_")
        || envoy.details().startsWith("path_normalization")
        || envoy.details().equals("route_not_found");
  }

  private void count(Set<String> fields, boolean yes) {
    count(fields, yes, false);
  }

  private void count(Set<String> fields, boolean yes, boolean byMatcher) {
    for (String field : fields) {
      if (MatcherCoverage.judges(field) != byMatcher) {
        continue;
      }
      Count count = counts.computeIfAbsent(field, f -> new Count());
      if (yes) {
        count.yes++;
      } else {
        count.no++;
      }
    }
  }

  Map<String, Count> counts() {
    return counts;
  }

  private static Fields fields(HttpConnectionManager manager) {
    RouteConfiguration routes = manager.getRouteConfig();
    Set<String> above = new HashSet<>();
    walk(manager.toBuilder().clearRouteConfig().build(), above);
    walk(routes.toBuilder().clearVirtualHosts().build(), above);
    above.add(HttpConnectionManager.getDescriptor().getFullName() + ".route_config");
    above.add(RouteConfiguration.getDescriptor().getFullName() + ".virtual_hosts");
    Map<String, Set<String>> hosts = new TreeMap<>();
    Map<String, Set<String>> each = new TreeMap<>();
    for (VirtualHost host : routes.getVirtualHostsList()) {
      Set<String> mine = new HashSet<>();
      walk(host.toBuilder().clearRoutes().build(), mine);
      mine.add(VirtualHost.getDescriptor().getFullName() + ".routes");
      hosts.put(host.getName(), mine);
      for (Route route : host.getRoutesList()) {
        Set<String> its = new HashSet<>();
        walk(route, its);
        each.put(route.getName(), its);
      }
    }
    return new Fields(above, hosts, each);
  }

  static void walk(Message message, Set<String> found) {
    if (message instanceof Any any) {
      walk(any, found);
      return;
    }
    for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
      found.add(field.getKey().getFullName());
      Object value = field.getValue();
      for (Object one : value instanceof List<?> all ? all : List.of(value)) {
        if (one instanceof Message inner) {
          walk(inner, found);
        }
      }
    }
  }

  private static void walk(Any any, Set<String> found) {
    String type = any.getTypeUrl().substring(any.getTypeUrl().indexOf('/') + 1);
    found.add(type);
    try {
      if (type.equals(RBAC.getDescriptor().getFullName())) {
        walk(RBAC.parseFrom(any.getValue()), found);
      } else if (type.equals(RBACPerRoute.getDescriptor().getFullName())) {
        walk(RBACPerRoute.parseFrom(any.getValue()), found);
      } else if (type.equals(UriTemplateMatchConfig.getDescriptor().getFullName())) {
        walk(UriTemplateMatchConfig.parseFrom(any.getValue()), found);
      } else if (type.equals(Config.getDescriptor().getFullName())) {
        walk(Config.parseFrom(any.getValue()), found);
      } else if (type.equals(HeaderMutation.getDescriptor().getFullName())) {
        walk(HeaderMutation.parseFrom(any.getValue()), found);
      }
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
