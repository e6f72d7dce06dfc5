package io.inmesh.config;

import com.google.protobuf.ByteString;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.inmesh.recordings.Recordings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A store that is fed with a recorded conversation, and what it has put in force. */
final class Replay implements TablesListener {
  final Map<String, ClusterConfig> clusters = new LinkedHashMap<>();
  final Map<String, ClusterEndpoints> endpoints = new LinkedHashMap<>();
  final Map<String, String> refused = new LinkedHashMap<>();
  final List<String> events = new ArrayList<>();
  final ConfigStore store;
  private final String scenario;
  private final String node;
  private int at;
  @Nullable MeshTables tables;

  private Replay(String scenario, String node) {
    this.scenario = scenario;
    this.node = node;
    String id = Recordings.node(scenario, node).getId();
    this.store = new ConfigStore(this, id.substring(id.lastIndexOf('~') + 1));
  }

  static Replay of(String scenario, String node) {
    return new Replay(scenario, node);
  }

  /** Everything up to the end of that step. */
  static Replay of(String scenario, String node, int step) {
    return new Replay(scenario, node).to(step);
  }

  Replay to(int step) {
    List<Recordings.Entry> index = Recordings.index(scenario, node);
    List<DeltaDiscoveryResponse> responses = Recordings.responses(scenario, node);
    for (; at < index.size() && index.get(at).step() <= step; at++) {
      refused.putAll(feed(store, responses.get(at)));
    }
    return this;
  }

  static Map<String, String> feed(ConfigStore store, DeltaDiscoveryResponse response) {
    return store.apply(
        response.getTypeUrl(),
        response.getResourcesList().stream()
            .map(r -> new ConfigResource(r.getName(), r.getResource().getValue()))
            .toList(),
        List.copyOf(response.getRemovedResourcesList()),
        false);
  }

  static ConfigResource resource(String name, com.google.protobuf.MessageLite message) {
    ByteString bytes = message.toByteString();
    return new ConfigResource(name, bytes);
  }

  MeshTables tables() {
    return java.util.Objects.requireNonNull(tables, "no tables were put in force");
  }

  /** Everything that is in force and not enforced, for whatever request it concerns. */
  List<NotYet> notYet() {
    List<NotYet> all = new ArrayList<>();
    clusters.values().forEach(cluster -> NotYetFinder.in(cluster, all));
    NotYetFinder.in(store, all);
    return all;
  }

  /** What a plaintext request of the application does. */
  Route route(String url, String... headers) {
    return java.util.Objects.requireNonNull(find(url, headers), "no route for " + url);
  }

  @Nullable Route find(String url, String... headers) {
    RequestHead head = head(url, headers);
    VirtualHost host = manager(url).routes().find(head.authority());
    return host == null ? null : host.route(head, () -> 0);
  }

  static RequestHead head(String url, String... headers) {
    String rest = url.substring("http://".length());
    int slash = rest.indexOf('/');
    String authority = slash < 0 ? rest : rest.substring(0, slash);
    String path = slash < 0 ? "/" : rest.substring(slash);
    Headers fields = new Headers();
    String method = "GET";
    for (int i = 0; i < headers.length; i += 2) {
      if (headers[i].equals(":method")) {
        method = headers[i + 1];
      } else if (headers[i].equals(":authority")) {
        authority = headers[i + 1];
      } else {
        fields.add(headers[i], headers[i + 1]);
      }
    }
    return new RequestHead(method, "http", authority, path, fields, Protocol.HTTP11);
  }

  HttpManager manager(String url) {
    OutboundTarget target = target(url);
    if (target instanceof OutboundTarget.Http http) {
      return http.manager();
    }
    throw new AssertionError(url + " goes to " + target);
  }

  OutboundTarget target(String url) {
    String rest = url.substring("http://".length());
    int slash = rest.indexOf('/');
    String authority = slash < 0 ? rest : rest.substring(0, slash);
    int colon = authority.lastIndexOf(':');
    String host = colon < 0 ? authority : authority.substring(0, colon);
    int port = colon < 0 ? 80 : Integer.parseInt(authority.substring(colon + 1));
    return tables().outbound().http(host, port);
  }

  RouteAction.Forward forward(String url, String... headers) {
    RouteAction action = route(url, headers).action();
    if (action instanceof RouteAction.Forward forward) {
      return forward;
    }
    throw new AssertionError(url + ": " + action);
  }

  /** The cluster of a request, for a random value (the weights decide by its remainder). */
  String cluster(long random, String url, String... headers) {
    RouteAction.Target target =
        forward(url, headers).clusters().choose(head(url, headers), () -> random);
    return java.util.Objects.requireNonNull(target).cluster();
  }

  @Override
  public void onCluster(ClusterConfig cluster) {
    events.add("+" + cluster.name());
    clusters.put(cluster.name(), cluster);
  }

  @Override
  public void onEndpoints(ClusterEndpoints changed) {
    events.add("eds " + changed.edsName());
    endpoints.put(changed.edsName(), changed);
  }

  @Override
  public void onClusterRemoved(String name) {
    events.add("-" + name);
    clusters.remove(name);
  }

  @Override
  public void onTables(MeshTables changed) {
    events.add("tables " + changed.version());
    tables = changed;
  }

  @Override
  public void onSubscriptions() {
    events.add("subscriptions");
    // whoever has the secrets is not part of it
    List.copyOf(store.secrets()).forEach(store::secretSettled);
  }
}
