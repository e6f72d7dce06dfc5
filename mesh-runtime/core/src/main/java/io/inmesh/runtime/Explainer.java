package io.inmesh.runtime;

import com.google.protobuf.ByteString;
import io.inmesh.call.BodyTraits;
import io.inmesh.call.Call;
import io.inmesh.call.CallContext;
import io.inmesh.call.CallEngine;
import io.inmesh.call.CallEnvironment;
import io.inmesh.call.CallListener;
import io.inmesh.call.Capabilities;
import io.inmesh.call.Command;
import io.inmesh.call.Event;
import io.inmesh.call.Exclusions;
import io.inmesh.call.Outcome;
import io.inmesh.config.HttpFilterConfig;
import io.inmesh.config.HttpManager;
import io.inmesh.config.InboundChain;
import io.inmesh.config.InboundTable.ConnectionFacts;
import io.inmesh.config.MeshTables;
import io.inmesh.config.OutboundTarget;
import io.inmesh.config.RbacConfig;
import io.inmesh.config.RbacPolicy;
import io.inmesh.config.RbacRules;
import io.inmesh.config.RetryPolicy;
import io.inmesh.config.Route;
import io.inmesh.config.RouteAction;
import io.inmesh.config.RouteTrials;
import io.inmesh.config.VirtualHost;
import io.inmesh.http.Connection;
import io.inmesh.http.RequestHead;
import io.inmesh.match.RequestFacts;
import io.inmesh.upstream.Cluster;
import io.inmesh.upstream.Clusters;
import io.inmesh.upstream.Host;
import io.inmesh.xds.TypeUrl;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Says what would become of a request, by asking the engine itself: the call is begun, and given up
 * where its first attempt would start. Nothing is sent, nothing is counted.
 */
final class Explainer {
  private final Clusters clusters;
  private final Supplier<@Nullable MeshTables> tables;
  private final ConfigArchive archive;
  private final LongSupplier random;
  private final CallEngine engine;

  Explainer(
      Clusters clusters,
      Supplier<@Nullable MeshTables> tables,
      ConfigArchive archive,
      LongSupplier random,
      Exclusions exclusions) {
    this.clusters = clusters;
    this.tables = tables;
    this.archive = archive;
    this.random = random;
    this.engine =
        new CallEngine(
            new CallEnvironment(clusters, random, CallListener.NONE), tables, exclusions);
  }

  Map<String, @Nullable Object> outbound(RequestHead head) {
    Map<String, @Nullable Object> walk = asked("outbound", head);
    MeshTables now = tables.get();
    if (now == null) {
      walk.put("outcome", "503: no configuration has arrived yet");
      return walk;
    }
    RequestHead asked = head.copy();
    Call call =
        engine.outbound(
            head,
            BodyTraits.NONE,
            CallContext.NONE,
            Capabilities.BASIC,
            () -> {},
            System.nanoTime());
    if (call == null) {
      walk.put("outcome", "left alone: the destination is excluded, or no part of the mesh");
      return walk;
    }
    String authority = asked.authority();
    int colon = authority.lastIndexOf(':');
    int port = colon < 0 ? 80 : port(authority.substring(colon + 1));
    OutboundTarget to =
        now.outbound().http(colon < 0 ? authority : authority.substring(0, colon), port);
    RequestHead routed = head.copy();
    String outcome = dryRun(call, routed);
    place(walk, call.outcome());
    if (to instanceof OutboundTarget.Http http) {
      routes(walk, http.manager(), asked);
    }
    walk.put("outcome", outcome);
    return walk;
  }

  Map<String, @Nullable Object> inbound(RequestHead head, Connection from) {
    Map<String, @Nullable Object> walk = asked("inbound", head);
    walk.put("peer", from.peer() == null ? "none" : from.peer());
    walk.put("port", from.localPort());
    MeshTables now = tables.get();
    if (now == null) {
      walk.put("outcome", "503: no configuration has arrived yet");
      return walk;
    }
    InboundChain chain =
        now.inbound()
            .find(
                new ConnectionFacts(
                    from.localIp(),
                    from.localPort(),
                    from.remoteIp(),
                    from.tls(),
                    from.sni(),
                    from.tls() ? from.alpn() : List.of("http/1.1")));
    Call call =
        engine.inbound(
            head, BodyTraits.NONE, from, Capabilities.BASIC, () -> {}, System.nanoTime());
    String outcome = dryRun(call, head.copy());
    place(walk, call.outcome());
    if (chain != null) {
      List<@Nullable Object> policies = new ArrayList<>();
      policies(policies, chain.networkRbac(), head, from);
      if (chain.http() != null) {
        policies(policies, chain.http().filters(), head, from);
      }
      walk.put("policies", policies);
    }
    walk.put("outcome", outcome);
    return walk;
  }

  private static int port(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("not a port: " + text, e);
    }
  }

  private static Map<String, @Nullable Object> asked(String direction, RequestHead head) {
    Map<String, @Nullable Object> walk = new LinkedHashMap<>();
    walk.put("direction", direction);
    walk.put("request", head.method() + " " + head.authority() + head.path());
    return walk;
  }

  /** Until the first command that would do something; then the caller is gone. */
  private static String dryRun(Call call, RequestHead head) {
    String outcome = "nothing yet: a filter waits for somebody else's answer";
    long now = System.nanoTime();
    for (Command command; (command = call.poll(now)) != null; ) {
      if (command instanceof Command.Start start) {
        outcome =
            "sent to "
                + start.host().address()
                + " over "
                + (start.wire().tls() == null ? "plaintext " : "mTLS ")
                + start.wire().protocol();
        break;
      } else if (command instanceof Command.Dispatch) {
        outcome = "handed to the application";
        break;
      } else if (command instanceof Command.Reply reply) {
        outcome =
            "answered by the mesh: "
                + reply.head().status()
                + " "
                + call.outcome().flags()
                + " "
                + call.outcome().details();
        break;
      } else if (command instanceof Command.Done) {
        break;
      }
    }
    String details = call.outcome().details();
    call.on(new Event.CallerGone(), now);
    for (Command command;
        (command = call.poll(now)) != null && !(command instanceof Command.Done); ) {
      // what is left of it
    }
    return outcome.isEmpty() ? details : outcome;
  }

  private static void place(Map<String, @Nullable Object> walk, Outcome outcome) {
    walk.put("listener", outcome.listener());
    some(walk, "virtual_host", outcome.virtualHost());
    some(walk, "route", outcome.route());
    some(walk, "policy", outcome.policy() == null ? "" : outcome.policy());
    some(walk, "failure", outcome.failure() == null ? "" : outcome.failure());
  }

  private static void some(Map<String, @Nullable Object> walk, String key, String value) {
    if (!value.isEmpty()) {
      walk.put(key, value);
    }
  }

  private void routes(Map<String, @Nullable Object> walk, HttpManager manager, RequestHead asked) {
    VirtualHost host = manager.routes().find(asked.authority());
    if (host == null) {
      walk.put("routes", "no virtual host of " + manager.routes().name() + " has this authority");
      return;
    }
    ConfigArchive.Kept kept = archive.of(TypeUrl.ROUTE_CONFIGURATION).get(manager.routes().name());
    if (kept != null) {
      walk.put("routes", trials(kept.body(), host.name(), asked));
    }
    Route route = host.route(asked, random);
    if (route == null || !(route.action() instanceof RouteAction.Forward forward)) {
      return;
    }
    limits(walk, forward);
    RouteAction.Target target = forward.clusters().choose(asked, random);
    Cluster cluster = target == null ? null : clusters.find(target.cluster());
    walk.put("cluster", target == null ? "none" : target.cluster());
    if (cluster != null) {
      walk.put("endpoints", endpoints(cluster));
    }
  }

  /** Those after the first that matches are not looked at. */
  private static List<@Nullable Object> trials(
      ByteString routes, String virtualHost, RequestHead asked) {
    List<@Nullable Object> tried = new ArrayList<>();
    boolean found = false;
    for (RouteTrials.Trial trial : RouteTrials.of(routes, virtualHost, asked)) {
      Map<String, @Nullable Object> one = new LinkedHashMap<>();
      one.put("route", trial.name().isEmpty() ? "#" + trial.place() : trial.name());
      one.put("match", trial.match());
      one.put(
          "result",
          !trial.matches() ? trial.whyNot() : found ? "matches, but comes later" : "taken");
      found |= trial.matches();
      tried.add(one);
    }
    return tried;
  }

  private static void limits(Map<String, @Nullable Object> walk, RouteAction.Forward forward) {
    walk.put("timeout", millis(forward.timeoutNanos()));
    RetryPolicy retry = forward.retry();
    if (retry == null) {
      walk.put("retries", "none");
      return;
    }
    Map<String, @Nullable Object> retries = new LinkedHashMap<>();
    retries.put("on", retry.on().toString());
    retries.put("most", retry.numRetries());
    retries.put("per_try_timeout", millis(retry.perTryNanos()));
    walk.put("retries", retries);
  }

  private static String millis(long nanos) {
    return nanos == 0 ? "none" : nanos / 1_000_000 + " ms";
  }

  private static List<@Nullable Object> endpoints(Cluster cluster) {
    long now = System.nanoTime();
    List<@Nullable Object> endpoints = new ArrayList<>();
    for (Host host : cluster.hosts()) {
      Map<String, @Nullable Object> one = new LinkedHashMap<>();
      one.put("address", host.address());
      one.put("state", host.ejected(now) ? "ejected by outlier detection" : host.health().name());
      one.put("priority", host.priority());
      one.put("weight", host.endpoint().weight());
      one.put("active", host.active());
      endpoints.add(one);
    }
    return endpoints;
  }

  private static void policies(
      List<@Nullable Object> into,
      List<HttpFilterConfig> filters,
      RequestHead head,
      Connection from) {
    RequestFacts facts =
        new RequestFacts() {
          @Override
          public RequestHead head() {
            return head;
          }

          @Override
          public Connection connection() {
            return from;
          }
        };
    for (HttpFilterConfig filter : filters) {
      if (filter instanceof RbacConfig rbac) {
        judged(into, rbac.name(), rbac.rules(), facts);
        judged(into, rbac.name() + " (shadow)", rbac.shadow(), facts);
      }
    }
  }

  private static void judged(
      List<@Nullable Object> into, String name, @Nullable RbacRules rules, RequestFacts facts) {
    if (rules == null) {
      return;
    }
    List<@Nullable Object> all = new ArrayList<>();
    for (RbacPolicy policy : rules.policies()) {
      Map<String, @Nullable Object> one = new LinkedHashMap<>();
      boolean permission = policy.permission().matches(facts);
      boolean principal = policy.principal().matches(facts);
      one.put("policy", policy.name());
      one.put(
          "result",
          permission && principal
              ? "matches"
              : permission
                  ? "the caller does not match"
                  : principal ? "the request does not match" : "nothing matches");
      all.add(one);
    }
    RbacPolicy matched = rules.match(facts);
    Map<String, @Nullable Object> one = new LinkedHashMap<>();
    one.put("filter", name);
    one.put("action", rules.action().name());
    one.put("result", rules.allows(matched) ? "allowed" : "denied");
    some(one, "by", matched == null ? "" : matched.name());
    one.put("policies", all);
    into.add(one);
  }
}
