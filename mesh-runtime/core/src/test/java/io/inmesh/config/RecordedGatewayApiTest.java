package io.inmesh.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.inmesh.recordings.Recordings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * Over 300 requests that were put to a real Envoy with the recorded Gateway API resources:
 * listener, route, cluster, rewritten path and host, edited headers, redirects and direct answers
 * are the same here.
 */
class RecordedGatewayApiTest {
  private final Map<String, Replay> replays = new HashMap<>();
  private final List<String> wrong = new ArrayList<>();
  private int checked;

  @Test
  void routesAreWhatEnvoyMadeOfThem() throws IOException {
    for (String scenario : Recordings.scenarios("istio-gateway-api")) {
      Path file = Recordings.directory(scenario).resolve("expected.jsonl");
      for (String line : Files.readAllLines(file)) {
        check(scenario, map(new Load(LoadSettings.builder().build()).loadFromString(line)));
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(checked).isGreaterThan(300);
  }

  private void check(String scenario, Map<String, Object> line) {
    String to = text(line, "to");
    String path = text(line, "path");
    boolean normalised = path.contains("%") || path.contains("/.") || path.contains("\\");
    if (to.startsWith("inbound") || normalised) {
      return; // filters decide inbound; paths are normalised before routing, in call
    }
    int step = line.containsKey("step") ? ((Number) line.get("step")).intValue() : 99;
    Replay mesh =
        replays.computeIfAbsent(
            scenario + "#" + line.get("node") + "#" + step,
            key -> Replay.of(scenario, text(line, "node"), step));
    String id = scenario + " " + line.get("id");
    Map<String, Object> expect = map(line.get("expect"));
    int colon = to.lastIndexOf(':');
    OutboundTarget target =
        mesh.tables()
            .outbound()
            .http(to.substring(0, colon), Integer.parseInt(to.substring(colon + 1)));
    if (expect.containsKey("refused")) {
      boolean refused = mesh.refused.containsKey(text(line, "routeConfiguration"));
      same(id + " refused", true, refused);
      return;
    }
    checked++;
    if (expect.containsKey("tcp")) {
      same(
          id,
          true,
          target instanceof OutboundTarget.Tcp tcp && tcp.cluster().equals(expect.get("cluster")));
      return;
    }
    if (!(target instanceof OutboundTarget.Http http)) {
      wrong.add(id + ": " + target);
      return;
    }
    same(id + " listener", line.get("listener"), http.manager().listener());
    same(id + " routes", line.get("routeConfiguration"), http.manager().routes().name());
    request(id, line, expect, http.manager());
  }

  private void request(
      String id, Map<String, Object> line, Map<String, Object> expect, HttpManager manager) {
    List<String> headers = new ArrayList<>(List.of(":method", text(line, "method")));
    for (Object header : list(line.get("headers"))) {
      list(header).forEach(part -> headers.add(String.valueOf(part)));
    }
    RequestHead head =
        Replay.head(
            "http://" + text(line, "authority") + text(line, "path"),
            headers.toArray(String[]::new));
    VirtualHost host = manager.routes().find(head.authority());
    Route route = host == null ? null : host.route(head, () -> 0);
    if (route == null) {
      same(id + " details", expect.get("details"), "route_not_found");
      return;
    }
    if (expect.containsKey("route")) {
      same(id + " route", expect.get("route"), route.name());
    }
    RouteAction action = route.action();
    if (action instanceof RouteAction.Redirect redirect) {
      same(id + " status", expect.get("status"), redirect.status());
      same(id + " location", expect.get("location"), redirect.location().location(head));
    } else if (action instanceof RouteAction.DirectResponse direct) {
      if (!expect.containsKey("grpcStatus")) { // else the status is turned into gRPC's
        same(id + " status", expect.get("status"), direct.status());
      }
    } else if (action instanceof RouteAction.Forward forward) {
      forwarded(id, expect, route, forward, head);
    } else {
      wrong.add(id + ": " + action);
    }
  }

  private void forwarded(
      String id,
      Map<String, Object> expect,
      Route route,
      RouteAction.Forward forward,
      RequestHead head) {
    Set<String> clusters = new HashSet<>();
    RouteAction.Target chosen = null;
    for (int i = 0; i < 1000; i++) {
      int random = i;
      RouteAction.Target one = forward.clusters().choose(head, () -> random);
      if (one != null) {
        clusters.add(one.cluster());
        chosen = one.cluster().equals(expect.get("cluster")) ? one : chosen;
      }
    }
    map(expect.get("shares"))
        .keySet()
        .forEach(
            share -> {
              String cluster = share.substring(0, share.lastIndexOf(' '));
              if (!cluster.equals("None")) {
                same(id + " share", true, clusters.contains(cluster));
              }
            });
    if (expect.containsKey("cluster")) {
      same(
          id + " cluster " + clusters,
          expect.get("cluster"),
          chosen == null ? "" : chosen.cluster());
    }
    List<Object> upstream = list(expect.get("upstream"));
    if (chosen != null && !upstream.isEmpty()) {
      for (Object one : upstream) {
        if (chosen.cluster().equals(map(one).get("cluster"))) { // the others are mirrors
          sent(id, map(one), route, forward, chosen, head);
          return;
        }
      }
    }
  }

  private void sent(
      String id,
      Map<String, Object> upstream,
      Route route,
      RouteAction.Forward forward,
      RouteAction.Target target,
      RequestHead head) {
    String path = text(upstream, "line").split(" ", -1)[1];
    same(
        id + " path",
        path,
        forward.rewrite() == null ? head.path() : forward.rewrite().rewrite(head.path()));
    Headers edited = head.headers().copy();
    target.requestEdits().apply(edited, HeaderEdits.FormatValues.EMPTY);
    route.requestEdits().apply(edited, HeaderEdits.FormatValues.EMPTY);
    String host = target.hostRewrite() == null ? forward.hostRewrite() : target.hostRewrite();
    Headers expected = new Headers();
    for (Object header : list(upstream.get("headers"))) {
      String name = String.valueOf(list(header).get(0));
      String value = String.valueOf(list(header).get(1));
      if (name.equals("host")) {
        same(id + " host", value, host == null ? head.authority() : host);
      } else if (!name.startsWith("x-envoy-")
          && !name.equals("content-length")
          && !name.equals("transfer-encoding")
          && !name.startsWith("x-forwarded")
          && !name.equals("x-request-id")) {
        expected.add(name, value);
      }
    }
    for (int i = 0; i < expected.size(); i++) {
      String name = expected.name(i);
      same(id + " header " + name, expected.joined(name), edited.joined(name));
    }
    for (int i = 0; i < edited.size(); i++) {
      if (!edited.name(i).startsWith("x-envoy")) {
        same(id + " extra " + edited.name(i), true, expected.contains(edited.name(i)));
      }
    }
  }

  private void same(String what, @Nullable Object expected, @Nullable Object found) {
    if (!java.util.Objects.equals(expected, found)) {
      wrong.add(what + ": expected " + expected + ", found " + found);
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(@Nullable Object value) {
    return value == null ? Map.of() : (Map<String, Object>) value;
  }

  @SuppressWarnings("unchecked")
  private static List<Object> list(@Nullable Object value) {
    return value == null ? List.of() : (List<Object>) value;
  }

  private static String text(Map<String, Object> map, String key) {
    return String.valueOf(map.get(key));
  }
}
