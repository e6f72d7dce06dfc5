package io.inmesh.admin;

import io.inmesh.runtime.AdminView;
import io.inmesh.telemetry.MetricFamily;
import io.inmesh.telemetry.PrometheusText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** Which page is behind which path: Envoy's paths where Envoy has them. */
final class Pages {
  private static final String HELP =
      """
      /certs             certificates that are shown and believed
      /clusters          hosts and their state (?format=json)
      /config_dump       what the control plane has sent and was accepted (?include_eds)
      /explain           what would become of a request: ?method=GET&authority=reviews.shop:8080&path=/x&header=a:b
                         served here: &direction=inbound&port=8080&peer=spiffe://... (&format=json)
      /refusals          the last answers of the mesh itself, with the way there (?format=json)
      /logging           levels of the mesh's loggers; POST ?<logger>=<level>
      /ready             200 LIVE, or 503
      /server_info       this process
      /stats             Envoy's names (?filter=<regex>, &format=json)
      /stats/prometheus  every number
      """;

  private final AdminView view;

  Pages(AdminView view) {
    this.view = view;
  }

  /** Given on every address. */
  static boolean open(String path) {
    return path.equals("/stats/prometheus") || path.equals("/ready");
  }

  Page page(String method, String path, Query query) {
    boolean reads = method.equals("GET") || method.equals("HEAD");
    if (!reads && !path.equals("/logging")) {
      return Page.text(405, "only GET\n");
    }
    return switch (path) {
      case "/", "/help" -> Page.text(200, HELP);
      case "/certs" -> Page.json(view.certs());
      case "/clusters" ->
          query.first("format", "text").equals("json")
              ? Page.json(view.clustersTree())
              : Page.text(200, view.clusters());
      case "/config_dump" -> Page.json(view.configDump(query.has("include_eds")));
      case "/explain" -> Explain.page(view, query);
      case "/refusals" -> Explain.refusals(view, query);
      case "/logging" -> Logging.page(reads, query);
      case "/ready" ->
          view.status().ready() ? Page.text(200, "LIVE\n") : Page.text(503, "INITIALIZING\n");
      case "/server_info" -> Page.json(view.serverInfo());
      case "/stats" -> query.first("format", "").equals("prometheus") ? prometheus() : stats(query);
      case "/stats/prometheus" -> prometheus();
      default -> Page.text(404, "no such page; there are\n" + HELP);
    };
  }

  private Page prometheus() {
    return new Page(200, PrometheusText.CONTENT_TYPE, PrometheusText.of(view.metrics()));
  }

  /** {@code name: value}, sorted; numbers without a name of Envoy's under Prometheus's. */
  private Page stats(Query query) {
    Pattern filter;
    try {
      filter = Pattern.compile(query.first("filter", ""));
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("filter: " + e.getMessage(), e);
    }
    Map<String, String> lines = new TreeMap<>();
    for (MetricFamily family : view.metrics()) {
      for (MetricFamily.Point point : family.points()) {
        String name = point.stat().isEmpty() ? family.name() + labels(point) : point.stat();
        String value =
            family.type() == MetricFamily.Type.HISTOGRAM
                ? "count " + point.count() + ", sum " + (long) point.value()
                : Long.toString((long) point.value());
        if (filter.matcher(name).find()) {
          lines.put(name, value);
        }
      }
    }
    if (query.first("format", "text").equals("json")) {
      List<@Nullable Object> stats = new ArrayList<>();
      lines.forEach(
          (name, value) -> {
            Map<String, @Nullable Object> one = new LinkedHashMap<>();
            one.put("name", name);
            one.put("value", value.startsWith("count ") ? value : Long.valueOf(value));
            stats.add(one);
          });
      return Page.json(Map.of("stats", stats));
    }
    StringBuilder text = new StringBuilder();
    lines.forEach((name, value) -> text.append(name).append(": ").append(value).append('\n'));
    return Page.text(200, text.toString());
  }

  private static String labels(MetricFamily.Point point) {
    if (point.labels().size() == 0) {
      return "";
    }
    StringBuilder text = new StringBuilder("{");
    for (int i = 0; i < point.labels().size(); i++) {
      text.append(i == 0 ? "" : ",")
          .append(point.labels().name(i))
          .append('=')
          .append(point.labels().value(i));
    }
    return text.append('}').toString();
  }
}
