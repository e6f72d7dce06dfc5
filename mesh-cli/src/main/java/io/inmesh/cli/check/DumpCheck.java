package io.inmesh.cli.check;

import com.google.protobuf.ByteString;
import io.inmesh.cli.ClusterName;
import io.inmesh.cli.Json;
import io.inmesh.cli.check.Dump.Resource;
import io.inmesh.cli.check.Readiness.ServiceReadiness;
import io.inmesh.config.ConfigReview;
import io.inmesh.config.ConfigReview.Part;
import io.inmesh.config.ConfigReview.Result;
import io.inmesh.config.NotYet;
import io.inmesh.ledger.JsonResource;
import io.inmesh.ledger.Ledger;
import io.inmesh.ledger.LedgerFinding;
import io.inmesh.ledger.LedgerReport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Judges one dump: the support ledger says which fields do not happen, the configuration compilers
 * say whose requests would be refused. One instance for one dump.
 */
final class DumpCheck {
  static final String INBOUND = "inbound";
  static final String OTHERS = "other destinations";

  private static final String PREFIX = "type.googleapis.com/";
  private static final String VIRTUAL_HOST = "envoy.config.route.v3.VirtualHost";
  private static final Map<String, String> KINDS =
      Map.of(
          DumpReader.LISTENER, "listeners",
          DumpReader.ROUTES, "route tables",
          DumpReader.CLUSTER, "clusters",
          DumpReader.ENDPOINTS, "load assignments",
          DumpReader.EXTENSION, "extensions");

  private final Dump dump;
  private final Set<String> clusterNames = new LinkedHashSet<>();
  private final Set<String> inboundClusters = new LinkedHashSet<>();
  private final Map<String, String> serviceOfCluster = new HashMap<>();
  private final Map<String, Set<String>> servicesOfTable = new HashMap<>();
  private final Reasons reasons = new Reasons();
  private final List<String> unreadable = new ArrayList<>();

  DumpCheck(Dump dump) {
    this.dump = dump;
    clusterNames.addAll(dump.ownClusters());
    of(DumpReader.CLUSTER).forEach(cluster -> clusterNames.add(cluster.name()));
  }

  Readiness check() {
    Map<Resource, Compiled> listeners = new LinkedHashMap<>();
    for (Resource listener : of(DumpReader.LISTENER)) {
      Compiled compiled = compile(listener);
      if (compiled != null) {
        listeners.put(listener, compiled);
        if (compiled.result().inbound()) {
          compiled.result().parts().forEach(part -> inboundClusters.addAll(part.clusters()));
        }
      }
    }
    of(DumpReader.CLUSTER).forEach(this::cluster);
    of(DumpReader.ENDPOINTS).forEach(this::endpoints);
    of(DumpReader.ROUTES).forEach(this::routes);
    listeners.forEach(this::listener);
    of(DumpReader.EXTENSION).forEach(this::extension);
    return report();
  }

  private List<Resource> of(String type) {
    return dump.resources().stream().filter(resource -> resource.typeUrl().equals(type)).toList();
  }

  /** A resource as bytes, with what the ledger and the compilers say of it. */
  private record Compiled(List<Reason> reasons, Result result) {}

  private @Nullable Compiled compile(Resource resource) {
    ByteString bytes;
    List<Reason> found = new ArrayList<>();
    try {
      bytes = ledger(resource, resource.typeUrl(), resource.tree(), found);
    } catch (IllegalArgumentException e) {
      unreadable.add(resource.name() + ": " + e.getMessage());
      return null;
    }
    Result result = ConfigReview.of(PREFIX + resource.typeUrl(), bytes, clusterNames::contains);
    if (result.refused() != null) {
      String where = resource.name();
      found.add(new Reason(Verdict.NOT_READY, "", "is not accepted: " + result.refused(), where));
    }
    return new Compiled(found, result);
  }

  /** What the ledger says of a message; the bytes that it looked at. */
  private static ByteString ledger(
      Resource resource, String type, Map<String, @Nullable Object> tree, List<Reason> found) {
    Ledger ledger = Ledger.get();
    JsonResource read = ledger.fromJson(type, tree);
    LedgerReport report = ledger.walk(type, read.bytes());
    List<LedgerFinding> unknown = new ArrayList<>(read.notRead());
    report.unknown().stream().filter(f -> !JsonResource.isMark(f)).forEach(unknown::add);
    add(found, resource, Verdict.NOT_READY, report.refused());
    add(found, resource, Verdict.READY_EXCEPT, report.notYet());
    add(found, resource, Verdict.READY_EXCEPT, unknown);
    return read.bytes();
  }

  private static void add(
      List<Reason> found, Resource resource, Verdict verdict, List<LedgerFinding> findings) {
    for (LedgerFinding finding : findings) {
      String where =
          finding.where().isEmpty() ? resource.name() : resource.name() + ": " + finding.where();
      found.add(new Reason(verdict, finding.field(), finding.reason(), where));
    }
  }

  private static List<Reason> refused(List<NotYet> all) {
    return ConfigReview.distinct(all).stream()
        .map(
            why ->
                new Reason(
                    Verdict.NOT_READY,
                    JsonResource.withoutMark(why.field()),
                    why.reason() + (why.security() ? " (403)" : " (503)"),
                    why.resource()))
        .toList();
  }

  private void cluster(Resource resource) {
    Compiled compiled = compile(resource);
    String service = ClusterName.of(resource.name()).service();
    if (compiled != null && !compiled.result().parts().isEmpty()) {
      Part part = compiled.result().parts().get(0);
      service = part.service().isEmpty() ? service : part.service();
    }
    String of = isInbound(resource.name()) ? INBOUND : service(service);
    serviceOfCluster.put(resource.name(), of);
    if (compiled != null) {
      reasons.add(of, compiled.reasons());
      compiled.result().parts().forEach(part -> reasons.add(of, refused(part.notYet())));
    } else {
      reasons.add(of, List.of());
    }
  }

  private boolean isInbound(String cluster) {
    return inboundClusters.contains(cluster)
        || cluster.startsWith("inbound|")
        || cluster.startsWith("InboundPassthrough");
  }

  private static String service(String name) {
    return switch (name) {
      case "PassthroughCluster", "BlackHoleCluster", "allow_any", "block_all" -> OTHERS;
      default -> name;
    };
  }

  private void endpoints(Resource resource) {
    Compiled compiled = compile(resource);
    if (compiled != null && (!compiled.reasons().isEmpty())) {
      reasons.add(serviceOf(resource.name()), compiled.reasons());
    }
  }

  private String serviceOf(String cluster) {
    String known = serviceOfCluster.get(cluster);
    return known == null ? service(ClusterName.of(cluster).service()) : known;
  }

  /** The table itself concerns all of its virtual hosts, each of these its own service. */
  private void routes(Resource resource) {
    Set<String> services = new LinkedHashSet<>();
    servicesOfTable.put(resource.name(), services);
    Map<String, @Nullable Object> outer = new LinkedHashMap<>(resource.tree());
    outer.remove("virtual_hosts");
    outer.remove("virtualHosts");
    List<Reason> all = new ArrayList<>();
    try {
      for (Object host : Json.list(Json.get(resource.tree(), "virtual_hosts"))) {
        List<Reason> own = new ArrayList<>();
        Map<String, @Nullable Object> tree = Json.map(host);
        ledger(resource, VIRTUAL_HOST, tree, own);
        String service = host(Dump.name(tree));
        services.add(service);
        reasons.add(service, own);
      }
      ledger(resource, resource.typeUrl(), outer, all);
    } catch (IllegalArgumentException e) {
      unreadable.add(resource.name() + ": " + e.getMessage());
      return;
    }
    Compiled compiled = compile(resource);
    if (compiled != null) {
      compiled.reasons().stream().filter(reason -> reason.field().isEmpty()).forEach(all::add);
      compiled
          .result()
          .parts()
          .forEach(part -> reasons.add(host(part.name()), refused(part.notYet())));
    }
    services.forEach(service -> reasons.add(service, all));
  }

  /** {@code reviews.shop.svc.cluster.local:8080}: the service without its port. */
  private static String host(String virtualHost) {
    int colon = virtualHost.lastIndexOf(':');
    boolean port = colon > 0 && virtualHost.substring(colon + 1).matches("[0-9]+");
    return service(port ? virtualHost.substring(0, colon) : virtualHost);
  }

  private void listener(Resource resource, Compiled compiled) {
    Result result = compiled.result();
    if (result.ignored() || isOwn(resource.name())) {
      return;
    }
    Set<String> all = new LinkedHashSet<>();
    for (Part part : result.parts()) {
      Set<String> services = new LinkedHashSet<>();
      if (result.inbound()) {
        services.add(INBOUND);
      } else {
        services.addAll(servicesOfTable.getOrDefault(String.valueOf(part.routes()), Set.of()));
        part.clusters().forEach(cluster -> services.add(serviceOf(cluster)));
      }
      services.forEach(service -> reasons.add(service, refused(part.notYet())));
      all.addAll(services);
    }
    if (all.isEmpty()) {
      all.add(OTHERS);
    }
    all.forEach(service -> reasons.add(service, compiled.reasons()));
  }

  /** Kuma gives its sidecars a listener for their own admin server. */
  private static boolean isOwn(String listener) {
    return listener.startsWith("kuma:");
  }

  private void extension(Resource resource) {
    List<Reason> found = new ArrayList<>();
    try {
      ledger(resource, resource.typeUrl(), resource.tree(), found);
    } catch (IllegalArgumentException e) {
      unreadable.add(resource.name() + ": " + e.getMessage());
    }
    for (String service : reasons.services()) {
      if (reasons.of(service).stream().anyMatch(DumpCheck::discovered)) {
        reasons.add(service, found);
      }
    }
  }

  private static boolean discovered(Reason reason) {
    return reason.field().endsWith(".config_discovery");
  }

  private Readiness report() {
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (String type :
        List.of(
            DumpReader.LISTENER,
            DumpReader.ROUTES,
            DumpReader.CLUSTER,
            DumpReader.ENDPOINTS,
            DumpReader.EXTENSION)) {
      if (!of(type).isEmpty()) {
        counts.put(String.valueOf(KINDS.get(type)), of(type).size());
      }
    }
    List<ServiceReadiness> services = new ArrayList<>();
    for (String service : reasons.services()) {
      List<Reason> all = reasons.of(service);
      Verdict verdict = Verdict.READY;
      for (Reason reason : all) {
        verdict = verdict.worse(reason.verdict());
      }
      services.add(new ServiceReadiness(service, verdict, all));
    }
    return new Readiness(dump.workload(), dump.source(), counts, List.copyOf(services), unreadable);
  }
}
