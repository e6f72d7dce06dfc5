package io.inmesh.fields;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inmesh.call.Event;
import io.inmesh.http.Headers;
import io.inmesh.http.ResponseHead;
import io.inmesh.proto.xds.data.orca.v3.OrcaLoadReport;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code client_side_weighted_round_robin}: hosts get what their load reports (ORCA) say. */
class LoadReportFieldsTest {
  private static final String ONE = "10.0.0.1";
  private static final String TWO = "10.0.0.2";
  private static final String THREE = "10.0.0.3";
  private final Configured mesh = new Configured();

  /** What each host reports with every answer; none: nothing. */
  private final Map<String, String> reports = new TreeMap<>();

  private void policy(String fields) {
    mesh.cluster(
            "reviews",
            "'load_balancing_policy': {'policies': [{'typed_extension_config': {'name': 'x',"
                + " 'typed_config': {'@type': 'type.googleapis.com/envoy.extensions."
                + "load_balancing_policies.client_side_weighted_round_robin.v3."
                + "ClientSideWeightedRoundRobin'"
                + (fields.isEmpty() ? "" : ", " + fields)
                + "}}}]}")
        .hosts(ONE, TWO, THREE);
  }

  private Map<String, Integer> calls(int n) {
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < n; i++) {
      Driven call = mesh.get("/");
      String ip = call.ip();
      counts.merge(ip, 1, Integer::sum);
      String report = reports.get(ip);
      if (report == null) {
        call.answer(200);
      } else {
        call.answer(200, "endpoint-load-metrics", report);
      }
    }
    return counts;
  }

  private void seconds(int count) {
    for (int i = 0; i < count; i++) {
      mesh.now += 1_000 * Configured.MS;
      calls(30);
    }
  }

  private double share(String host) {
    return calls(900).getOrDefault(host, 0) / 900.0;
  }

  @Test
  void weightsAreRequestsPerUtilizationAndWhoSaysNothingGetsTheMedian() {
    policy("");
    reports.put(ONE, "TEXT rps_fractional=100,cpu_utilization=0.5");
    reports.put(TWO, "TEXT rps_fractional=100,cpu_utilization=1.0");
    assertThat(share(ONE)).as("at first all are alike").isCloseTo(1 / 3.0, within(0.01));
    seconds(9);
    assertThat(share(ONE)).as("blackout_period").isCloseTo(1 / 3.0, within(0.01));
    seconds(3);
    assertThat(share(ONE)).isCloseTo(200 / 450.0, within(0.01));
    assertThat(share(TWO)).isCloseTo(100 / 450.0, within(0.01));
    assertThat(share(THREE)).as("the median, 150").isCloseTo(150 / 450.0, within(0.01));
  }

  @Test
  void applicationUtilizationComesFirstThenTheNamedMetricsThenTheProcessor() {
    policy(
        "'blackout_period': '0s', 'metric_names_for_computing_utilization':"
            + " ['named_metrics.queue', 'utilization.disk']");
    reports.put(
        ONE,
        "TEXT rps_fractional=10,application_utilization=0.2,named_metrics.queue=1,cpu_utilization=1");
    reports.put(
        TWO,
        "TEXT rps_fractional=10,named_metrics.queue=0.1,utilization.disk=0.4,cpu_utilization=1");
    reports.put(THREE, "TEXT rps_fractional=10,cpu_utilization=0.8");
    seconds(3);
    assertThat(share(ONE)).as("50 of 87.5").isCloseTo(50 / 87.5, within(0.01));
    assertThat(share(TWO)).isCloseTo(25 / 87.5, within(0.01));
  }

  @Test
  void errorsCostWhatThePenaltySays() {
    policy("'blackout_period': '0s', 'error_utilization_penalty': 2.0");
    reports.put(ONE, "TEXT rps_fractional=10,cpu_utilization=0.5");
    reports.put(TWO, "TEXT rps_fractional=10,eps=5,cpu_utilization=0.5");
    reports.put(THREE, "TEXT rps_fractional=10,cpu_utilization=0.5");
    seconds(3);
    assertThat(share(TWO)).as("20, 6.67, 20").isCloseTo(6 / 46.0, within(0.01));
    policy("'blackout_period': '0s'");
    seconds(3);
    assertThat(share(TWO)).as("once, unless said: 20, 10, 20").isCloseTo(0.2, within(0.01));
  }

  @Test
  void aWeightExpires() {
    policy("'blackout_period': '0s', 'weight_expiration_period': '5s'");
    reports.put(ONE, "TEXT rps_fractional=100,cpu_utilization=0.1");
    reports.put(TWO, "TEXT rps_fractional=100,cpu_utilization=1.0");
    reports.put(THREE, "TEXT rps_fractional=100,cpu_utilization=1.0");
    seconds(3);
    assertThat(share(ONE)).isCloseTo(1000 / 1200.0, within(0.01));
    reports.clear();
    seconds(4);
    assertThat(share(ONE)).isCloseTo(1000 / 1200.0, within(0.01));
    seconds(4);
    assertThat(share(ONE)).isCloseTo(1 / 3.0, within(0.01));
  }

  @Test
  void weightsAreWorkedOutOnceInAPeriod() {
    policy("'blackout_period': '0s', 'weight_update_period': '60s'");
    reports.put(ONE, "TEXT rps_fractional=100,cpu_utilization=0.1");
    reports.put(TWO, "TEXT rps_fractional=100,cpu_utilization=1.0");
    reports.put(THREE, "TEXT rps_fractional=100,cpu_utilization=1.0");
    seconds(50);
    assertThat(share(ONE)).isCloseTo(1 / 3.0, within(0.01));
    seconds(11);
    assertThat(share(ONE)).isCloseTo(1000 / 1200.0, within(0.01));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "JSON {\"rpsFractional\": 100, \"cpuUtilization\": 0.1, \"namedMetrics\": {\"a\": 1}}",
        "JSON {\"rps_fractional\": 100.0, \"cpu_utilization\": 0.1}",
        "TEXT cpu_utilization=0.1, rps_fractional=100",
        "BIN CZqZmZmZmbk/MQAAAAAAAFlA"
      })
  void everyFormIsRead(String report) {
    policy("'blackout_period': '0s'");
    reports.put(ONE, report);
    reports.put(TWO, "TEXT rps_fractional=100,cpu_utilization=1.0");
    reports.put(THREE, "TEXT rps_fractional=100,cpu_utilization=1.0");
    seconds(3);
    assertThat(share(ONE)).isCloseTo(1000 / 1200.0, within(0.01));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TEXT nonsense",
        "JSON {",
        "JSON [1]",
        "BIN ****",
        "rps_fractional=100,cpu_utilization=0.1",
        "TEXT rps_fractional=NaN,cpu_utilization=0.1",
        "TEXT cpu_utilization=0.1",
        "TEXT rps_fractional=100"
      })
  void whatCannotBeReadChangesNothing(String report) {
    policy("'blackout_period': '0s'");
    reports.put(ONE, report);
    seconds(3);
    assertThat(share(ONE)).isCloseTo(1 / 3.0, within(0.01));
  }

  @Test
  void trailersOfGrpcCountAsWell() {
    policy("'blackout_period': '0s'");
    String report =
        Base64.getEncoder()
            .withoutPadding()
            .encodeToString(
                OrcaLoadReport.newBuilder()
                    .setRpsFractional(100)
                    .setCpuUtilization(0.1)
                    .build()
                    .toByteArray());
    reports.put(TWO, "TEXT rps_fractional=100,cpu_utilization=1.0");
    reports.put(THREE, "TEXT rps_fractional=100,cpu_utilization=1.0");
    for (int i = 0; i < 90; i++) {
      Driven call = mesh.get("/");
      mesh.now += 100 * Configured.MS;
      String ip = call.ip();
      if (ip.equals(ONE)) {
        call.on(new Event.Head(1, new ResponseHead(200, new Headers()), false));
        call.on(new Event.End(1, Headers.of("endpoint-load-metrics-bin", report)));
      } else {
        call.answer(200, "endpoint-load-metrics", reports.getOrDefault(ip, ""));
      }
    }
    assertThat(share(ONE)).isGreaterThan(0.5);
  }

  @Test
  void whatIsNotDoneHereIsRefused() {
    for (String field :
        new String[] {
          "'enable_oob_load_report': true", "'slow_start_config': {'slow_start_window': '1s'}"
        }) {
      policy(field);
      assertThat(mesh.get("/").response().status()).as(field).isEqualTo(503);
    }
  }
}
