package io.inmesh.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.inmesh.Setting;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the application's SDK exports arrives at a receiver of OTLP. */
class OtlpTest {
  private static String all(ConcurrentLinkedQueue<byte[]> bodies) {
    StringBuilder text = new StringBuilder();
    bodies.forEach(body -> text.append(new String(body, StandardCharsets.ISO_8859_1)));
    return text.toString();
  }

  @Test
  void spansAndMetricsArrive(@TempDir Path directory) throws Exception {
    ConcurrentLinkedQueue<byte[]> traces = new ConcurrentLinkedQueue<>();
    ConcurrentLinkedQueue<byte[]> metrics = new ConcurrentLinkedQueue<>();
    HttpServer receiver =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext(
        "/",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          (exchange.getRequestURI().getPath().equals("/v1/traces") ? traces : metrics).add(body);
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    receiver.start();
    String collector = "http://127.0.0.1:" + receiver.getAddress().getPort();
    OpenTelemetrySdk sdk =
        OpenTelemetrySdk.builder()
            .setTracerProvider(
                SdkTracerProvider.builder()
                    .addSpanProcessor(
                        SimpleSpanProcessor.create(
                            OtlpHttpSpanExporter.builder()
                                .setEndpoint(collector + "/v1/traces")
                                .build()))
                    .build())
            .setMeterProvider(
                SdkMeterProvider.builder()
                    .registerMetricReader(
                        PeriodicMetricReader.builder(
                                OtlpHttpMetricExporter.builder()
                                    .setEndpoint(collector + "/v1/metrics")
                                    .build())
                            .setInterval(Duration.ofMillis(500))
                            .build())
                    .build())
            .build();
    try (RunningShop shop =
            new RunningShop(
                directory,
                config -> config.with(OpenTelemetry.class, sdk).set(Setting.TRACING, "always"));
        sdk) {
      String cluster = "outbound|" + shop.service + "||reviews.shop.svc.cluster.local";
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () -> {
                assertThat(shop.call("reviews", "/")).isEqualTo(200);
                assertThat(all(traces))
                    .contains("router " + cluster + " egress")
                    .contains("reviews.shop.svc.cluster.local:" + shop.service + "/*")
                    .contains("upstream_address")
                    .contains("127.0.0.1:" + shop.applicationPort());
                assertThat(all(metrics))
                    .contains("istio_requests_total")
                    .contains("istio_request_duration_milliseconds")
                    .contains("envoy_cluster_upstream_rq_total");
              });
    } finally {
      receiver.stop(0);
    }
  }
}
