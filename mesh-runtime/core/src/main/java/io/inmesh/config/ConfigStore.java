package io.inmesh.config;

import com.google.protobuf.ByteString;
import com.google.protobuf.Parser;
import io.inmesh.config.ClusterConfig.Discovery;
import io.inmesh.proto.envoy.config.cluster.v3.Cluster;
import io.inmesh.proto.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.inmesh.proto.envoy.config.listener.v3.Listener;
import io.inmesh.proto.envoy.config.route.v3.RouteConfiguration;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Takes resources as they come and puts tables in force, recompiling only what has changed and
 * warming it as Envoy does: a cluster is ready when its endpoints and secrets are there, a route
 * table when its clusters are, a listener when its route tables are; until then the older one goes
 * on. The first tables wait until every listener is ready.
 *
 * <p>Single-threaded: every method is called on the configuration thread, and the {@link
 * TablesListener} is called from inside them. Nothing thrown by bad input escapes.
 */
public final class ConfigStore {
  public static final String CLUSTER = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
  public static final String ENDPOINTS =
      "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
  public static final String LISTENER = "type.googleapis.com/envoy.config.listener.v3.Listener";
  public static final String ROUTES =
      "type.googleapis.com/envoy.config.route.v3.RouteConfiguration";

  private final TablesListener out;
  private final String dnsDomain;
  private final Map<String, Slot<ClusterConfig>> clusters = new LinkedHashMap<>();
  private final Map<String, Slot<ClusterEndpoints>> endpoints = new LinkedHashMap<>();
  private final Map<String, Slot<CompiledListener>> listeners = new TreeMap<>();
  private final Map<String, Slot<CompiledRouteTable>> routes = new LinkedHashMap<>();
  private Map<String, BoundListener> bound = Map.of();
  private Set<String> routeNames = Set.of();
  private Set<String> edsNames = Set.of();

  /** Of {@link #edsNames} those of clusters in force. */
  private Set<String> edsInForce = Set.of();

  /** Clusters with something newer than what is in force. */
  private final Set<String> warming = new LinkedHashSet<>();

  private Set<SecretRef> secrets = Set.of();
  private final Set<SecretRef> secretsSettled = new HashSet<>();
  private boolean listenersSeen;
  private boolean tablesOut;
  private boolean tablesStale;
  private long version;

  /**
   * @param dnsDomain the process's own, {@code shop.svc.cluster.local}, so that short names of
   *     services are understood; may be empty
   */
  public ConfigStore(TablesListener out, String dnsDomain) {
    this.out = out;
    this.dnsDomain = dnsDomain;
  }

  /**
   * Applies one response of the control plane; types that are not compiled here are ignored.
   *
   * @param full a state of the world: listeners and clusters that are not in it are gone (endpoints
   *     and routes never are)
   * @return refused resources by name with {@code field: reason}, to be NACKed; of those the last
   *     good one stays, and every other one of the response is used
   */
  public Map<String, String> apply(
      String typeUrl,
      Collection<ConfigResource> resources,
      Collection<String> removed,
      boolean full) {
    Map<String, String> refused = new LinkedHashMap<>();
    switch (typeUrl) {
      case CLUSTER -> {
        accept(clusters, resources, refused, Cluster.parser(), this::cluster);
        resources.forEach(resource -> warming.add(resource.name()));
        remove(clusters, resources, removed, full, this::clusterGone);
        updateEdsNames();
      }
      case ENDPOINTS -> endpoints(resources, refused);
      case LISTENER -> {
        listenersSeen = true;
        accept(listeners, resources, refused, Listener.parser(), this::listener);
        remove(listeners, resources, removed, full, name -> tablesStale = true);
        updateRouteNames();
      }
      case ROUTES -> {
        accept(
            routes,
            wanted(resources, routeNames),
            refused,
            RouteConfiguration.parser(),
            this::routes);
        refused.keySet().forEach(this::withoutRoutes);
      }
      default -> {
        return refused;
      }
    }
    boolean moved = settle();
    if (moved || typeUrl.equals(CLUSTER) || typeUrl.equals(LISTENER)) {
      updateSecrets();
    }
    return refused;
  }

  /**
   * The wait for a resource is over: what needs it goes into force without it (a cluster without
   * endpoints, a listener without routes). It may still come.
   */
  public void giveUp(String typeUrl, String name) {
    if (typeUrl.equals(ENDPOINTS) && edsNames.contains(name)) {
      withoutEndpoints(name);
    } else if (typeUrl.equals(ROUTES) && routeNames.contains(name)) {
      withoutRoutes(name);
    }
    settle();
  }

  /**
   * A secret is there, or the wait for it is over: what needs it goes into force (without it, its
   * connections are refused).
   */
  public void secretSettled(SecretRef secret) {
    if (secrets.contains(secret) && secretsSettled.add(secret)) {
      settle();
      updateSecrets();
    }
  }

  /** Secrets to fetch. */
  public Set<SecretRef> secrets() {
    return secrets;
  }

  /** Nobody waits for a resource that was refused, as in Envoy. */
  private void withoutEndpoints(String name) {
    Slot<ClusterEndpoints> slot = endpoints.computeIfAbsent(name, n -> new Slot<>());
    if (slot.live() == null) {
      slot.enforce(new ClusterEndpoints(name, List.of(), 140));
    }
  }

  private void withoutRoutes(String name) {
    Slot<CompiledRouteTable> slot = routes.computeIfAbsent(name, n -> new Slot<>());
    if (slot.live() == null && slot.latest() == null) {
      slot.enforce(CompiledRouteTable.empty(name));
      tablesStale = true;
    }
  }

  /** Route configurations to ask for, sorted. */
  public Set<String> routeNames() {
    return routeNames;
  }

  /** Endpoints to ask for, sorted. */
  public Set<String> edsNames() {
    return edsNames;
  }

  /** Compiles one message; the name is the one on the wire. */
  private interface Compile<P, T> {
    @Nullable T compile(String name, P message);
  }

  private <P, T> void accept(
      Map<String, Slot<T>> slots,
      Collection<ConfigResource> resources,
      Map<String, String> refused,
      Parser<P> parser,
      Compile<P, T> compile) {
    Set<String> names = new HashSet<>();
    for (ConfigResource resource : resources) {
      if (!names.add(resource.name())) {
        refused.put(resource.name(), "name: comes twice in one response");
        continue;
      }
      Slot<T> slot = slots.get(resource.name());
      ByteString digest = digest(resource.message());
      if (slot != null && slot.same(digest)) {
        continue;
      }
      try {
        P message = TypedConfig.parse(parser, resource.message());
        T compiled = compile.compile(resource.name(), message);
        if (slot == null) {
          slot = new Slot<>();
          slots.put(resource.name(), slot);
        }
        slot.accept(compiled, digest);
      } catch (ConfigException e) {
        refused.put(resource.name(), String.valueOf(e.getMessage()));
      } catch (RuntimeException | StackOverflowError e) {
        // A defect here, not in the resource; it must not end the stream for all others.
        refused.put(resource.name(), "cannot be compiled: " + e);
      }
    }
  }

  private static void checkName(String wire, String own) {
    if (!wire.equals(own)) {
      throw new ConfigException("name", "is '" + own + "' in the message, '" + wire + "' outside");
    }
  }

  private ClusterConfig cluster(String name, Cluster proto) {
    checkName(name, proto.getName());
    return ClusterCompiler.compile(proto);
  }

  private @Nullable CompiledListener listener(String name, Listener proto) {
    checkName(name, proto.getName());
    return ListenerCompiler.compile(proto, clusters::containsKey);
  }

  private CompiledRouteTable routes(String name, RouteConfiguration proto) {
    checkName(name, proto.getName());
    CompiledRouteTable table = RouteTableCompiler.compile(proto);
    if (proto.getValidateClusters().getValue()) {
      HttpManagerCompiler.requireClusters("virtual_hosts", table, clusters::containsKey);
    }
    return table;
  }

  private void endpoints(Collection<ConfigResource> resources, Map<String, String> refused) {
    Collection<ConfigResource> wanted = wanted(resources, edsNames);
    accept(
        endpoints,
        wanted,
        refused,
        ClusterLoadAssignment.parser(),
        (name, proto) -> {
          checkName(name, proto.getClusterName());
          if (proto.getPolicy().getDropOverloadsCount() > 0) {
            throw ConfigException.notYet("policy.drop_overloads", "not implemented");
          }
          return EndpointCompiler.compile(name, proto);
        });
    refused.keySet().forEach(this::withoutEndpoints);
    for (ConfigResource resource : wanted) {
      Slot<ClusterEndpoints> slot = endpoints.get(resource.name());
      ClusterEndpoints latest = slot == null ? null : slot.latest();
      if (slot != null && latest != null && slot.pending()) {
        slot.enforce();
        if (edsInForce.contains(resource.name())) {
          out.onEndpoints(latest);
        }
      }
    }
  }

  /**
   * What nobody asked for is not kept: it would be stale when somebody does, and the control plane
   * sends it anew then.
   */
  private static Collection<ConfigResource> wanted(
      Collection<ConfigResource> resources, Set<String> names) {
    return resources.stream().filter(resource -> names.contains(resource.name())).toList();
  }

  private static <T> void remove(
      Map<String, Slot<T>> slots,
      Collection<ConfigResource> resources,
      Collection<String> removed,
      boolean full,
      java.util.function.Consumer<String> gone) {
    Set<String> names = new HashSet<>(removed);
    if (full) {
      names.addAll(slots.keySet());
      resources.forEach(resource -> names.remove(resource.name()));
    }
    for (String name : names) {
      if (slots.remove(name) != null) {
        gone.accept(name);
      }
    }
  }

  private void clusterGone(String name) {
    out.onClusterRemoved(name);
  }

  private void updateEdsNames() {
    Set<String> names = new TreeSet<>();
    Set<String> inForce = new HashSet<>();
    for (Slot<ClusterConfig> slot : clusters.values()) {
      edsName(slot.latest(), names);
      edsName(slot.live(), names);
      edsName(slot.live(), inForce);
    }
    edsInForce = inForce;
    if (!names.equals(edsNames)) {
      edsNames = names;
      endpoints.keySet().retainAll(names);
      out.onSubscriptions();
    }
  }

  private static void edsName(@Nullable ClusterConfig cluster, Set<String> names) {
    if (cluster != null && cluster.discovery() == Discovery.EDS) {
      names.add(cluster.edsName());
    }
  }

  private void updateRouteNames() {
    Set<String> names = new TreeSet<>();
    for (Slot<CompiledListener> slot : listeners.values()) {
      CompiledListener latest = slot.latest();
      CompiledListener live = slot.live();
      if (latest != null) {
        names.addAll(latest.routeNames());
      }
      if (live != null && live != latest) {
        names.addAll(live.routeNames());
      }
    }
    if (!names.equals(routeNames)) {
      routeNames = names;
      routes.keySet().retainAll(names);
      out.onSubscriptions();
    }
  }

  /**
   * Puts in force what is ready, from the clusters up.
   *
   * @return whether a cluster or listener came into force
   */
  private boolean settle() {
    boolean clustersMoved = false;
    for (Iterator<String> names = warming.iterator(); names.hasNext(); ) {
      Slot<ClusterConfig> slot = clusters.get(names.next());
      ClusterConfig latest = slot == null ? null : slot.latest();
      if (slot == null || latest == null || !slot.pending()) {
        names.remove();
      } else if (ready(latest)) {
        names.remove();
        slot.enforce();
        clustersMoved = true;
        out.onCluster(latest);
        Slot<ClusterEndpoints> own = endpoints.get(latest.edsName());
        ClusterEndpoints hosts = own == null ? null : own.live();
        if (latest.discovery() == Discovery.EDS && hosts != null) {
          out.onEndpoints(hosts);
        }
      }
    }
    if (clustersMoved) {
      updateEdsNames();
    }
    for (Slot<CompiledRouteTable> slot : routes.values()) {
      CompiledRouteTable latest = slot.latest();
      if (slot.pending() && latest != null && clustersReady(latest.clusters())) {
        slot.enforce();
        tablesStale = true;
      }
    }
    boolean listenersMoved = false;
    for (Slot<CompiledListener> slot : listeners.values()) {
      CompiledListener latest = slot.latest();
      if (slot.pending() && (latest == null || ready(latest))) {
        slot.enforce();
        tablesStale = true;
        listenersMoved = true;
      }
    }
    if (listenersMoved) {
      updateRouteNames();
    }
    publish();
    return clustersMoved || listenersMoved;
  }

  private void updateSecrets() {
    Set<SecretRef> needed = new LinkedHashSet<>();
    for (Slot<ClusterConfig> slot : clusters.values()) {
      for (ClusterConfig cluster : slot.both()) {
        needed.addAll(cluster.sockets().secrets());
      }
    }
    for (Slot<CompiledListener> slot : listeners.values()) {
      for (CompiledListener listener : slot.both()) {
        needed.addAll(listener.secrets());
      }
    }
    if (!needed.equals(secrets)) {
      secrets = needed;
      secretsSettled.retainAll(needed);
      out.onSubscriptions();
    }
  }

  private boolean ready(ClusterConfig cluster) {
    if (!secretsSettled.containsAll(cluster.sockets().secrets())) {
      return false;
    }
    if (cluster.discovery() != Discovery.EDS) {
      return true;
    }
    Slot<ClusterEndpoints> slot = endpoints.get(cluster.edsName());
    return slot != null && slot.live() != null;
  }

  private boolean ready(CompiledListener listener) {
    if (!secretsSettled.containsAll(listener.secrets())) {
      return false;
    }
    for (String name : listener.routeNames()) {
      Slot<CompiledRouteTable> slot = routes.get(name);
      if (slot == null || slot.live() == null) {
        return false;
      }
    }
    return clustersReady(listener.clusters());
  }

  /** A cluster that does not exist is not waited for: its requests get their 503 at once. */
  private boolean clustersReady(Set<String> names) {
    for (String name : names) {
      Slot<ClusterConfig> slot = clusters.get(name);
      if (slot != null && slot.live() == null) {
        return false;
      }
    }
    return true;
  }

  private void publish() {
    if (!tablesStale && tablesOut || !listenersSeen) {
      return;
    }
    if (!tablesOut && listeners.values().stream().anyMatch(Slot::pending)) {
      return;
    }
    Function<String, CompiledRouteTable> tables = this::liveRoutes;
    Map<String, BoundListener> now = new TreeMap<>();
    listeners.forEach(
        (name, slot) -> {
          CompiledListener live = slot.live();
          if (live != null) {
            now.put(name, BoundListener.bind(live, tables::apply, bound.get(name)));
          }
        });
    bound = now;
    ListenerNames names = new ListenerNames(dnsDomain);
    names.read(now.values(), tables);
    tablesStale = false;
    tablesOut = true;
    out.onTables(
        new MeshTables(
            ++version,
            new CompiledOutboundTable(now.values(), names.addresses(), names.hostPorts()),
            new CompiledInboundTable(now.values())));
  }

  private CompiledRouteTable liveRoutes(String name) {
    Slot<CompiledRouteTable> slot = routes.get(name);
    CompiledRouteTable live = slot == null ? null : slot.live();
    return live == null ? CompiledRouteTable.empty(name) : live;
  }

  private static ByteString digest(ByteString message) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      message.asReadOnlyByteBufferList().forEach(sha::update);
      return ByteString.copyFrom(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
