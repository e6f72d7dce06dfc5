package io.inmesh.config;

import com.google.protobuf.ByteString;
import io.inmesh.proto.envoy.config.cluster.v3.Cluster;
import io.inmesh.proto.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.inmesh.proto.envoy.config.listener.v3.Listener;
import io.inmesh.proto.envoy.config.route.v3.RouteConfiguration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Compiles one resource and says what of it could not be enforced, with nothing put in force: for
 * tools that look at a configuration before a process gets it. Stateless.
 */
public final class ConfigReview {
  private ConfigReview() {}

  /**
   * What became of a resource.
   *
   * @param refused why Envoy would not accept it either; null: compiled
   * @param ignored true for a listener of the sidecar itself (no direction), which takes no traffic
   *     of the application
   * @param inbound true for a listener that takes what comes in
   * @param parts filter chains of a listener, virtual hosts of a route configuration, or the
   *     resource itself
   */
  public record Result(
      @Nullable String refused, boolean ignored, boolean inbound, List<Part> parts) {
    private static Result of(Part part) {
      return new Result(null, false, false, List.of(part));
    }
  }

  /**
   * A part of a resource that requests go through.
   *
   * @param name of the cluster, of the virtual host, of the filter chain
   * @param service {@code metadata.istio.services[0].host} of a cluster; else empty
   * @param routes the route configuration that a filter chain asks for; else null
   * @param clusters where it leads to
   * @param notYet why requests that go through it, or some of them, would be refused
   */
  public record Part(
      String name,
      String service,
      @Nullable String routes,
      Set<String> clusters,
      List<NotYet> notYet) {}

  /**
   * @param typeUrl of a listener, a cluster, a route configuration or a load assignment
   * @param clusterExists for what has to lead to a cluster that exists
   * @throws IllegalArgumentException another type
   */
  public static Result of(String typeUrl, ByteString message, Predicate<String> clusterExists) {
    try {
      return switch (typeUrl) {
        case ConfigStore.CLUSTER -> cluster(TypedConfig.parse(Cluster.parser(), message));
        case ConfigStore.ENDPOINTS ->
            endpoints(TypedConfig.parse(ClusterLoadAssignment.parser(), message));
        case ConfigStore.LISTENER ->
            listener(TypedConfig.parse(Listener.parser(), message), clusterExists);
        case ConfigStore.ROUTES ->
            routes(TypedConfig.parse(RouteConfiguration.parser(), message), clusterExists);
        default -> throw new IllegalArgumentException("not a resource of the mesh: " + typeUrl);
      };
    } catch (ConfigException e) {
      return new Result(String.valueOf(e.getMessage()), false, false, List.of());
    }
  }

  private static Result cluster(Cluster proto) {
    ClusterConfig cluster = ClusterCompiler.compile(proto);
    List<NotYet> missing = new ArrayList<>();
    add(missing, cluster.notYet());
    cluster.sockets().matches().forEach(match -> socket(missing, match.socket()));
    socket(missing, cluster.sockets().otherwise());
    return Result.of(new Part(cluster.name(), cluster.service(), null, Set.of(), missing));
  }

  private static void socket(List<NotYet> missing, TransportSocket socket) {
    if (socket instanceof TransportSocket.Unsupported unsupported) {
      add(missing, unsupported.why());
    }
  }

  private static Result endpoints(ClusterLoadAssignment proto) {
    if (proto.getPolicy().getDropOverloadsCount() > 0) {
      throw ConfigException.notYet("policy.drop_overloads", "not implemented");
    }
    EndpointCompiler.compile(proto.getClusterName(), proto);
    return Result.of(new Part(proto.getClusterName(), "", null, Set.of(), List.of()));
  }

  private static Result routes(RouteConfiguration proto, Predicate<String> clusterExists) {
    CompiledRouteTable table = RouteTableCompiler.compile(proto);
    if (proto.getValidateClusters().getValue()) {
      HttpManagerCompiler.requireClusters("virtual_hosts", table, clusterExists);
    }
    List<Part> parts = new ArrayList<>();
    for (CompiledVirtualHost host : table.hosts()) {
      parts.add(new Part(host.name(), "", null, Set.of(), missing(host)));
    }
    return new Result(null, false, false, List.copyOf(parts));
  }

  private static List<NotYet> missing(CompiledVirtualHost host) {
    List<NotYet> missing = new ArrayList<>();
    if (host.always() != null) {
      route(missing, host.always());
    }
    host.index().routes().forEach(route -> route(missing, route));
    return missing;
  }

  private static void route(List<NotYet> missing, Route route) {
    if (route.action() instanceof RouteAction.Unsupported unsupported) {
      add(missing, unsupported.why());
    }
    route.filterOverrides().values().forEach(filter -> filter(missing, filter));
  }

  private static Result listener(Listener proto, Predicate<String> clusterExists) {
    CompiledListener listener = ListenerCompiler.compile(proto, clusterExists);
    if (listener == null) {
      return new Result(null, true, false, List.of());
    }
    List<Part> parts = new ArrayList<>();
    for (ChainSpec chain : listener.chains()) {
      parts.add(chain(chain));
    }
    return new Result(null, false, listener.inbound(), List.copyOf(parts));
  }

  private static Part chain(ChainSpec chain) {
    List<NotYet> missing = new ArrayList<>();
    if (!closes(chain.notYet())) {
      add(missing, chain.notYet());
    }
    chain.networkFilters().forEach(filter -> filter(missing, filter));
    Set<String> clusters = new TreeSet<>();
    chain.tcp().forEach(cluster -> clusters.add(cluster.name()));
    ManagerTemplate http = chain.http();
    if (http == null) {
      return new Part(chain.name(), "", null, clusters, missing);
    }
    add(missing, http.options().notYet());
    http.filters().forEach(filter -> filter(missing, filter));
    if (http.inline() != null) {
      clusters.addAll(http.inline().clusters());
      http.inline().hosts().forEach(host -> missing.addAll(missing(host)));
    }
    return new Part(chain.name(), "", http.rdsName(), clusters, missing);
  }

  /** A chain that is there to close connections does what it should. */
  private static boolean closes(@Nullable NotYet why) {
    return why != null && why.field().equals(FilterChainCompiler.BLACK_HOLE);
  }

  private static void filter(List<NotYet> missing, HttpFilterConfig filter) {
    if (filter instanceof UnsupportedFilter unsupported) {
      NotYet why = unsupported.why();
      String field = why.field().indexOf('.') < 0 ? filter.name() + "." + why.field() : why.field();
      add(missing, new NotYet(why.resource(), field, why.reason(), why.security()));
    } else if (filter instanceof RbacConfig rbac && rbac.rules() != null) {
      rbac.rules().policies().forEach(policy -> add(missing, policy.notYet()));
    }
  }

  private static void add(List<NotYet> missing, @Nullable NotYet why) {
    if (why != null) {
      missing.add(why);
    }
  }

  /** Each reason once, however many routes have it; the first place stays. */
  public static List<NotYet> distinct(List<NotYet> all) {
    Map<String, NotYet> once = new LinkedHashMap<>();
    all.forEach(why -> once.putIfAbsent(why.field() + "\n" + why.reason(), why));
    return List.copyOf(once.values());
  }
}
