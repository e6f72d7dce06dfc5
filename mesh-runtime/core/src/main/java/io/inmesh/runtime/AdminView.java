package io.inmesh.runtime;

import io.inmesh.MeshStatus;
import io.inmesh.config.CircuitBreakers;
import io.inmesh.config.MeshTables;
import io.inmesh.http.Connection;
import io.inmesh.http.RequestHead;
import io.inmesh.identity.IdentityStore;
import io.inmesh.identity.WorkloadIdentity;
import io.inmesh.proto.envoy.config.core.v3.Node;
import io.inmesh.telemetry.MetricFamily;
import io.inmesh.telemetry.Metrics;
import io.inmesh.telemetry.Refusals;
import io.inmesh.upstream.Cluster;
import io.inmesh.upstream.Clusters;
import io.inmesh.upstream.Host;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the admin server shows, in maps and lists in the shape of Envoy's JSON. Never a
 * key, a token or a header's value. Thread-safe.
 */
public final class AdminView {
  private final Instant started = Instant.now();
  private final Node node;
  private final Clusters clusters;
  private final IdentityStore identity;
  private final ConfigArchive archive;
  private final @Nullable Metrics metrics;
  private final Supplier<MeshStatus> status;
  private final Supplier<@Nullable MeshTables> tables;
  private final Explainer explainer;
  private final Refusals refusals;

  AdminView(
      Node node,
      Clusters clusters,
      IdentityStore identity,
      ConfigArchive archive,
      @Nullable Metrics metrics,
      Supplier<MeshStatus> status,
      Supplier<@Nullable MeshTables> tables,
      Explainer explainer,
      Refusals refusals) {
    this.node = node;
    this.clusters = clusters;
    this.identity = identity;
    this.archive = archive;
    this.metrics = metrics;
    this.status = status;
    this.tables = tables;
    this.explainer = explainer;
    this.refusals = refusals;
  }

  public MeshStatus status() {
    return status.get();
  }

  /** What would become of a call of this application: the walk. Nothing is sent or counted. */
  public Map<String, @Nullable Object> explainCall(RequestHead head) {
    return explainer.outbound(head);
  }

  /** What would become of a request to this application. */
  public Map<String, @Nullable Object> explainServed(RequestHead head, Connection from) {
    return explainer.inbound(head, from);
  }

  /** The last answers that the mesh itself gave, newest first. */
  public List<Refusals.Refusal> refusals() {
    return refusals.last();
  }

  /** {@code /config_dump}. */
  public Map<String, @Nullable Object> configDump(boolean endpoints) {
    return ConfigDump.of(archive, node, endpoints);
  }

  /** Every number that is counted; empty where {@code inmesh.metrics} is off. */
  public List<MetricFamily> metrics() {
    return metrics == null ? List.of() : metrics.read();
  }

  private List<Cluster> sorted() {
    return clusters.all().stream().sorted(Comparator.comparing(Cluster::name)).toList();
  }

  /** {@code /clusters}, Envoy's lines. */
  public String clusters() {
    StringBuilder text = new StringBuilder();
    long now = System.nanoTime();
    for (Cluster cluster : sorted()) {
      String name = cluster.name() + "::";
      breaker(text, name + "default_priority::", cluster.config().breakers());
      breaker(text, name + "high_priority::", cluster.config().highPriorityBreakers());
      for (Host host : cluster.hosts()) {
        String of = name + host.address() + "::";
        text.append(of).append("rq_active::").append(host.active()).append('\n');
        text.append(of).append("hostname::").append(host.endpoint().hostname()).append('\n');
        text.append(of).append("health_flags::").append(flags(host, now)).append('\n');
        text.append(of).append("weight::").append(host.endpoint().weight()).append('\n');
        text.append(of).append("priority::").append(host.priority()).append('\n');
      }
    }
    return text.toString();
  }

  private static void breaker(StringBuilder text, String of, CircuitBreakers limits) {
    text.append(of).append("max_pending_requests::").append(limits.maxPendingRequests());
    text.append('\n');
    text.append(of).append("max_requests::").append(limits.maxRequests()).append('\n');
    text.append(of).append("max_retries::").append(limits.maxRetries()).append('\n');
  }

  private static String flags(Host host, long now) {
    String flags =
        (host.ejected(now) ? "/failed_outlier_check" : "")
            + switch (host.health()) {
              case HEALTHY -> "";
              case DEGRADED -> "/degraded_eds_health";
              case UNHEALTHY -> "/failed_eds_health";
            };
    return flags.isEmpty() ? "healthy" : flags;
  }

  /** {@code /clusters?format=json}: {@code envoy.admin.v3.Clusters}. */
  public Map<String, @Nullable Object> clustersTree() {
    long now = System.nanoTime();
    List<@Nullable Object> statuses = new ArrayList<>();
    for (Cluster cluster : sorted()) {
      List<@Nullable Object> hosts = new ArrayList<>();
      for (Host host : cluster.hosts()) {
        hosts.add(host(host, now));
      }
      Map<String, @Nullable Object> one = new LinkedHashMap<>();
      one.put("name", cluster.name());
      one.put("added_via_api", true);
      one.put("host_statuses", hosts);
      statuses.add(one);
    }
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("cluster_statuses", statuses);
    return tree;
  }

  private static Map<String, @Nullable Object> host(Host host, long now) {
    Map<String, @Nullable Object> socket = new LinkedHashMap<>();
    socket.put("address", host.endpoint().host());
    socket.put("port_value", host.endpoint().port());
    Map<String, @Nullable Object> health = new LinkedHashMap<>();
    if (host.ejected(now)) {
      health.put("failed_outlier_check", true);
    }
    health.put("eds_health_status", host.health().name());
    Map<String, @Nullable Object> active = new LinkedHashMap<>();
    active.put("name", "rq_active");
    active.put("type", "GAUGE");
    active.put("value", Integer.toString(host.active()));
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("address", Map.of("socket_address", socket));
    tree.put("stats", List.of(active));
    tree.put("health_status", health);
    tree.put("weight", host.endpoint().weight());
    tree.put("hostname", host.endpoint().hostname());
    tree.put("priority", host.priority());
    return tree;
  }

  /** {@code /certs}: {@code envoy.admin.v3.Certificates}, without files and without keys. */
  public Map<String, @Nullable Object> certs() {
    WorkloadIdentity now = identity.current();
    List<@Nullable Object> certificates = new ArrayList<>();
    if (now != null) {
      List<@Nullable Object> roots = new ArrayList<>();
      now.roots().forEach(root -> roots.add(certificate(root)));
      List<@Nullable Object> chain = new ArrayList<>();
      now.chain().forEach(link -> chain.add(certificate(link)));
      Map<String, @Nullable Object> one = new LinkedHashMap<>();
      one.put("ca_cert", roots);
      one.put("cert_chain", chain);
      certificates.add(one);
    }
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("certificates", certificates);
    return tree;
  }

  private static Map<String, @Nullable Object> certificate(X509Certificate certificate) {
    Instant end = certificate.getNotAfter().toInstant();
    List<@Nullable Object> names = new ArrayList<>();
    io.inmesh.identity.PeerIdentity.uris(certificate).forEach(uri -> names.add(Map.of("uri", uri)));
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("serial_number", certificate.getSerialNumber().toString(16));
    tree.put("subject_alt_names", names);
    tree.put(
        "days_until_expiration",
        Long.toString(Math.max(0, Duration.between(Instant.now(), end).toDays())));
    tree.put("valid_from", certificate.getNotBefore().toInstant().toString());
    tree.put("expiration_time", end.toString());
    return tree;
  }

  /** {@code /server_info}: {@code envoy.admin.v3.ServerInfo}, as far as a process has it. */
  public Map<String, @Nullable Object> serverInfo() {
    MeshStatus now = status();
    MeshTables inForce = tables.get();
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    String version = AdminView.class.getPackage().getImplementationVersion();
    tree.put("version", "inmesh/" + (version == null ? "unknown" : version));
    tree.put("state", now.ready() ? "LIVE" : "INITIALIZING");
    tree.put("uptime_current_epoch", Duration.between(started, Instant.now()).toSeconds() + "s");
    Map<String, @Nullable Object> self = new LinkedHashMap<>();
    self.put("id", node.getId());
    self.put("cluster", node.getCluster());
    tree.put("node", self);
    tree.put("identity", now.identity());
    tree.put("control_plane_connected", now.connected());
    tree.put("configuration_version", inForce == null ? 0 : inForce.version());
    if (now.lastFailure() != null) {
      tree.put("last_failure", now.lastFailure());
    }
    return tree;
  }
}
