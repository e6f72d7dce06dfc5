package io.inmesh.conformance.sidecars;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.conformance.sidecars.Way.Asked;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each request goes from an Envoy to an Envoy, and then with Inmesh on either side: the caller gets
 * the same answer and the application sees the same request. The tables are in target/sidecars.
 */
class SidecarInteropTest {
  private static final Path REPORTS = Path.of("target/sidecars");
  private static final Duration SOON = Duration.ofSeconds(20);
  private static Shop shop;

  @TempDir static Path directory;

  private static final List<Asked> REQUESTS =
      List.of(
          Asked.get("/hello?a=b&c=%20d"),
          Asked.post("/hello", "some body"),
          Asked.post("/empty", ""),
          Asked.get("/status/404"),
          Asked.get("/status/503"),
          Asked.get("/status/204"),
          // what a caller may not say
          Asked.get("/x", "x-forwarded-client-cert", "By=spiffe://forged;URI=spiffe://forged"),
          Asked.get(
              "/x",
              "x-envoy-retry-on",
              "5xx",
              "x-envoy-max-retries",
              "9",
              "x-envoy-upstream-rq-timeout-ms",
              "1",
              "x-envoy-internal",
              "true",
              "x-envoy-attempt-count",
              "7"),
          Asked.get("/x", "x-envoy-decorator-operation", "mine"),
          Asked.get("/x", "x-request-id", "mine", "x-forwarded-proto", "https"),
          Asked.get("/x", "x-forwarded-for", "192.0.2.1", "x-envoy-original-path", "/y"),
          Asked.get("/x", "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
          // policy, and the path that it sees
          Asked.get("/admin"),
          Asked.get("/admin/x", "content-type", "application/grpc"),
          Asked.get("/%61dmin"),
          Asked.get("/admin;a=b"),
          Asked.get("/admin%2fx"),
          Asked.get("//admin"),
          Asked.get("/ADMIN"),
          Asked.get("/x%2Fy"),
          Asked.get("/%c3%a9"),
          Asked.get("/known/caller"),
          Asked.get("/not-clients/x"));

  enum Mode {
    STRICT,
    PERMISSIVE,
    DISABLE;

    boolean mutual() {
      return this != DISABLE;
    }

    boolean plaintext() {
      return this != STRICT;
    }
  }

  @BeforeAll
  static void start() throws Exception {
    Files.createDirectories(REPORTS);
    shop = new Shop(directory, Duration.ofHours(1));
  }

  @AfterAll
  static void stop() throws Exception {
    if (shop != null) {
      shop.close();
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void everybodyAnswersAlike(Mode mode) throws Exception {
    shop.mode(mode.name());
    await().atMost(SOON).untilAsserted(() -> inForce(mode));
    for (boolean http2 : new boolean[] {false, true}) {
      Map<String, Map<Way, Answer>> table = new LinkedHashMap<>();
      for (Asked asked : REQUESTS) {
        Map<Way, Answer> row = new LinkedHashMap<>();
        for (Way way : Way.values()) {
          row.put(way, way.ask(shop, http2, asked));
        }
        table.put(asked.name(), row);
      }
      report(mode + (http2 ? " h2" : " h1"), table);
      List<String> differences = new ArrayList<>();
      table.forEach(
          (name, row) ->
              row.forEach(
                  (way, answer) -> {
                    String reference = row.get(Way.ENVOY_TO_ENVOY).text();
                    if (!answer.text().equals(reference)) {
                      differences.add(
                          name
                              + " "
                              + way
                              + "\n--- Envoy to Envoy\n"
                              + reference
                              + "\n--- "
                              + way
                              + "\n"
                              + answer.text()
                              + "\n");
                    }
                  }));
      assertThat(String.join("\n", differences)).as(mode + " http2=" + http2).isEmpty();
      assertThat(table.values())
          .as("requests that were denied")
          .filteredOn(row -> row.get(Way.ENVOY_TO_ENVOY).status() == 403)
          .hasSizeGreaterThan(4);
    }
    assertThat(shop.refused).isEmpty();
  }

  /** The mode is in force on either server: with whom they speak, and what they call him. */
  private static void inForce(Mode mode) throws IOException {
    for (Way way : Way.values()) {
      Answer answer = way.ask(shop, false, Asked.get("/hello"));
      assertThat(answer.status()).as(way + "\n" + answer.text()).isEqualTo(200);
      assertThat(answer.peer())
          .as("%s: who the server thinks calls", way)
          .isEqualTo(mode.mutual() ? "spiffe://cluster.local/ns/shop/sa/" + client(way) : "");
    }
    for (List<Integer> ports : List.of(shop.envoyPorts, shop.inmeshPorts)) {
      for (boolean http2 : new boolean[] {false, true}) {
        Answer plain = plaintext(ports.get(http2 ? 1 : 0), http2);
        assertThat(plain.status()).isEqualTo(mode.plaintext() ? 200 : 0);
        assertThat(plain.peer()).isEmpty();
      }
    }
  }

  private static String client(Way way) {
    return way.name().startsWith("ENVOY") ? "envoy-client" : "inmesh-client";
  }

  /** A caller without any sidecar. */
  private static Answer plaintext(int port, boolean http2) {
    OkHttpClient client = Shop.plain(http2 ? Protocol.H2_PRIOR_KNOWLEDGE : Protocol.HTTP_1_1);
    Request request =
        new Request.Builder()
            .url("http://127.0.0.1:" + port + "/hello")
            .header("x-forwarded-client-cert", "By=spiffe://forged;URI=spiffe://forged")
            .build();
    try (Response response = client.newCall(request).execute()) {
      return Answer.of(response);
    } catch (IOException e) {
      return Answer.none();
    } finally {
      client.connectionPool().evictAll();
    }
  }

  @Test
  void withoutASidecarEitherServerSaysTheSame() throws Exception {
    shop.mode("PERMISSIVE");
    await().atMost(SOON).untilAsserted(() -> inForce(Mode.PERMISSIVE));
    for (boolean http2 : new boolean[] {false, true}) {
      int at = http2 ? 1 : 0;
      assertThat(withoutHost(plaintext(shop.inmeshPorts.get(at), http2)))
          .isEqualTo(withoutHost(plaintext(shop.envoyPorts.get(at), http2)));
    }
  }

  /** TLS where none is spoken, to a port that is declared HTTP. */
  @Test
  void whatIsNoHttpReachesNoApplication() throws Exception {
    shop.mode("DISABLE");
    await().atMost(SOON).untilAsserted(() -> inForce(Mode.DISABLE));
    for (int port : List.of(shop.envoyPorts.get(0), shop.inmeshPorts.get(0))) {
      try (Socket socket = new Socket("127.0.0.1", port)) {
        socket.setSoTimeout(5_000);
        byte[] hello = new byte[512]; // as a ClientHello begins, and nothing that HTTP knows
        hello[0] = 0x16;
        hello[1] = 3;
        hello[2] = 1;
        socket.getOutputStream().write(hello);
        socket.getOutputStream().flush();
        String said = new String(socket.getInputStream().readAllBytes(), US_ASCII);
        // Envoy may close without a word
        assertThat(said).as("port " + port).matches("(?s)|HTTP/1.1 400.*onnection: close.*");
      }
    }
  }

  /** Each server is called by its own address, and Envoy's operation is its Sidecar's. */
  private static String withoutHost(Answer answer) {
    return answer
        .text()
        .replaceAll("127\\.0\\.0\\.1:\\d+", "ADDRESS")
        .replaceAll("x-envoy-decorator-operation: server.shop.*", "x-envoy-decorator-operation");
  }

  private static void report(String title, Map<String, Map<Way, Answer>> table) throws IOException {
    StringBuilder text = new StringBuilder("# " + title + "\n\n");
    table.forEach(
        (name, row) -> {
          text.append("## ").append(name).append("\n\n|");
          row.keySet().forEach(way -> text.append(' ').append(way).append(" |"));
          text.append("\n|").append("---|".repeat(row.size())).append("\n|");
          row.values()
              .forEach(
                  answer ->
                      text.append(' ')
                          .append(answer.text().replace("|", "\\|").replace("\n", "<br>"))
                          .append(" |"));
          text.append("\n\n");
        });
    Files.writeString(REPORTS.resolve(title.replace(' ', '-') + ".md"), text);
  }
}
