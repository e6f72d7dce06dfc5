package io.inmesh.grpc.orca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Duration;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.services.CallMetricRecorder;
import io.inmesh.config.HttpManager;
import io.inmesh.config.HttpOptions;
import io.inmesh.config.LoadReports;
import io.inmesh.config.TestTables;
import io.inmesh.conformance.GrpcEcho;
import io.inmesh.conformance.GrpcPeer;
import io.inmesh.conformance.MtlsMode;
import io.inmesh.grpc.server.MeshServerBuilder;
import io.inmesh.http.Headers;
import io.inmesh.proto.xds.data.orca.v3.OrcaLoadReport;
import io.inmesh.proto.xds.service.orca.v3.OpenRcaServiceGrpc;
import io.inmesh.proto.xds.service.orca.v3.OrcaLoadReportRequest;
import io.inmesh.runtime.TestMesh;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What callers of a meshed server hear of its load. */
@Timeout(30)
class LoadReportingTest {
  private static final Metadata.Key<byte[]> REPORT =
      Metadata.Key.of("endpoint-load-metrics-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private final TestMesh mesh = new TestMesh();
  private Server server;
  private LoadReporting load;
  private GrpcPeer peer;

  @BeforeEach
  void start() throws Exception {
    HttpManager manager =
        new HttpManager(
            "virtualInbound",
            true,
            TestTables.table("inbound", TestTables.to("inbound").route()),
            List.of(),
            HttpOptions.sidecar(true));
    mesh.use(new TestTables().inbound(MtlsMode.DISABLE.table(manager)));
    ServerBuilder<?> builder = MeshServerBuilder.of(NettyServerBuilder.forPort(0), mesh);
    load = LoadReporting.of(builder);
    GrpcEcho.services(
            (message, to) -> {
              CallMetricRecorder.getCurrent().recordRequestCostMetric("rows", 12);
              if (message.equals("fail")) {
                to.onError(Status.INTERNAL.asRuntimeException());
                return;
              }
              to.onNext(message);
              to.onCompleted();
            })
        .forEach(builder::addService);
    server = builder.build().start();
    peer = GrpcPeer.plaintext(server.getPort());
  }

  @AfterEach
  void stop() {
    peer.close();
    load.close();
    server.shutdownNow();
    mesh.close();
  }

  private static OrcaLoadReport report(Metadata trailers) throws Exception {
    return OrcaLoadReport.parseFrom(trailers.get(REPORT));
  }

  @Test
  void everyResponseTellsOfTheProcessAndOfItself() throws Exception {
    load.recorder().setApplicationUtilizationMetric(0.7);
    load.recorder().putUtilizationMetric("disk", 0.4);
    await()
        .untilAsserted(
            () -> {
              OrcaLoadReport report = report(peer.unary(GrpcEcho.SAY, "x").trailers());
              assertThat(report.getApplicationUtilization()).isEqualTo(0.7);
              assertThat(report.getUtilizationMap()).containsEntry("disk", 0.4);
              assertThat(report.getRequestCostMap()).containsEntry("rows", 12.0);
              assertThat(report.getCpuUtilization()).isBetween(0.0, 1.0);
              assertThat(report.getMemUtilization()).isGreaterThan(0).isLessThanOrEqualTo(1);
              assertThat(report.getRpsFractional()).isGreaterThan(0);
              assertThat(report.getEps()).isZero();
            });
  }

  @Test
  void whatAnInmeshClientReadsIsTheSame() throws Exception {
    load.recorder().setApplicationUtilizationMetric(0.7);
    byte[] raw = peer.unary(GrpcEcho.SAY, "x").trailers().get(REPORT);
    var read =
        LoadReports.read(
            Headers.of(
                "endpoint-load-metrics-bin",
                Base64.getEncoder().withoutPadding().encodeToString(raw)));
    assertThat(read).isNotNull();
    assertThat(read.applicationUtilization()).isEqualTo(0.7);
    assertThat(read.others()).containsEntry("request_cost.rows", 12.0);
  }

  @Test
  void failedRpcsCountAsErrors() {
    await()
        .untilAsserted(
            () -> {
              try {
                peer.unary(GrpcEcho.SAY, "fail");
              } catch (StatusRuntimeException e) {
                assertThat(report(e.getTrailers()).getEps()).isGreaterThan(0);
              }
            });
  }

  @Test
  void reportsComeByThemselvesToWhoAsks() {
    load.recorder().putUtilizationMetric("disk", 0.4);
    Iterator<OrcaLoadReport> reports =
        OpenRcaServiceGrpc.newBlockingStub(peer.channel())
            .streamCoreMetrics(
                OrcaLoadReportRequest.newBuilder()
                    .setReportInterval(Duration.newBuilder().setNanos(100_000_000))
                    .build());
    assertThat(reports.next().getUtilizationMap()).containsEntry("disk", 0.4);
    load.recorder().putUtilizationMetric("disk", 0.9);
    await().until(() -> reports.next().getUtilizationOrDefault("disk", 0) == 0.9);
  }
}
