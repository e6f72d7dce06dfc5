package io.inmesh.call;

import static io.inmesh.call.CallHarness.MS;
import static io.inmesh.call.CallHarness.forward;
import static io.inmesh.call.CallHarness.get;
import static io.inmesh.call.CallHarness.lasting;
import static io.inmesh.call.CallHarness.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.config.StreamDuration;
import io.inmesh.filter.FilterStatus;
import io.inmesh.filter.LocalReply;
import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the application, and who called it, see of a served request. */
class InboundCallTest {
  private static final Connection FROM = Connection.plaintext("10.0.0.9", 8080, "10.0.0.1", 40000);
  private final CallHarness mesh = new CallHarness();
  private final List<String> log = new ArrayList<>();

  @Test
  void aRequestReachesTheApplicationAndItsResponseTheCaller() {
    mesh.action = forward();
    Driven call = mesh.inbound(get(), FROM);
    assertThat(call.next(Command.Dispatch.class).head().path()).isEqualTo("/reviews/1");
    call.later(3 * MS).on(new Event.AppHead(response(201, "server", "app")));
    Command.Respond respond = call.next(Command.Respond.class);
    assertThat(respond.head().status()).isEqualTo(201);
    assertThat(respond.head().headers().first("server")).isEqualTo("istio-envoy");
    assertThat(respond.head().headers().first("x-envoy-upstream-service-time")).isEqualTo("3");
    call.quiet().on(new Event.AppEnd(null)).finished();
    assertThat(call.call.outcome().details()).isEqualTo("via_upstream");
  }

  @Test
  void aRefusalNeverReachesTheApplicationAndSaysWhichPolicyItWas() {
    mesh.scripted.add(ScriptedFilter.passing("first", log));
    mesh.scripted.add(
        new ScriptedFilter(
            "rbac",
            log,
            call -> {
              call.policy("ns[shop]-policy[only-storefront]-rule[0]");
              call.reply(
                  LocalReply.of(
                      403,
                      "RBAC: access denied",
                      "rbac_access_denied_matched_policy[ns[shop]-policy[only-storefront]-rule[0]]"));
              return FilterStatus.REPLY;
            }));
    mesh.scripted.add(ScriptedFilter.passing("never", log));
    Driven call = mesh.inbound(get(), FROM);
    Command.Reply reply = call.next(Command.Reply.class);
    assertThat(reply.head().status()).isEqualTo(403);
    assertThat(reply.body()).isEqualTo("RBAC: access denied");
    assertThat(reply.head().headers().first("content-type")).isEqualTo("text/plain");
    assertThat(reply.head().headers().first("content-length")).isEqualTo("19");
    call.finished();
    assertThat(call.call.outcome().policy()).isEqualTo("ns[shop]-policy[only-storefront]-rule[0]");
    assertThat(log)
        .containsExactly(
            "first request",
            "rbac request",
            "never response",
            "rbac response",
            "first response",
            "never end",
            "rbac end",
            "first end");
  }

  @Test
  void aGrpcCallerReadsARefusalAsItsOwnStatus() {
    mesh.scripted.add(
        new ScriptedFilter(
            "rbac",
            log,
            call -> {
              call.reply(LocalReply.of(403, "RBAC: access denied", "x"));
              return FilterStatus.REPLY;
            }));
    Driven call = mesh.inbound(get("content-type", "application/grpc+proto"), FROM);
    Command.Reply reply = call.next(Command.Reply.class);
    assertThat(reply.head().status()).isEqualTo(200);
    assertThat(reply.head().headers().first("grpc-status")).isEqualTo("7");
    assertThat(reply.head().headers().first("grpc-message")).isEqualTo("RBAC: access denied");
    assertThat(reply.body()).isEmpty();
    call.finished();
  }

  @Test
  void theApplicationsFailureIsA503BeforeItsHeadAndABreakAfterIt() {
    Driven before = mesh.inbound(get(), FROM);
    before.next(Command.Dispatch.class);
    before.on(new Event.AppFailed("NullPointerException"));
    assertThat(before.next(Command.Reply.class).head().status()).isEqualTo(503);
    before.finished();
    assertThat(before.call.outcome().flags().toString()).isEqualTo("UC");
    assertThat(before.call.outcome().failure()).isEqualTo("NullPointerException");

    mesh.ended.clear();
    Driven after = mesh.inbound(get(), FROM);
    after.next(Command.Dispatch.class);
    after.on(new Event.AppHead(response(200))).next(Command.Respond.class);
    after.on(new Event.AppFailed("disk full"));
    assertThat(after.next(Command.Abort.class).why()).contains("disk full");
    after.finished();
  }

  @Test
  void whenTheCallerIsGoneFiltersEndAndTheApplicationsAnswerGoesNowhere() {
    mesh.scripted.add(ScriptedFilter.passing("a", log));
    Driven call = mesh.inbound(get(), FROM);
    call.next(Command.Dispatch.class);
    call.on(new Event.CallerGone()).finished();
    call.on(new Event.AppHead(response(200))).on(new Event.AppEnd(null)).quiet();
    assertThat(call.call.outcome().flags().toString()).isEqualTo("DC");
    assertThat(call.call.outcome().status()).isZero();
    assertThat(log).containsExactly("a request", "a end");
  }

  @Test
  void anApplicationThatIsTooSlowIsAnsweredForWith504() {
    mesh.action = forward(20 * MS, null, null, List.of());
    Driven call = mesh.inbound(get(), FROM);
    call.next(Command.Dispatch.class);
    call.toDeadline();
    Command.Reply reply = call.next(Command.Reply.class);
    assertThat(reply.head().status()).isEqualTo(504);
    assertThat(reply.body()).isEqualTo("upstream request timeout");
    call.finished();
    assertThat(call.call.outcome().details()).isEqualTo("response_timeout");
    call.on(new Event.AppHead(response(200))).quiet();
  }

  @Test
  void theDeadlineOfAGrpcCallerHoldsForTheApplicationAndForItsOwnCalls() {
    mesh.action = lasting(new StreamDuration(0, 0));
    Driven call =
        mesh.inbound(get("content-type", "application/grpc", "grpc-timeout", "30m"), FROM);
    call.next(Command.Dispatch.class);
    assertThat(call.call.context().deadlineNanos()).isEqualTo(mesh.now + 30 * MS);
    call.toDeadline();
    assertThat(call.next(Command.Reply.class).head().headers().first("grpc-status")).isEqualTo("4");
    call.finished();
  }

  @Test
  void responsePhaseAndTrailersPassTheFiltersInReverse() {
    mesh.responseEdits = (headers, values) -> headers.set("x-route", "edited");
    for (String name : List.of("a", "b", "c")) {
      mesh.scripted.add(ScriptedFilter.passing(name, log));
    }
    Driven call = mesh.inbound(get(), FROM);
    call.next(Command.Dispatch.class);
    assertThat(call.call.wantsResponse()).isTrue();
    call.on(new Event.AppHead(response(200)));
    Headers sent = call.next(Command.Respond.class).head().headers();
    assertThat(sent.first("x-seen")).isEqualTo("c,b,a");
    assertThat(sent.first("x-route")).isEqualTo("edited");
    call.on(new Event.AppEnd(Headers.of("grpc-status", "0")));
    assertThat(call.next(Command.Trailers.class).trailers().first("grpc-status")).isEqualTo("0");
    call.finished();
    assertThat(log)
        .containsExactly(
            "a request",
            "b request",
            "c request",
            "c response",
            "b response",
            "a response",
            "c trailers",
            "b trailers",
            "a trailers",
            "c end",
            "b end",
            "a end");
  }

  @Test
  void whatCallsOfTheApplicationInheritIsReadFromTheRequest() {
    Driven call =
        mesh.inbound(
            get("x-request-id", "id-7", "traceparent", "00-t", "x-b3-traceid", "b", "cookie", "c"),
            FROM);
    CallContext context = call.call.context();
    assertThat(context.requestId()).isEqualTo("id-7");
    assertThat(context.traceHeaders())
        .isEqualTo(Headers.of("traceparent", "00-t", "x-b3-traceid", "b"));
    assertThat(context.peer()).isSameAs(FROM);
  }
}
