package io.inmesh.fields;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.call.BodyTraits;
import io.inmesh.call.Command;
import io.inmesh.call.Wire;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How long callers wait, and what they then read. */
class TimeoutFieldsTest {
  private final Configured mesh = new Configured();

  @Test
  void theRoutesTimeoutIsFifteenSecondsUnlessSaid() {
    assertThat(firstDeadline()).isEqualTo(15_000);
    mesh.action("'timeout': '2.5s'");
    Driven call = mesh.get("/");
    call.start();
    assertThat(call.toDeadline()).isEqualTo(2_500);
    assertThat(call.response().status()).isEqualTo(504);
    assertThat(call.outcome().details()).isEqualTo("response_timeout");
    mesh.action("'timeout': '0s'").manager("'stream_idle_timeout': '0s'");
    assertThat(firstDeadline()).isEqualTo(-1);
  }

  private long firstDeadline(String... headers) {
    Driven call = mesh.get("/", headers);
    call.start();
    return call.toDeadline();
  }

  @Test
  void aStreamOnWhichNothingMovesEndsAfterTheManagersIdleTimeout() {
    mesh.action("'timeout': '0s'");
    assertThat(firstDeadline()).as("five minutes").isEqualTo(300_000);
    mesh.manager("'stream_idle_timeout': '7s'");
    Driven call = mesh.get("/");
    call.start();
    call.later(3_000).sent();
    assertThat(call.toDeadline()).as("from the last movement").isEqualTo(7_000);
    assertThat(call.response().status()).isEqualTo(504);
    assertThat(call.outcome().details()).isEqualTo("stream_idle_timeout");
    mesh.manager("'stream_idle_timeout': '0s'");
    assertThat(firstDeadline()).isEqualTo(-1);
  }

  @Test
  void theRoutesIdleTimeoutHidesTheManagers() {
    mesh.manager("'stream_idle_timeout': '7s'").action("'timeout': '0s', 'idle_timeout': '2s'");
    assertThat(firstDeadline()).isEqualTo(2_000);
    mesh.action("'timeout': '0s', 'idle_timeout': '0s'");
    assertThat(firstDeadline()).isEqualTo(-1);
  }

  @Test
  void aGrpcCallersTimeoutIsObeyedUpToTheMaximum() {
    String[] grpc = {"content-type", "application/grpc", "grpc-timeout", "30S"};
    mesh.manager("'stream_idle_timeout': '0s'").action("'timeout': '9s'");
    assertThat(firstDeadline(grpc)).as("not obeyed unless said").isEqualTo(9_000);
    mesh.action("'timeout': '9s', 'max_stream_duration': {'grpc_timeout_header_max': '4s'}");
    assertThat(firstDeadline(grpc)).isEqualTo(4_000);
    assertThat(firstDeadline()).as("timeout does not count beside it").isEqualTo(-1);
    mesh.action("'timeout': '9s', 'max_stream_duration': {'grpc_timeout_header_max': '0s'}");
    assertThat(firstDeadline(grpc)).isEqualTo(30_000);
    assertThat(firstDeadline("grpc-timeout", "7S")).as("of other calls, too").isEqualTo(7_000);
    mesh.action("'timeout': '9s', 'max_grpc_timeout': '5s'");
    assertThat(firstDeadline(grpc)).isEqualTo(5_000);
  }

  @Test
  void aStreamEndsWhenItsTimeIsOverWhateverMoves() {
    mesh.action(
        "'timeout': '1s', 'max_stream_duration': {'max_stream_duration': '4s'},"
            + " 'retry_policy': {'retry_on': '5xx'}");
    Driven call = mesh.get("/");
    assertThat(call.start().head().headers().first("x-envoy-expected-rq-timeout-ms")).isNull();
    call.later(3_000).sent();
    assertThat(call.toDeadline()).isEqualTo(1_000);
    assertThat(call.response().status()).isEqualTo(504);
    assertThat(call.outcome().details()).isEqualTo("max_duration_timeout");
    assertThat(call.outcome().flags().toString()).isEqualTo("-");
    Driven begun = mesh.get("/");
    begun.start();
    begun.head(200);
    assertThat(begun.toDeadline()).isEqualTo(4_000);
    assertThat(begun.next(Command.Respond.class)).isNotNull();
    assertThat(begun.next(Command.Cancel.class)).isNotNull();
    assertThat(begun.next(Command.Abort.class)).isNotNull();
  }

  @Test
  void aGrpcUpstreamIsToldHowLongTheStreamMayTake() {
    mesh.action(
        "'max_stream_duration': {'max_stream_duration': '4s', 'grpc_timeout_header_max': '6s'}");
    assertThat(told("content-type", "application/grpc")).isEqualTo("4000m");
    assertThat(told("content-type", "application/grpc", "grpc-timeout", "9S")).isEqualTo("6000m");
    Driven call = mesh.get("/", "content-type", "application/grpc", "grpc-timeout", "5S");
    call.start();
    assertThat(call.toDeadline()).isEqualTo(5_000);
    assertThat(call.response().headers().first("grpc-status")).isEqualTo("4");
  }

  private String told(String... headers) {
    return String.valueOf(mesh.get("/", headers).start().head().headers().first("grpc-timeout"));
  }

  @Test
  void theTimeoutOfARequestWithBodyStartsWhenItIsSent() {
    mesh.action("'timeout': '1s'").manager("'stream_idle_timeout': '20s'");
    Driven call = mesh.call("POST", "/", BodyTraits.REPLAYABLE);
    call.start();
    call.later(5_000).quiet().sent();
    assertThat(call.toDeadline()).isEqualTo(1_000);
    assertThat(call.next(Command.Cancel.class)).isNotNull();
    assertThat(call.response().status()).isEqualTo(504);
  }

  @Test
  void connectionsAreMadeAndKeptAsTheClusterSays() {
    assertThat(seconds(wire("").connectTimeoutNanos())).isEqualTo(5);
    assertThat(seconds(wire("'connect_timeout': '2s'").connectTimeoutNanos())).isEqualTo(2);
    assertThat(seconds(wire("").idleNanos())).as("an hour").isEqualTo(3600);
    assertThat(seconds(wire(http("'idle_timeout': '90s'")).idleNanos())).isEqualTo(90);
    assertThat(seconds(wire("'common_http_protocol_options': {'idle_timeout': '80s'}").idleNanos()))
        .isEqualTo(80);
  }

  private static String http(String common) {
    return "'typed_extension_protocol_options':"
        + " {'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {'@type':"
        + " 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',"
        + " 'explicit_http_config': {'http_protocol_options': {}}, 'common_http_protocol_options': {"
        + common
        + "}}}";
  }

  private Wire wire(String cluster) {
    mesh.cluster("reviews", cluster).hosts("10.0.0.1");
    return mesh.get("/").start().wire();
  }

  private static long seconds(long nanos) {
    return Duration.ofNanos(nanos).toSeconds();
  }
}
