package io.inmesh.differential;

import io.inmesh.envoy.EnvoyBinary;
import io.inmesh.envoy.RealEnvoy;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.inmesh.telemetry.MetricFamily;
import io.inmesh.telemetry.Metrics;
import io.inmesh.telemetry.Telemetry;
import java.io.BufferedInputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same requests through a real Envoy and through the engine: the same counters under the same
 * names, and the same lines in the access log but for times and addresses.
 */
class TelemetryDifferentialTest {
  private static final String HCM =
      "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

  /** What is counted on both sides; connections are the HTTP library's. */
  private static final Pattern COMPARED =
      Pattern.compile(
          "cluster\\.[^.]+\\.((external\\.|retry\\.)?upstream_rq_(\\d\\d\\d|\\dxx|completed)"
              + "|upstream_rq_(total|retry|retry_success|retry_overflow|retry_limit_exceeded"
              + "|retry_backoff_exponential|timeout|per_try_timeout|pending_overflow|tx_reset)"
              + "|upstream_cx_(none_healthy|connect_fail))"
              + "|http\\.s\\.(downstream_rq_(total|completed|\\dxx)"
              + "|no_route|no_cluster|rq_total|rq_redirect|rq_direct_response)");

  private static final String FORMAT =
      "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL% %RESPONSE_CODE%"
          + " %RESPONSE_FLAGS% %RESPONSE_FLAGS_LONG% %RESPONSE_CODE_DETAILS%"
          + " %CONNECTION_TERMINATION_DETAILS% %BYTES_RECEIVED% %BYTES_SENT%"
          + " \\\"%REQ(X-FORWARDED-FOR)%\\\" \\\"%REQ(USER-AGENT):5%\\\" \\\"%REQ(:AUTHORITY)%\\\""
          + " %UPSTREAM_CLUSTER_RAW% %UPSTREAM_HOST% %UPSTREAM_REQUEST_ATTEMPT_COUNT%"
          + " %REQUESTED_SERVER_NAME% %ROUTE_NAME% %RESP(X-UP)% %GRPC_STATUS% %RESP(NONE)%"
          + " %QUERY_PARAM(x)%\\n";

  private static final String JSON =
      "{\"z\":\"%RESPONSE_CODE%\",\"a\":\"%REQ(USER-AGENT)%\",\"b\":{\"y\":\"%REQ(:PATH)%"
          + " %RESPONSE_FLAGS%\",\"c\":\"%UPSTREAM_REQUEST_ATTEMPT_COUNT%\"},\"n\":4,\"t\":true,"
          + "\"d\":\"%DOWNSTREAM_PEER_URI_SAN%\"}";

  private static final List<Asked> REQUESTS =
      List.of(
          Asked.get("a", "/ok?x=1", "user-agent", "curl/8.1"),
          scripted("/ok", "404"),
          scripted("/ok", "503"),
          new Asked("POST", "a", "/ok", List.of(), "some body", "200"),
          new Asked("HEAD", "a", "/ok", List.of(), null, "200"),
          scripted("/retry", "503,200"),
          scripted("/retry", "503"),
          scripted("/retry", "drop,503,204"),
          scripted("/ok", "drop"),
          scripted("/slow", "hang"),
          scripted("/try", "hang,200"),
          scripted("/try", "hang"),
          Asked.get("a", "/refused"),
          Asked.get("a", "/empty"),
          Asked.get("a", "/nowhere"),
          Asked.get("a", "/direct"),
          Asked.get("a", "/redirect"),
          Asked.get("b", "/unknown"));

  private Upstreams upstreams;

  @TempDir Path work;

  @BeforeEach
  void start() throws Exception {
    EnvoyBinary.require();
    upstreams = new Upstreams();
  }

  @AfterEach
  void stop() throws Exception {
    upstreams.close();
  }

  private static Asked scripted(String path, String script) {
    return new Asked("GET", "a", path, List.of(), null, script);
  }

  private static String route(String path, String action) {
    return "{\"name\":\"" + path + "\",\"match\":{\"prefix\":\"/" + path + "\"}," + action + "}";
  }

  private static String to(String cluster, String more) {
    return "\"route\":{\"cluster\":\"" + cluster + "\"" + more + "}";
  }

  private static String manager(Path log) {
    return "\"stat_prefix\":\"s\",\"route_config\":{\"name\":\"r\",\"virtual_hosts\":[{\"name\":\"a\",\"domains\":[\"a\"],\"routes\":["
        + String.join(
            ",",
            route("ok", to("c0", "")),
            route(
                "retry",
                to(
                    "c1",
                    ",\"retry_policy\":{\"retry_on\":\"5xx\",\"num_retries\":2,\"retry_back_off\":{\"base_interval\":\"0.001s\"}}")),
            route("slow", to("c0", ",\"timeout\":\"0.2s\"")),
            route(
                "try",
                to(
                    "c2",
                    ",\"retry_policy\":{\"retry_on\":\"5xx\",\"num_retries\":1,\"per_try_timeout\":\"0.2s\"}")),
            route("refused", to("refused", "")),
            route("empty", to("empty", "")),
            route(
                "direct",
                "\"direct_response\":{\"status\":418,\"body\":{\"inline_string\":\"tea\"}}"),
            route("redirect", "\"redirect\":{\"path_redirect\":\"/ok\"}"))
        + "]}]},\"access_log\":["
        + file(log, "\"text_format_source\":{\"inline_string\":\"" + FORMAT + "\"}")
        + ","
        + file(log.resolveSibling("json.log"), "\"json_format\":" + JSON)
        + "],\"http_filters\":[{\"name\":\"router\",\"typed_config\":{\"@type\":\"type.googleapis.com/envoy.extensions.filters.http.router.v3.Router\"}}]}";
  }

  private static String file(Path path, String format) {
    return "{\"name\":\"file\",\"typed_config\":{\"@type\":\"type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog\",\"path\":\""
        + path
        + "\",\"log_format\":{"
        + format
        + "}}}";
  }

  /** What one side says. */
  private record Said(Map<String, Long> counters, List<String> text, List<String> json) {}

  @Test
  void bothCountAndLogTheSame() throws Exception {
    Said envoy = envoy();
    Said inmesh = inmesh();
    SoftAssertions all = new SoftAssertions();
    all.assertThat(inmesh.text()).as("access log").isEqualTo(envoy.text());
    all.assertThat(inmesh.json()).as("JSON access log").isEqualTo(envoy.json());
    all.assertThat(inmesh.counters()).as("counters").isEqualTo(envoy.counters());
    all.assertAll();
  }

  private Said envoy() throws Exception {
    Path directory = Files.createDirectories(work.resolve("envoy"));
    Path log = RealEnvoy.accessLog(directory);
    String bootstrap =
        "{\"static_resources\":{\"listeners\":[{\"name\":\"s\",\"address\":{\"socket_address\":{\"address\":\"127.0.0.1\",\"port_value\":0}},\"filter_chains\":[{\"filters\":[{\"name\":\"hcm\",\"typed_config\":{\"@type\":\""
            + HCM
            + "\","
            + manager(log)
            + "}]}]}],\"clusters\":"
            + upstreams.clusters()
            + "}}";
    Map<String, Long> counters = new TreeMap<>();
    try (RealEnvoy envoy = RealEnvoy.start(bootstrap, directory)) {
      for (int i = 0; i < REQUESTS.size(); i++) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), envoy.port("s"))) {
          socket.setSoTimeout(30_000);
          socket
              .getOutputStream()
              .write(REQUESTS.get(i).wire("case-" + i).getBytes(StandardCharsets.ISO_8859_1));
          Wire.Response.read(
              new BufferedInputStream(socket.getInputStream()), REQUESTS.get(i).method());
        }
      }
      for (String line : envoy.admin("/stats").split("\n")) {
        int colon = line.lastIndexOf(": ");
        String name = colon < 0 ? line : line.substring(0, colon);
        if (COMPARED.matcher(name).matches()) {
          put(counters, name, Long.parseLong(line.substring(colon + 2).strip()));
        }
      }
    }
    return new Said(counters, lines(log), Files.readAllLines(log.resolveSibling("json.log")));
  }

  private Said inmesh() throws Exception {
    Path log = Files.createDirectories(work.resolve("inmesh")).resolve("access.log");
    HttpConnectionManager.Builder manager = HttpConnectionManager.newBuilder();
    Protos.merge("{" + manager(log), manager);
    Telemetry[] telemetry = new Telemetry[1];
    InmeshSide side =
        InmeshSide.of(
            new Scenario(false, manager.build(), REQUESTS),
            upstreams,
            of -> telemetry[0] = Telemetry.builder(() -> of.now).metrics().build());
    for (Asked asked : REQUESTS) {
      EngineCall.outbound(side, asked);
    }
    Metrics metrics = Objects.requireNonNull(telemetry[0].metrics());
    Map<String, Long> counters = new TreeMap<>();
    for (MetricFamily family : metrics.read()) {
      for (MetricFamily.Point point : family.points()) {
        if (COMPARED.matcher(point.stat()).matches()) {
          put(counters, point.stat(), (long) point.value());
        }
      }
    }
    telemetry[0].close();
    return new Said(counters, lines(log), Files.readAllLines(log.resolveSibling("json.log")));
  }

  /** Envoy has counters of zero where here there is none yet. */
  private static void put(Map<String, Long> counters, String name, long value) {
    if (value != 0) {
      counters.put(name, value);
    }
  }

  private static List<String> lines(Path log) throws Exception {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(log)) {
      // addresses, and the transport's own words
      lines.add(line.replaceAll("127\\.0\\.0\\.1:\\d+", "host").replaceAll("\\|[^}]*}", "}"));
    }
    return lines;
  }
}
