package io.inmesh.admin;

import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.runtime.AdminView;
import io.inmesh.telemetry.Refusals.Refusal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code /explain} and {@code /refusals}. */
final class Explain {
  private Explain() {}

  static Page page(AdminView view, Query query) {
    RequestHead head = head(query);
    boolean inbound =
        switch (query.first("direction", query.has("port") ? "inbound" : "outbound")) {
          case "inbound" -> true;
          case "outbound" -> false;
          default -> throw new IllegalArgumentException("direction: inbound or outbound");
        };
    return shown(
        inbound ? view.explainServed(head, connection(query)) : view.explainCall(head), query);
  }

  private static RequestHead head(Query query) {
    String authority = query.first("authority", "");
    if (authority.isEmpty()) {
      throw new IllegalArgumentException(
          "authority is missing: /explain?method=GET&authority=reviews.shop:8080&path=/reviews/1");
    }
    Headers headers = new Headers();
    for (String header : query.all("header")) {
      int colon = header.indexOf(':');
      if (colon <= 0) {
        throw new IllegalArgumentException("header: name:value, not " + header);
      }
      headers.add(
          header.substring(0, colon).strip().toLowerCase(Locale.ROOT),
          header.substring(colon + 1).strip());
    }
    return new RequestHead(
        query.first("method", "GET").toUpperCase(Locale.ROOT),
        "http",
        authority,
        query.first("path", "/"),
        headers,
        query.first("protocol", "http1").equals("http2") ? Protocol.HTTP2 : Protocol.HTTP11);
  }

  /** With a peer it is mTLS as Istio speaks it; without one plaintext. */
  private static Connection connection(Query query) {
    int port;
    try {
      port = Integer.parseInt(query.first("port", ""));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("port: the application's own, a number", e);
    }
    String local = query.first("ip", "127.0.0.1");
    String remote = query.first("peer-ip", "127.0.0.1");
    if (!query.has("peer")) {
      return Connection.plaintext(local, port, remote, 0);
    }
    return new Connection(
        local,
        port,
        remote,
        0,
        true,
        query.first("sni", ""),
        List.of("istio-http/1.1", "istio", "http/1.1"),
        List.of(query.first("peer", "")),
        List.of(),
        "",
        "",
        "",
        0);
  }

  static Page refusals(AdminView view, Query query) {
    List<@Nullable Object> all = new ArrayList<>();
    for (Refusal refusal : view.refusals()) {
      Map<String, @Nullable Object> one = new LinkedHashMap<>();
      one.put("at", refusal.at().toString());
      one.put("direction", refusal.inbound() ? "inbound" : "outbound");
      one.put("request", refusal.method() + " " + refusal.authority() + refusal.path());
      some(one, "request_id", refusal.requestId());
      some(one, "peer", refusal.peer());
      one.put("answer", refusal.status() + " " + refusal.flags() + " " + refusal.details());
      one.put("listener", refusal.listener());
      some(one, "virtual_host", refusal.virtualHost());
      some(one, "route", refusal.route());
      some(one, "cluster", refusal.cluster());
      some(one, "host", refusal.host());
      one.put("attempts", refusal.attempts());
      some(one, "policy", refusal.policy());
      some(one, "failure", refusal.failure());
      one.put("took", refusal.millis() + " ms");
      all.add(one);
    }
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("refusals", all);
    return shown(tree, query);
  }

  private static void some(Map<String, @Nullable Object> into, String key, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      into.put(key, value);
    }
  }

  private static Page shown(Map<String, @Nullable Object> tree, Query query) {
    return query.first("format", "text").equals("json")
        ? Page.json(tree)
        : Page.text(200, Outline.of(tree));
  }
}
