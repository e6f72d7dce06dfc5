package io.inmesh.call;

import static io.inmesh.call.CallHarness.MS;
import static io.inmesh.call.CallHarness.forward;
import static io.inmesh.call.CallHarness.get;
import static io.inmesh.call.CallHarness.response;
import static io.inmesh.call.CallHarness.retry;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.config.CircuitBreakers;
import io.inmesh.config.Fraction;
import io.inmesh.config.HedgePolicy;
import io.inmesh.config.RetryOn;
import io.inmesh.config.RouteAction;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.upstream.Refusal;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a caller sees of one call, with attempts and time under the test's control. */
class OutboundCallTest {
  private final CallHarness mesh = new CallHarness();

  @Test
  void aCallIsRoutedAttemptedAndRelayed() {
    Driven call = mesh.outbound(get("x-a", "1"), BodyTraits.NONE);
    Command.Start start = call.next(Command.Start.class);
    assertThat(start.host().address()).startsWith("10.0.0.");
    assertThat(start.head().headers().first("x-envoy-attempt-count")).isEqualTo("1");
    assertThat(start.head().headers().first("x-request-id")).hasSize(36);
    call.later(7 * MS).on(new Event.Head(1, response(200, "server", "app"), false));
    Command.Respond respond = call.next(Command.Respond.class);
    assertThat(respond.head().headers().first("x-envoy-upstream-service-time")).isEqualTo("7");
    call.quiet();
    assertThat(mesh.leases()).as("a lease lives to the end of the body").isOne();
    call.on(new Event.End(1, null)).finished();
    assertThat(call.call.outcome().details()).isEqualTo("via_upstream");
    assertThat(call.call.outcome().flags().toString()).isEqualTo("-");
  }

  @Test
  void noRouteIsAnswered404() {
    RequestHead head = new RequestHead("GET", "http", "other", "/", new Headers(), Protocol.HTTP11);
    Driven call = mesh.outbound(head, BodyTraits.NONE);
    assertThat(call.next(Command.Reply.class).head().status()).isEqualTo(404);
    call.finished();
    assertThat(call.call.outcome().flags().toString()).isEqualTo("NR");
    assertThat(call.call.outcome().details()).isEqualTo("route_not_found");
  }

  @Test
  void aRefusedConnectionIsRetriedElsewhereWithTheSameBody() {
    mesh.action = forward(0, retry(2, RetryOn.CONNECT_FAILURE), null, List.of());
    Driven call = mesh.outbound(get(), BodyTraits.REPLAYABLE);
    Command.Start first = call.next(Command.Start.class);
    call.on(new Event.Failed(1, ResetKind.CONNECT_FAILURE, "Connection refused")).quiet();
    call.toDeadline();
    Command.Start second = call.next(Command.Start.class);
    assertThat(second.attempt()).isEqualTo(2);
    assertThat(second.host()).isNotSameAs(first.host());
    assertThat(second.head().headers().first("x-envoy-attempt-count")).isEqualTo("2");
    call.on(new Event.Head(2, response(200), true));
    assertThat(call.next(Command.Respond.class).attempt()).isEqualTo(2);
    call.finished();
    assertThat(call.call.outcome().attempts()).isEqualTo(2);
  }

  @Test
  void whenRetriesAreUsedUpTheCallerReadsEnvoysWords() {
    mesh.action = forward(0, retry(1, RetryOn.CONNECT_FAILURE), null, List.of());
    Driven call = mesh.outbound(get(), BodyTraits.NONE);
    call.next(Command.Start.class);
    call.on(new Event.Failed(1, ResetKind.CONNECT_FAILURE, "Connection refused")).toDeadline();
    call.next(Command.Start.class);
    call.on(new Event.Failed(2, ResetKind.CONNECT_FAILURE, "Connection refused"));
    Command.Reply reply = call.next(Command.Reply.class);
    assertThat(reply.head().status()).isEqualTo(503);
    assertThat(reply.body())
        .isEqualTo(
            "upstream connect error or disconnect/reset before headers. retried and the latest"
                + " reset reason: remote connection failure");
    call.finished();
    assertThat(call.call.outcome().flags().toString()).isEqualTo("URX,UF");
    assertThat(call.call.outcome().details())
        .isEqualTo(
            "upstream_reset_before_response_started{remote_connection_failure|Connection_refused}");
  }

  @Test
  void aRetriableStatusIsRetriedAndItsAnswerThrownAway() {
    mesh.action = forward(0, retry(2, RetryOn.RETRIABLE_STATUS_CODES), null, List.of());
    Driven call = mesh.outbound(get(), BodyTraits.NONE);
    call.next(Command.Start.class);
    call.on(new Event.Head(1, response(503), false));
    assertThat(call.next(Command.Cancel.class).attempt()).isEqualTo(1);
    call.toDeadline().next(Command.Start.class);
    call.on(new Event.Head(2, response(200), true));
    assertThat(call.next(Command.Respond.class).head().status()).isEqualTo(200);
    call.finished();
  }

  @Test
  void theLastAnswerIsRelayedWhenRetriesAreUsedUp() {
    mesh.action = forward(0, retry(1, RetryOn.FIVE_XX), null, List.of());
    Driven call = mesh.outbound(get(), BodyTraits.NONE);
    call.next(Command.Start.class);
    call.on(new Event.Head(1, response(503), false)).next(Command.Cancel.class);
    call.toDeadline().next(Command.Start.class);
    call.on(new Event.Head(2, response(500), true));
    assertThat(call.next(Command.Respond.class).head().status()).isEqualTo(500);
    call.finished();
    assertThat(call.call.outcome().flags().toString()).isEqualTo("URX");
  }

  @Test
  void aBodyThatCannotBeReplayedIsNeverSentTwice() {
    mesh.action = forward(0, retry(2, RetryOn.FIVE_XX), null, List.of());
    Driven call = mesh.outbound(get(), BodyTraits.ONE_SHOT);
    call.next(Command.Start.class);
    call.on(new Event.Failed(1, ResetKind.CONNECTION_TERMINATION, "EOF"));
    assertThat(call.next(Command.Reply.class).head().status()).isEqualTo(503);
    call.finished();
    assertThat(call.call.outcome().flags().toString()).isEqualTo("UC");
  }

  @Test
  void anOverflownReplayBufferEndsRetries() {
    mesh.action = forward(0, retry(2, RetryOn.FIVE_XX), null, List.of());
    Driven call = mesh.outbound(get(), BodyTraits.REPLAYABLE);
    call.next(Command.Start.class);
    call.on(new Event.RetainOverflow()).on(new Event.Head(1, response(503), true));
    assertThat(call.next(Command.Respond.class).head().status()).isEqualTo(503);
    call.finished();
  }

  @Test
  void theRouteTimeoutCountsFromTheEndOfTheRequest() {
    mesh.action = forward(100 * MS, null, null, List.of());
    Driven call = mesh.outbound(get(), BodyTraits.REPLAYABLE);
    call.next(Command.Start.class);
    assertThat(call.call.deadlineNanos())
        .as("the body is still being sent")
        .isEqualTo(Long.MAX_VALUE);
    call.later(500 * MS).quiet().on(new Event.RequestSent(1));
    assertThat(call.call.deadlineNanos()).isEqualTo(mesh.now + 100 * MS);
    call.toDeadline();
    call.next(Command.Cancel.class);
    Command.Reply reply = call.next(Command.Reply.class);
    assertThat(reply.head().status()).isEqualTo(504);
    assertThat(reply.body()).isEqualTo("upstream request timeout");
    call.finished();
    assertThat(call.call.outcome().flags().toString()).isEqualTo("UT");
    assertThat(call.call.outcome().details()).isEqualTo("response_timeout");
  }

  @Test
  void aRouteTimeoutInTheBodyBreaksTheResponseOff() {
    mesh.action = forward(100 * MS, null, null, List.of());
    Driven call = mesh.outbound(get(), BodyTraits.NONE);
    call.next(Command.Start.class);
    call.on(new Event.Head(1, response(200), false)).next(Command.Respond.class);
    call.toDeadline();
    call.next(Command.Cancel.class);
    assertThat(call.next(Command.Abort.class).why())
        .contains("timeout", "route r", "cluster reviews");
    call.finished();
    assertThat(call.call.outcome().status()).isEqualTo(200);
    assertThat(call.call.outcome().flags().toString()).isEqualTo("UT");
  }

  @Test
  void aPerTryTimeoutIsRetriedAndThenSaid() {
    mesh.action = forward(0, retry(1, 50 * MS, RetryOn.FIVE_XX), null, List.of());
    Driven call = mesh.outbound(get(), BodyTraits.NONE);
    Command.Start start = call.next(Command.Start.class);
    assertThat(start.head().headers().first("x-envoy-expected-rq-timeout-ms")).isEqualTo("50");
    call.toDeadline().next(Command.Cancel.class);
    call.toDeadline().next(Command.Start.class);
    call.toDeadline().next(Command.Cancel.class);
    assertThat(call.next(Command.Reply.class).head().status()).isEqualTo(504);
    call.finished();
    assertThat(call.call.outcome().flags().toString()).isEqualTo("URX,UT");
    assertThat(call.call.outcome().details()).isEqualTo("upstream_per_try_timeout");
  }

  @Test
  void hedgingStartsASecondAttemptAndTakesTheFirstGoodAnswer() {
    mesh.action = forward(0, retry(2, 50 * MS, RetryOn.FIVE_XX), new HedgePolicy(true), List.of());
    Driven call = mesh.outbound(get(), BodyTraits.NONE);
    Command.Start first = call.next(Command.Start.class);
    assertThat(first.background()).isTrue();
    call.toDeadline();
    Command.Start second = call.next(Command.Start.class);
    assertThat(second.host()).isNotSameAs(first.host());
    assertThat(mesh.leases()).isEqualTo(2);
    call.on(new Event.Head(1, response(200), false));
    assertThat(call.next(Command.Cancel.class).attempt()).isEqualTo(2);
    assertThat(call.next(Command.Respond.class).attempt()).isEqualTo(1);
    assertThat(mesh.leases()).isEqualTo(1);
    call.on(new Event.End(1, null)).finished();
  }

  @Test
  void aBadAnswerOfAHedgeWaitsForTheOther() {
    mesh.action = forward(0, retry(1, 50 * MS, RetryOn.FIVE_XX), new HedgePolicy(true), List.of());
    Driven call = mesh.outbound(get(), BodyTraits.NONE);
    call.next(Command.Start.class);
    call.toDeadline().next(Command.Start.class);
    call.on(new Event.Head(2, response(503), false));
    assertThat(call.next(Command.Cancel.class).attempt()).isEqualTo(2);
    call.quiet().on(new Event.Head(1, response(200), true));
    assertThat(call.next(Command.Respond.class).attempt()).isEqualTo(1);
    call.finished();
  }

  @Test
  void lateEventsOfACancelledAttemptAreIgnored() {
    mesh.action = forward(0, retry(1, RetryOn.FIVE_XX), null, List.of());
    Driven call = mesh.outbound(get(), BodyTraits.NONE);
    call.next(Command.Start.class);
    call.on(new Event.Head(1, response(503), false)).next(Command.Cancel.class);
    call.toDeadline().next(Command.Start.class);
    call.on(new Event.Failed(1, ResetKind.REMOTE_RESET, "late"))
        .on(new Event.End(1, null))
        .on(new Event.Head(1, response(500), true))
        .quiet()
        .on(new Event.Head(2, response(200), true));
    assertThat(call.next(Command.Respond.class).attempt()).isEqualTo(2);
    call.finished();
  }

  @Test
  void aResetInTheBodyIsNotRetriedAndSaysWhoBroke() {
    mesh.action = forward(0, retry(2, RetryOn.FIVE_XX), null, List.of());
    Driven call = mesh.outbound(get(), BodyTraits.NONE);
    call.next(Command.Start.class);
    call.on(new Event.Head(1, response(200), false)).next(Command.Respond.class);
    call.on(new Event.Failed(1, ResetKind.CONNECTION_TERMINATION, "unexpected end of stream"));
    assertThat(call.next(Command.Abort.class).why())
        .contains("10.0.0.", "reviews", "after its head had been delivered", "unexpected end");
    call.finished();
    assertThat(call.call.outcome().flags().toString()).isEqualTo("UC");
  }

  @Test
  void aCallerWhoLeavesTakesItsAttemptAlong() {
    Driven call = mesh.outbound(get(), BodyTraits.NONE);
    call.next(Command.Start.class);
    call.on(new Event.CallerGone());
    call.next(Command.Cancel.class);
    call.finished();
    assertThat(call.call.outcome().status()).isZero();
    assertThat(call.call.outcome().flags().toString()).isEqualTo("DC");
  }

  @Test
  void aMirrorIsSentAlongAndNeverWaitedFor() {
    mesh.cluster("shadow", CircuitBreakers.DEFAULTS, "10.9.0.1");
    mesh.action =
        forward(0, null, null, List.of(new RouteAction.Mirror("shadow", Fraction.ALWAYS, true)));
    Driven call = mesh.outbound(get(), BodyTraits.NONE);
    Command.Mirror mirror = call.next(Command.Mirror.class);
    assertThat(mirror.host().address()).isEqualTo("10.9.0.1:8080");
    assertThat(mirror.head().authority()).isEqualTo("reviews.shop-shadow:8080");
    Command.Start start = call.next(Command.Start.class);
    assertThat(start.head().authority()).isEqualTo("reviews.shop:8080");
    call.on(new Event.Failed(mirror.attempt(), ResetKind.CONNECT_FAILURE, "gone")).quiet();
    call.on(new Event.Head(start.attempt(), response(200), true)).next(Command.Respond.class);
    call.finished();
    assertThat(call.call.outcome().attempts()).isEqualTo(1);
  }

  @Test
  void responseHeadersAndTrailersPassTheRoutesEdits() {
    mesh.responseEdits = (headers, values) -> headers.set("x-edited", "yes");
    Driven call = mesh.outbound(get(), BodyTraits.NONE);
    call.next(Command.Start.class);
    call.on(new Event.Head(1, response(200), false));
    assertThat(call.next(Command.Respond.class).head().headers().first("x-edited"))
        .isEqualTo("yes");
    call.on(new Event.End(1, Headers.of("grpc-status", "0")));
    assertThat(call.next(Command.Trailers.class).trailers().first("grpc-status")).isEqualTo("0");
    call.finished();
  }

  @Test
  void theBreakerSaysOverflow() {
    mesh.cluster("reviews", new CircuitBreakers(1024, 1024, 1, 3, -1, 3), "10.0.0.1");
    Driven running = mesh.outbound(get(), BodyTraits.NONE);
    running.next(Command.Start.class);
    Driven refused = mesh.outbound(get(), BodyTraits.NONE);
    Command.Reply reply = refused.next(Command.Reply.class);
    assertThat(reply.head().status()).isEqualTo(503);
    assertThat(reply.head().headers().first("x-envoy-overloaded")).isEqualTo("true");
    assertThat(reply.body())
        .isEqualTo(
            "upstream connect error or disconnect/reset before headers. reset reason: overflow");
    assertThat(refused.call.outcome().flags().toString()).isEqualTo("UO");
    running.on(new Event.Head(1, response(200), true)).next(Command.Respond.class);
    assertThat(mesh.leases()).isZero();
  }

  @Test
  void anEmptyClusterIsSaidAsEnvoySaysIt() {
    mesh.cluster("reviews", CircuitBreakers.DEFAULTS);
    Driven call = mesh.outbound(get(), BodyTraits.NONE);
    Command.Reply reply = call.next(Command.Reply.class);
    assertThat(reply.head().status()).isEqualTo(503);
    assertThat(reply.body()).isEqualTo("no healthy upstream");
    call.finished();
    assertThat(call.call.outcome().flags().toString()).isEqualTo("UH");
    assertThat(call.call.outcome().failure())
        .contains("reviews", Refusal.NO_HEALTHY_UPSTREAM.name());
  }

  @Test
  void callersOfGrpcReadTheirOwnStatus() {
    mesh.cluster("reviews", CircuitBreakers.DEFAULTS);
    Driven call = mesh.outbound(get("content-type", "application/grpc"), BodyTraits.NONE);
    Command.Reply reply = call.next(Command.Reply.class);
    assertThat(reply.head().status()).isEqualTo(200);
    assertThat(reply.head().headers().first("grpc-status")).isEqualTo("14");
    assertThat(reply.head().headers().first("grpc-message")).isEqualTo("no healthy upstream");
    assertThat(reply.body()).isEmpty();
    call.finished();
  }

  @Test
  void theDeadlineOfTheServedRequestIsInherited() {
    CallContext served =
        new CallContext(
            mesh.now + 30 * MS, "id-1", io.inmesh.http.Connection.LOCAL, Headers.of("b3", "t"));
    RequestHead head = get();
    Driven call = mesh.outbound(head, BodyTraits.NONE, Capabilities.ALL, served);
    Command.Start start = call.next(Command.Start.class);
    assertThat(start.head().headers().first("x-request-id")).isEqualTo("id-1");
    assertThat(start.head().headers().first("b3")).isEqualTo("t");
    assertThat(call.call.deadlineNanos()).isEqualTo(mesh.now + 30 * MS);
    call.toDeadline().next(Command.Cancel.class);
    assertThat(call.next(Command.Reply.class).head().status()).isEqualTo(504);
    call.finished();
  }

  @Test
  void controlsOfTheApplicationAreDroppedAndNotObeyed() {
    RequestHead head =
        get(
            "x-envoy-retry-on", "5xx",
            "x-envoy-max-retries", "9",
            "x-envoy-upstream-rq-timeout-ms", "1",
            "x-forwarded-client-cert", "By=me",
            "x-envoy-original-path", "/kept");
    Driven call = mesh.outbound(head, BodyTraits.NONE);
    Headers sent = call.next(Command.Start.class).head().headers();
    assertThat(sent.contains("x-envoy-retry-on")).isFalse();
    assertThat(sent.contains("x-envoy-max-retries")).isFalse();
    assertThat(sent.contains("x-envoy-upstream-rq-timeout-ms")).isFalse();
    assertThat(sent.contains("x-forwarded-client-cert")).isFalse();
    assertThat(sent.first("x-envoy-original-path")).isEqualTo("/kept");
    call.on(new Event.Head(1, response(503), true));
    assertThat(call.next(Command.Respond.class).head().status()).isEqualTo(503);
    call.finished();
  }
}
