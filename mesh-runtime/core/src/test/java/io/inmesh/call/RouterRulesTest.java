package io.inmesh.call;

import static io.inmesh.call.CallHarness.MS;
import static io.inmesh.call.CallHarness.forward;
import static io.inmesh.call.CallHarness.get;
import static io.inmesh.call.CallHarness.response;
import static io.inmesh.call.CallHarness.retry;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.config.CircuitBreakers;
import io.inmesh.config.HedgePolicy;
import io.inmesh.config.RetryOn;
import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Finer rules of Envoy's router: hedges, time-outs of streams, requests that outgrow the buffer.
 */
class RouterRulesTest {
  private final CallHarness mesh = new CallHarness();

  private void hedging(long timeoutNanos, int retries, RetryOn... on) {
    mesh.action =
        forward(timeoutNanos, retry(retries, 50 * MS, on), new HedgePolicy(true), List.of());
  }

  // ---- hedges

  @Test
  void aSoftTimeoutWithoutRetriesLeftLetsTheAttemptRunOn() {
    hedging(0, 1, RetryOn.FIVE_XX);
    Driven call = mesh.outbound(get(), BodyTraits.NONE);
    call.next(Command.Start.class);
    call.toDeadline().next(Command.Start.class);
    call.toDeadline().quiet();
    assertThat(mesh.leases()).isEqualTo(2);
    call.on(new Event.Head(2, response(200), true)).next(Command.Cancel.class);
    assertThat(call.next(Command.Respond.class).attempt()).isEqualTo(2);
    call.finished();
  }

  @Test
  void aHedgeIsStartedWhateverTheRetryConditionsAre() {
    hedging(0, 1, RetryOn.CONNECT_FAILURE);
    Driven call = mesh.outbound(get(), BodyTraits.NONE);
    call.next(Command.Start.class);
    call.toDeadline().next(Command.Start.class);
  }

  @Test
  void anAttemptThatWasHedgedIsNotRetriedAgain() {
    hedging(0, 3, RetryOn.FIVE_XX);
    Driven call = mesh.outbound(get(), BodyTraits.NONE);
    call.next(Command.Start.class);
    call.toDeadline().next(Command.Start.class);
    call.on(new Event.Failed(1, ResetKind.REMOTE_RESET, "reset")).quiet();
    call.on(new Event.Head(2, response(200), true));
    assertThat(call.next(Command.Respond.class).attempt()).isEqualTo(2);
    call.finished();
    assertThat(call.call.outcome().attempts()).isEqualTo(2);
  }

  @Test
  void aBadAnswerWaitsForARetryThatIsDueSoon() {
    hedging(0, 2, RetryOn.FIVE_XX);
    Driven call = mesh.outbound(get(), BodyTraits.NONE);
    call.next(Command.Start.class);
    call.toDeadline().next(Command.Start.class);
    call.on(new Event.Failed(2, ResetKind.REMOTE_RESET, "reset")).quiet();
    call.on(new Event.Head(1, response(503), false));
    assertThat(call.next(Command.Cancel.class).attempt()).isEqualTo(1);
    call.quiet().toDeadline();
    assertThat(call.next(Command.Start.class).attempt()).isEqualTo(3);
    call.on(new Event.Head(3, response(200), true)).next(Command.Respond.class);
    call.finished();
  }

  @Test
  void aHedgeThatFindsNoRoomDoesNotHarmTheAttemptItWasToHelp() {
    mesh.cluster("reviews", new CircuitBreakers(1024, 1024, 1, 3, -1, 3), "10.0.0.1", "10.0.0.2");
    hedging(0, 1, RetryOn.FIVE_XX);
    Driven call = mesh.outbound(get(), BodyTraits.NONE);
    call.next(Command.Start.class);
    call.toDeadline().quiet();
    call.on(new Event.Head(1, response(200), true));
    assertThat(call.next(Command.Respond.class).attempt()).isEqualTo(1);
    call.finished();
  }

  @Test
  void theRouteTimeoutEndsAllHedges() {
    hedging(120 * MS, 1, RetryOn.FIVE_XX);
    Driven call = mesh.outbound(get(), BodyTraits.NONE);
    call.next(Command.Start.class);
    call.toDeadline().next(Command.Start.class);
    call.toDeadline().quiet().toDeadline();
    call.next(Command.Cancel.class);
    call.next(Command.Cancel.class);
    assertThat(call.next(Command.Reply.class).head().status()).isEqualTo(504);
    call.finished();
  }

  // ---- time

  @Test
  void aStreamWhoseCallerStillSendsHasNoRouteTimeoutYet() {
    mesh.action = forward(100 * MS, null, null, List.of());
    Driven call = mesh.outbound(get(), BodyTraits.REPLAYABLE);
    call.next(Command.Start.class);
    call.on(new Event.Head(1, response(200), false)).next(Command.Respond.class);
    call.later(5_000 * MS).quiet();
    call.on(new Event.RequestSent(1));
    assertThat(call.call.deadlineNanos()).isEqualTo(mesh.now + 100 * MS);
    call.toDeadline().next(Command.Cancel.class);
    call.next(Command.Abort.class);
    call.finished();
  }

  @Test
  void aTunnelIsNeverEndedByTheRoutesTimeout() {
    mesh.action = forward(100 * MS, null, null, List.of());
    Driven call = mesh.outbound(get("upgrade", "websocket"), BodyTraits.DUPLEX);
    call.next(Command.Start.class);
    call.on(new Event.RequestSent(1)).on(new Event.Head(1, response(101), false));
    call.next(Command.Respond.class);
    call.later(5_000 * MS).quiet();
    call.on(new Event.End(1, null)).finished();
  }

  @Test
  void aPerTryTimeoutOfARequestWithABodyStartsWhenItIsComplete() {
    mesh.action = forward(0, retry(1, 50 * MS, RetryOn.FIVE_XX), null, List.of());
    Driven call = mesh.outbound(get(), BodyTraits.REPLAYABLE);
    call.next(Command.Start.class);
    call.later(400 * MS).quiet().on(new Event.RequestSent(1));
    assertThat(call.call.deadlineNanos()).isEqualTo(mesh.now + 50 * MS);
    call.toDeadline().next(Command.Cancel.class);
    call.toDeadline().next(Command.Start.class);
    assertThat(call.call.deadlineNanos()).as("complete once").isEqualTo(mesh.now + 50 * MS);
  }

  @Test
  void theServedRequestsDeadlineHoldsForUnfinishedRequestsToo() {
    CallContext served = new CallContext(mesh.now + 30 * MS, null, Connection.LOCAL, new Headers());
    Driven call = mesh.outbound(get(), BodyTraits.ONE_SHOT, Capabilities.ALL, served);
    call.next(Command.Start.class);
    call.toDeadline().next(Command.Cancel.class);
    assertThat(call.next(Command.Reply.class).head().status()).isEqualTo(504);
    call.finished();
  }

  @Test
  void aResponseBeforeTheRequestIsCompleteHasNoServiceTime() {
    Driven call = mesh.outbound(get(), BodyTraits.REPLAYABLE);
    call.next(Command.Start.class);
    call.later(9 * MS).on(new Event.Head(1, response(413), true));
    assertThat(call.next(Command.Respond.class).head().headers())
        .matches(headers -> !headers.contains("x-envoy-upstream-service-time"));
    call.finished();
  }

  // ---- what cannot be sent again

  @Test
  void aRequestThatOutgrowsTheBufferDuringABackOffIsAnswered507() {
    mesh.action = forward(0, retry(2, RetryOn.CONNECT_FAILURE), null, List.of());
    Driven call = mesh.outbound(get(), BodyTraits.REPLAYABLE);
    call.next(Command.Start.class);
    call.on(new Event.Failed(1, ResetKind.CONNECT_FAILURE, "refused")).quiet();
    call.on(new Event.RetainOverflow());
    assertThat(call.next(Command.Reply.class).head().status()).isEqualTo(507);
    call.finished();
    assertThat(call.call.outcome().details())
        .isEqualTo("request_payload_exceeded_retry_buffer_limit");
  }

  @Test
  void aPeerThatBreaksTheProtocolIsABadGateway() {
    Driven call = mesh.outbound(get(), BodyTraits.NONE);
    call.next(Command.Start.class);
    call.on(new Event.Failed(1, ResetKind.PROTOCOL_ERROR, "no status line"));
    assertThat(call.next(Command.Reply.class).head().status()).isEqualTo(502);
    call.finished();
    assertThat(call.call.outcome().flags().toString()).isEqualTo("UPE");
  }

  @Test
  void statusWordsOfGrpcAreRetried() {
    mesh.action = forward(0, retry(1, RetryOn.UNAVAILABLE), null, List.of());
    Driven call = mesh.outbound(get("content-type", "application/grpc"), BodyTraits.REPLAYABLE);
    call.next(Command.Start.class);
    call.on(new Event.Head(1, response(200, "grpc-status", "14"), true)).next(Command.Cancel.class);
    call.toDeadline().next(Command.Start.class);
    call.on(new Event.Head(2, response(200), false)).next(Command.Respond.class);
    call.on(new Event.End(2, Headers.of("grpc-status", "14")));
    assertThat(call.next(Command.Trailers.class).trailers().first("grpc-status")).isEqualTo("14");
    call.finished();
  }
}
