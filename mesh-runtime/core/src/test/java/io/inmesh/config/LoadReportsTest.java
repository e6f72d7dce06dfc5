package io.inmesh.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.http.Headers;
import io.inmesh.proto.xds.data.orca.v3.OrcaLoadReport;
import java.util.Base64;
import org.junit.jupiter.api.Test;

/** Load reports in the forms in which hosts write them. */
class LoadReportsTest {
  private static final String TEXT =
      "TEXT application_utilization=1.5,cpu_utilization=0.5,mem_utilization=0.25,"
          + "rps_fractional=100,eps=2,utilization.disk=0.75,request_cost.rows=12,"
          + "named_metrics.queue=7";

  @Test
  void aBinaryReportSaysAllThatTextDoes() {
    OrcaLoadReport proto =
        OrcaLoadReport.newBuilder()
            .setApplicationUtilization(1.5)
            .setCpuUtilization(0.5)
            .setMemUtilization(0.25)
            .setRpsFractional(100)
            .setEps(2)
            .putUtilization("disk", 0.75)
            .putRequestCost("rows", 12)
            .putNamedMetrics("queue", 7)
            .build();
    String binary = Base64.getEncoder().withoutPadding().encodeToString(proto.toByteArray());
    LoadReport read = LoadReports.read(Headers.of("endpoint-load-metrics-bin", binary));
    assertThat(read).isEqualTo(LoadReports.read(Headers.of("endpoint-load-metrics", TEXT)));
    assertThat(read)
        .isEqualTo(
            new LoadReport(
                1.5,
                0.5,
                100,
                2,
                java.util.Map.of(
                    "application_utilization",
                    1.5,
                    "cpu_utilization",
                    0.5,
                    "mem_utilization",
                    0.25,
                    "rps_fractional",
                    100.0,
                    "eps",
                    2.0,
                    "utilization.disk",
                    0.75,
                    "request_cost.rows",
                    12.0,
                    "named_metrics.queue",
                    7.0)));
  }

  @Test
  void noReportIsNone() {
    assertThat(LoadReports.read(new Headers())).isNull();
    assertThat(LoadReports.read(Headers.of("endpoint-load-metrics", "XML <a/>"))).isNull();
  }
}
