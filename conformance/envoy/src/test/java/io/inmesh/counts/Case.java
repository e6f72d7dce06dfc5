package io.inmesh.counts;

import io.inmesh.differential.Protos;
import io.inmesh.proto.envoy.config.cluster.v3.Cluster;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;

/**
 * A cluster, a route to it, the requests, and what has to come out.
 *
 * @param name says what is shown
 * @param members in the words of {@link Members}
 * @param cluster further fields as JSON, without braces
 * @param route further fields of the route's action as JSON, without braces
 * @param expected what the play tells under a real Envoy
 */
record Case(
    String name,
    String members,
    String cluster,
    String route,
    Play play,
    String expected,
    Judgement judgement) {

  /** The requests, in order. */
  @FunctionalInterface
  interface Play {
    /** What it tells is the same for both, and stated. */
    Object on(Side side) throws Exception;
  }

  /**
   * A case with neither further fields nor requests yet.
   *
   * @param members e.g. {@code h0 h1}
   */
  static Case of(String name, String members) {
    return new Case(name, members, "", "", side -> "", "", Judgement.EXACT);
  }

  Case cluster(String more) {
    return new Case(name, members, join(cluster, more), route, play, expected, judgement);
  }

  Case route(String more) {
    return new Case(name, members, cluster, join(route, more), play, expected, judgement);
  }

  /**
   * @param told what {@code by} tells under a real Envoy
   */
  Case played(Object told, Play by, Judgement judged) {
    return new Case(name, members, cluster, route, by, told.toString(), judged);
  }

  /** Hosts are counted exactly. */
  Case played(Object told, Play by) {
    return played(told, by, Judgement.EXACT);
  }

  /** Names the cluster. */
  String id() {
    return name.replaceAll("[^A-Za-z0-9]", "_");
  }

  Judgement.Played on(Side side) throws Exception {
    String told = play.on(side).toString();
    return new Judgement.Played(told, Tally.of(side.seen()));
  }

  @Override
  public String toString() {
    return name;
  }

  private static String join(String some, String more) {
    return some.isEmpty() ? more : some + "," + more;
  }

  /** Breakers are wide open and changes hold at once unless the case says otherwise. */
  Cluster proto(Hosts hosts) {
    Cluster.Builder proto = Cluster.newBuilder();
    Protos.merge(
        """
        {"type":"STATIC","connect_timeout":"1s",
         "load_assignment":{"cluster_name":"%s","endpoints":%s}%s}"""
            .formatted(id(), Members.json(members, hosts), cluster.isEmpty() ? "" : "," + cluster),
        proto);
    proto.setName(id());
    proto.getCommonLbConfigBuilder().getUpdateMergeWindowBuilder();
    return proto.build();
  }

  HttpConnectionManager manager() {
    String action = "{\"cluster\":\"%s\"%s}".formatted(id(), route.isEmpty() ? "" : "," + route);
    HttpConnectionManager.Builder manager = HttpConnectionManager.newBuilder();
    Protos.merge(
        """
        {"stat_prefix":"%s","route_config":{"name":"%s","validate_clusters":false,"virtual_hosts":[{"name":"all","domains":["*"],"routes":[
         {"match":{"prefix":"/","headers":[{"name":"x-priority","string_match":{"exact":"high"}}]},"route":%s},
         {"match":{"prefix":"/"},"route":%s}]}]},
         "http_filters":[{"name":"envoy.filters.http.router","typed_config":
         {"@type":"type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}]}"""
            .formatted(
                id(),
                id(),
                action.substring(0, action.length() - 1) + ",\"priority\":\"HIGH\"}",
                action),
        manager);
    return manager.build();
  }
}
