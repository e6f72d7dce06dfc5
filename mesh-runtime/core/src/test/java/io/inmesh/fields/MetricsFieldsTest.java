package io.inmesh.fields;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.call.Command;
import io.inmesh.call.Event;
import io.inmesh.call.ResetKind;
import io.inmesh.config.PeerMetadata;
import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import io.inmesh.http.ResponseHead;
import io.inmesh.telemetry.Labels;
import io.inmesh.telemetry.MetricFamily;
import io.inmesh.telemetry.Metrics;
import io.inmesh.telemetry.PrometheusText;
import io.inmesh.telemetry.Telemetry;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What is counted, under Envoy's and Istio's names. */
class MetricsFieldsTest {
  private static final String STATS = "'type.googleapis.com/stats.PluginConfig'";
  private static final PeerMetadata ME =
      new PeerMetadata("front-v1", "shop", "front", "v1", "front", "v1", "Kubernetes");
  private static final PeerMetadata REVIEWS =
      new PeerMetadata("reviews-v2", "shop", "reviews", "v2", "reviews", "v2", "Kubernetes");

  private final Configured mesh = new Configured();
  private final Metrics metrics;

  MetricsFieldsTest() {
    Telemetry telemetry = Telemetry.builder(() -> mesh.now).self(ME).metrics().build();
    mesh.listener = telemetry;
    metrics = Objects.requireNonNull(telemetry.metrics());
    mesh.manager("'stat_prefix': 'outbound_0.0.0.0_8080'");
  }

  private static String stats(String json) {
    return "{'name': 'istio.stats', 'typed_config': {'@type': "
        + STATS
        + (json.isEmpty() ? "" : ", " + json)
        + "}}, ";
  }

  private double stat(String name) {
    return metrics.read().stream()
        .flatMap(family -> family.points().stream())
        .filter(point -> point.stat().equals(name))
        .mapToDouble(MetricFamily.Point::value)
        .findFirst()
        .orElse(Double.NaN);
  }

  private MetricFamily.Point only(String family) {
    MetricFamily found =
        metrics.read().stream().filter(f -> f.name().equals(family)).findFirst().orElseThrow();
    assertThat(found.points()).hasSize(1);
    return found.points().get(0);
  }

  private void call() {
    Driven call = mesh.get("/");
    call.start();
    mesh.now += 3 * Configured.MS;
    call.answer(200).response();
  }

  @Test
  void aCallIsCountedForItsListenerAndItsCluster() {
    call();
    assertThat(stat("cluster.reviews.upstream_rq_total")).isEqualTo(1);
    assertThat(stat("cluster.reviews.upstream_rq_completed")).isEqualTo(1);
    assertThat(stat("cluster.reviews.upstream_rq_2xx")).isEqualTo(1);
    assertThat(stat("cluster.reviews.upstream_rq_200")).isEqualTo(1);
    assertThat(stat("http.outbound_0.0.0.0_8080.downstream_rq_total")).isEqualTo(1);
    assertThat(stat("http.outbound_0.0.0.0_8080.downstream_rq_2xx")).isEqualTo(1);
    assertThat(stat("http.outbound_0.0.0.0_8080.downstream_rq_active")).isZero();
    assertThat(PrometheusText.of(metrics.read()))
        .contains(
            "# TYPE envoy_cluster_upstream_rq_total counter\n"
                + "envoy_cluster_upstream_rq_total{envoy_cluster_name=\"reviews\"} 1\n")
        .contains(
            "envoy_cluster_upstream_rq{envoy_response_code=\"200\",envoy_cluster_name=\"reviews\"} 1")
        .contains(
            "envoy_cluster_upstream_rq_xx{envoy_response_code_class=\"2\",envoy_cluster_name=\"reviews\"} 1")
        .contains(
            "envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name=\"reviews\",le=\"5\"} 1");
  }

  @Test
  void retriesAreCountedWhereEnvoysRouterCountsThem() {
    mesh.action("'retry_policy': {'retry_on': '5xx', 'num_retries': 1}");
    Driven saved = mesh.get("/");
    saved.start();
    saved.answer(503);
    saved.toDeadline();
    saved.skipCancels();
    saved.start();
    saved.answer(200).response();
    assertThat(stat("cluster.reviews.retry.upstream_rq_503")).isEqualTo(1);
    assertThat(stat("cluster.reviews.upstream_rq_503")).isNaN();
    assertThat(stat("cluster.reviews.upstream_rq_total")).isEqualTo(2);
    assertThat(stat("cluster.reviews.upstream_rq_retry")).isEqualTo(1);
    assertThat(stat("cluster.reviews.upstream_rq_retry_success")).isEqualTo(1);
    Driven lost = mesh.get("/");
    lost.start();
    lost.answer(503);
    lost.toDeadline();
    lost.skipCancels();
    lost.start();
    lost.answer(503).response();
    assertThat(stat("cluster.reviews.upstream_rq_retry_limit_exceeded")).isEqualTo(1);
    assertThat(stat("cluster.reviews.upstream_rq_retry_success")).isEqualTo(1);
    assertThat(stat("cluster.reviews.upstream_rq_503")).isEqualTo(1);
  }

  @Test
  void whatTheRouterAnswersIsTheClustersAnswer() {
    Driven call = mesh.get("/");
    call.start();
    call.fails(ResetKind.CONNECT_FAILURE).response();
    assertThat(stat("cluster.reviews.upstream_rq_503")).isEqualTo(1);
    assertThat(stat("cluster.reviews.upstream_cx_connect_fail")).isEqualTo(1);
    assertThat(stat("cluster.reviews.upstream_rq_total")).isZero();
  }

  @Test
  void istiosMetricsHaveTheirLabels() {
    mesh.filters(stats(""))
        .endpoints(
            "reviews",
            "'endpoints': ["
                + Configured.locality(
                    "",
                    Configured.host(
                        "10.0.0.1",
                        "'metadata': {'filter_metadata': {'istio': {'workload':"
                            + " 'reviews-v2;shop;reviews;v2;Kubernetes'}}}"))
                + "]")
        .cluster(
            "reviews",
            "'metadata': {'filter_metadata': {'istio': {'services': [{'host':"
                + " 'reviews.shop.svc.cluster.local', 'name': 'reviews', 'namespace': 'shop'}]}}}");
    call();
    MetricFamily.Point point = only("istio_requests_total");
    assertThat(point.value()).isEqualTo(1);
    assertThat(point.labels())
        .hasToString(
            "[reporter, source, source_workload, front-v1, source_canonical_service, front,"
                + " source_canonical_revision, v1, source_workload_namespace, shop,"
                + " source_principal, unknown, source_app, front, source_version, v1,"
                + " source_cluster, Kubernetes, destination_workload, reviews-v2,"
                + " destination_workload_namespace, shop, destination_principal, unknown,"
                + " destination_app, unknown, destination_version, unknown, destination_service,"
                + " reviews.shop.svc.cluster.local, destination_canonical_service, reviews,"
                + " destination_canonical_revision, v2, destination_service_name, reviews,"
                + " destination_service_namespace, shop, destination_cluster, Kubernetes,"
                + " request_protocol, http, response_code, 200, grpc_response_status, ,"
                + " response_flags, -, connection_security_policy, unknown]");
    assertThat(only("istio_request_duration_milliseconds").value()).isEqualTo(3);
  }

  @Test
  void whatThePeerSaysIsBelievedBeforeItsEndpoint() {
    mesh.filters(
        "{'name': 'mx', 'typed_config': {'@type': 'type.googleapis.com/udpa.type.v1.TypedStruct',"
            + " 'type_url': 'type.googleapis.com/io.istio.http.peer_metadata.Config', 'value':"
            + " {'upstream_discovery': [{'istio_headers': {}}], 'upstream_propagation':"
            + " [{'istio_headers': {}}]}}}, "
            + stats(""));
    Driven call = mesh.get("/");
    assertThat(call.start().head().headers().first("x-envoy-peer-metadata")).isEqualTo("bWU=");
    assertThat(call.request.headers().first("x-envoy-peer-metadata-id"))
        .isEqualTo("sidecar~10.0.0.9~me");
    var response =
        call.answer(200, "x-envoy-peer-metadata", REVIEWS.header("reviews-1", "")).response();
    assertThat(response.headers().contains("x-envoy-peer-metadata")).isFalse();
    assertThat(only("istio_requests_total").labels().value("destination_app")).isEqualTo("reviews");
    assertThat(only("istio_requests_total").labels().value("destination_workload"))
        .isEqualTo("reviews-v2");
  }

  private void inboundListener(String discovery) {
    mesh.listener(
        "virtualInbound",
        "'traffic_direction': 'INBOUND', 'use_original_dst': true, 'address': {'socket_address': {'address': '0.0.0.0',"
            + " 'port_value': 15006}}, 'filter_chains': [{'name': 'in', 'filters': ["
            + Configured.managerFilter(
                "{'name': 'mx', 'typed_config': {'@type':"
                    + " 'type.googleapis.com/udpa.type.v1.TypedStruct', 'type_url':"
                    + " 'type.googleapis.com/io.istio.http.peer_metadata.Config', 'value':"
                    + " {'downstream_discovery': [{'"
                    + discovery
                    + "': {}}], 'downstream_propagation': [{'istio_headers': {}}]}}}, "
                    + stats("'disable_host_header_fallback': true"),
                "'stat_prefix': 'inbound_0.0.0.0_8080', 'route_config': {'name': 'in',"
                    + " 'validate_clusters': false, 'virtual_hosts': [{'name': 'in', 'domains':"
                    + " ['*'], 'routes': [{'match': {'prefix': '/'}, 'route': {'cluster':"
                    + " 'inbound|8080||'}}]}]}")
            + "]}]");
  }

  private ResponseHead serve(String... headers) {
    Driven served =
        mesh.inbound(Connection.plaintext("10.0.0.9", 8080, "10.0.0.1", 50_000), "/", headers);
    assertThat(
            served.next(Command.Dispatch.class).head().headers().contains("x-envoy-peer-metadata"))
        .isFalse();
    return served.on(new Event.AppHead(new ResponseHead(200, new Headers()))).response();
  }

  @Test
  void aCallersMetadataIsTakenOffAndAnswered() {
    inboundListener("istio_headers");
    assertThat(serve().headers().contains("x-envoy-peer-metadata")).isFalse();
    ResponseHead told = serve("x-envoy-peer-metadata", REVIEWS.header("r", ""));
    assertThat(told.headers().first("x-envoy-peer-metadata")).isEqualTo("bWU=");
    assertThat(told.headers().first("x-envoy-peer-metadata-id")).isEqualTo("sidecar~10.0.0.9~me");
  }

  @Test
  void aServerNamesItselfAndItsCaller() {
    inboundListener("istio_headers");
    Driven served =
        mesh.inbound(
            Connection.plaintext("10.0.0.9", 8080, "10.0.0.1", 50_000),
            "/",
            "x-envoy-peer-metadata",
            REVIEWS.header("r", ""));
    served.next(Command.Dispatch.class);
    served.on(new Event.AppHead(new ResponseHead(201, new Headers()))).response();
    served.on(new Event.AppEnd(null));
    Labels labels = only("istio_requests_total").labels();
    assertThat(labels.value("reporter")).isEqualTo("destination");
    assertThat(labels.value("source_workload")).isEqualTo("reviews-v2");
    assertThat(labels.value("destination_service")).isEqualTo("front");
    assertThat(labels.value("destination_workload")).isEqualTo("front-v1");
    assertThat(labels.value("response_code")).isEqualTo("201");
    assertThat(labels.value("connection_security_policy")).isEqualTo("none");
    assertThat(stat("cluster.inbound|8080||.upstream_rq_201")).isEqualTo(1);
  }

  @Test
  void baggageNamesThePeerAsWell() {
    inboundListener("baggage");
    Driven served =
        mesh.inbound(
            Connection.plaintext("10.0.0.9", 8080, "10.0.0.1", 50_000),
            "/",
            "baggage",
            "k8s.deployment.name=ratings-v1,k8s.namespace.name=shop,service.name=ratings");
    served.next(Command.Dispatch.class);
    served.on(new Event.AppHead(new ResponseHead(200, new Headers()))).response();
    served.on(new Event.AppEnd(null));
    assertThat(only("istio_requests_total").labels().value("source_workload"))
        .isEqualTo("ratings-v1");
  }

  @Test
  void telemetryResourcesDropMetricsAndChangeLabels() {
    mesh.filters(
        stats(
            "'metrics': [{'name': 'requests_total', 'tags_to_remove': ['source_principal'],"
                + " 'dimensions': {'method': 'request.method', 'tenant':"
                + " \"request.headers['x-tenant']\", 'source_app': \"'mine'\"}},"
                + " {'name': 'request_bytes', 'drop': true}]"));
    Driven call = mesh.get("/", "x-tenant", "blue");
    call.start();
    call.answer(200).response();
    var labels = only("istio_requests_total").labels();
    assertThat(labels.value("source_principal")).isNull();
    assertThat(labels.value("method")).isEqualTo("GET");
    assertThat(labels.value("tenant")).isEqualTo("blue");
    assertThat(labels.value("source_app")).isEqualTo("mine");
    assertThat(only("istio_response_bytes").labels().value("source_principal"))
        .isEqualTo("unknown");
    assertThat(metrics.read()).noneMatch(family -> family.name().equals("istio_request_bytes"));
  }

  @Test
  void theHostNamesADestinationWhereNoClusterDoes() {
    mesh.filters(stats(""));
    call();
    assertThat(only("istio_requests_total").labels().value("destination_service_name"))
        .isEqualTo("reviews.shop:8080");
    mesh.filters(stats("'disable_host_header_fallback': true"));
    call();
    assertThat(PrometheusText.of(metrics.read()))
        .containsPattern("istio_requests_total\\{.*destination_service_name=\"unknown\".*} 1");
  }

  @Test
  void seriesBeyondTheLimitAreCountedInOne() {
    mesh.filters(stats("'metrics': [{'dimensions': {'tenant': \"request.headers['x-tenant']\"}}]"));
    for (int i = 0; i < 5_010; i++) {
      Driven call = mesh.get("/", "x-tenant", "t" + i);
      call.start();
      call.answer(200).response();
    }
    MetricFamily requests =
        metrics.read().stream()
            .filter(family -> family.name().equals("istio_requests_total"))
            .findFirst()
            .orElseThrow();
    assertThat(requests.points()).hasSize(5_001);
    assertThat(requests.points())
        .filteredOn(point -> "true".equals(point.labels().value("otel_metric_overflow")))
        .singleElement()
        .satisfies(point -> assertThat(point.value()).isEqualTo(10));
  }

  @Test
  void whatIsOffIsNotWatched() {
    Telemetry off = Telemetry.builder(() -> mesh.now).build();
    assertThat(off.metrics()).isNull();
    mesh.listener = off;
    call();
    assertThat(metrics.read()).isEmpty();
  }
}
